//! GitHub's packages API: the images of a registry that keeps a number of its own for each, and removes them by it.

use std::collections::BTreeSet;

use serde::Deserialize;

use crate::distribution::Removed;
use crate::error::{Error, Result};
use crate::http::{Answer, Client, Method, Request, Response};
use crate::retention::Digest;
use crate::timestamp::Timestamp;

/// The version of the API whose answers are understood.
const VERSION: &str = "2022-11-28";
/// What a page has at most.
const PER_PAGE: usize = 100;
/// The most pages of a list; a server that goes on for ever is not followed.
const MOST_PAGES: usize = 10_000;

/// One version of a package, as the API lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// What it is removed by.
    pub id: u64,
    /// Of its manifest.
    pub digest: Digest,
    /// The tags that mean it.
    pub tags: Vec<String>,
    /// When it was pushed first.
    pub created: Timestamp,
    /// When it changed.
    pub updated: Timestamp,
}

/// Where a package is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The path of the API, from the first slash.
    path: String,
    /// How many versions the API says there are.
    count: Option<u64>,
}

/// The API.
pub struct Packages<'a> {
    http: &'a Client<'a>,
    base: String,
    token: Option<String>,
}

#[derive(Deserialize)]
struct RawPackage {
    version_count: Option<u64>,
}

#[derive(Deserialize)]
struct RawVersion {
    id: u64,
    name: String,
    created_at: Timestamp,
    updated_at: Timestamp,
    metadata: RawMetadata,
}

#[derive(Deserialize)]
struct RawMetadata {
    container: RawContainer,
}

#[derive(Deserialize)]
struct RawContainer {
    #[serde(default)]
    tags: Vec<String>,
}

impl<'a> Packages<'a> {
    /// The API at `base`. Without a token GitHub tells nothing about packages.
    #[must_use]
    pub fn new(http: &'a Client<'a>, base: &str, token: Option<&str>) -> Self {
        Self {
            http,
            base: base.trim_end_matches('/').to_owned(),
            token: token.map(str::to_owned),
        }
    }

    /// Where a package is: `path` is what follows the registry in its name, `owner/name`. `None` if the API knows none,
    /// or does not tell this token of it.
    ///
    /// # Errors
    /// The API refuses (exit 2), or does not answer (exit 3).
    pub fn find(&self, path: &str) -> Result<Option<Place>> {
        let Some((owner, name)) = path.split_once('/') else {
            return Err(Error::usage(format!("`{path}` is no package of an owner"))
                .help("write the owner into `registry.namespace`"));
        };
        let name = name.replace('/', "%2F");
        for kind in ["orgs", "users"] {
            let path = format!("/{kind}/{owner}/packages/container/{name}");
            let response = self.ask(Method::Get, &format!("{}{path}", self.base))?;
            let response = response.map_err(|why| self.failed(why))?;
            match response.status {
                200 => {
                    let package: RawPackage = self.parse(&response)?;
                    return Ok(Some(Place {
                        path,
                        count: package.version_count,
                    }));
                }
                404 => {}
                _ => return Err(self.refused(&response)),
            }
        }
        Ok(None)
    }

    /// All versions of a package but those of `gone`, which were removed: lists and counts lag behind.
    ///
    /// # Errors
    /// The API does not list them all, or not in a way that can be understood (exit 3).
    pub fn versions(&self, place: &Place, gone: &BTreeSet<u64>) -> Result<Vec<Listed>> {
        let start = format!("{}{}/versions", self.base, place.path);
        let mut url = format!("{start}?per_page={PER_PAGE}");
        let mut versions: Vec<Listed> = Vec::new();
        let mut known = BTreeSet::new();
        for _ in 0..MOST_PAGES {
            let response = self
                .ask(Method::Get, &url)?
                .map_err(|why| self.failed(why))?;
            if response.status != 200 {
                return Err(self.refused(&response));
            }
            let page: Vec<RawVersion> = self.parse(&response)?;
            for raw in page {
                let digest = raw.name.parse().map_err(|why| self.failed(why))?;
                // A push in the meantime moves everything back by one: what was on this page is on the next one, too.
                if known.insert(raw.id) {
                    versions.push(Listed {
                        id: raw.id,
                        digest,
                        tags: raw.metadata.container.tags,
                        created: raw.created_at,
                        updated: raw.updated_at,
                    });
                }
            }
            match response.next() {
                None => return self.complete(place, versions, gone),
                // The token goes with it.
                Some(next) if next.starts_with(&start) => next.clone_into(&mut url),
                Some(_) => return Err(self.failed("the list goes on at another server")),
            }
        }
        Err(self.failed("the list of versions has no end"))
    }

    /// A list that lacks a version may lack the one that needs all others.
    fn complete(
        &self,
        place: &Place,
        mut versions: Vec<Listed>,
        gone: &BTreeSet<u64>,
    ) -> Result<Vec<Listed>> {
        versions.retain(|version| !gone.contains(&version.id));
        let known = versions.len() + gone.len();
        match place.count {
            Some(count) if (known as u64) < count => {
                Err(self.failed(format!("it lists {known} of {count} versions")))
            }
            _ => Ok(versions),
        }
    }

    /// Removes a version.
    ///
    /// # Errors
    /// The API does not answer (exit 3).
    pub fn remove(&self, place: &Place, id: u64) -> Result<Removed> {
        let url = format!("{}{}/versions/{id}", self.base, place.path);
        let answer = self.ask(Method::Delete, &url)?;
        Removed::of(answer).map_err(|why| self.failed(why))
    }

    /// Puts a version back that was removed in the last 30 days.
    ///
    /// # Errors
    /// The API refuses, as it does after that time, or does not answer (exit 3).
    pub fn restore(&self, place: &Place, id: u64) -> Result<()> {
        let url = format!("{}{}/versions/{id}/restore", self.base, place.path);
        let response = self
            .ask(Method::Post, &url)?
            .map_err(|why| self.failed(why))?;
        if response.is_success() {
            Ok(())
        } else {
            Err(self.failed(response.complaint()))
        }
    }

    fn ask(&self, method: Method, url: &str) -> Result<Answer> {
        let mut request = Request::new(method, url)
            .header("Accept", "application/vnd.github+json")
            .header("X-GitHub-Api-Version", VERSION)
            .header(
                "User-Agent",
                concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION")),
            );
        if let Some(token) = &self.token {
            request = request.header("Authorization", format!("Bearer {token}"));
        }
        self.http.ask_one(&request)
    }

    fn parse<T: serde::de::DeserializeOwned>(&self, response: &Response) -> Result<T> {
        serde_json::from_slice(&response.body)
            .map_err(|error| self.failed(format!("what it says cannot be understood: {error}")))
    }

    fn failed(&self, why: impl std::fmt::Display) -> Error {
        Error::missing(format!("the packages API at {} cannot be asked", self.base))
            .because(why)
            .help("run the command again; nothing is removed of what is not known")
    }

    fn refused(&self, response: &Response) -> Error {
        let error = match response.status {
            401 | 403 => Error::usage(format!("the packages API at {} refuses", self.base)),
            _ => return self.failed(response.complaint()),
        };
        let error = error.because(response.complaint());
        match self.token {
            None => error.help("set GITHUB_TOKEN, or GH_TOKEN, to a token that may read and delete packages"),
            Some(_) => error.help(
                "the token needs `read:packages` and `delete:packages`; that of a workflow needs `packages: write`, and its \
                 repository the role Admin in the package's settings",
            ),
        }
    }
}
