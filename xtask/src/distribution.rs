//! A registry, by the OCI distribution specification: tags, manifests, referrers, and removing them.
//!
//! `engine::registry` asks about single tags through `docker`; this asks for everything a registry has under a name,
//! which no command of `docker` does.

mod authorization;
mod credentials;
mod outcome;

use std::cell::RefCell;
use std::collections::BTreeMap;

use self::authorization::{Authorization, Challenge};
pub use self::credentials::{Credentials, find as find_credentials};
use self::outcome::fetched;
pub use self::outcome::{Fetched, Removed};
use crate::error::{Error, Result};
use crate::http::{Answer, Client, Method, Request, Response};
use crate::retention::{Digest, MEDIA_TYPES};

/// The most pages of a list; a server that goes on for ever is not followed.
const MOST_PAGES: usize = 10_000;

/// A registry.
pub struct Registry<'a> {
    http: &'a Client<'a>,
    host: String,
    credentials: Option<Credentials>,
    /// What was granted, by repository and what for.
    granted: RefCell<BTreeMap<(String, Access), Authorization>>,
}

/// What is to be done in a repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Access {
    Read,
    Write,
    Remove,
}

impl Access {
    const fn actions(self) -> &'static str {
        match self {
            Self::Read => "pull",
            Self::Write => "pull,push",
            Self::Remove => "pull,push,delete",
        }
    }
}

impl<'a> Registry<'a> {
    /// The registry of a host, with its port if it has one.
    #[must_use]
    pub fn new(http: &'a Client<'a>, host: &str, credentials: Option<Credentials>) -> Self {
        Self {
            http,
            host: host.to_owned(),
            credentials,
            granted: RefCell::default(),
        }
    }

    /// The tags of a repository, `None` if the registry knows no such repository.
    ///
    /// # Errors
    /// The registry refuses (exit 2), or does not answer in a way that can be understood (exit 3).
    pub fn tags(&self, repository: &str) -> Result<Option<Vec<String>>> {
        #[derive(serde::Deserialize)]
        struct Page {
            tags: Option<Vec<String>>,
        }
        let mut path = format!("/v2/{repository}/tags/list?n=1000");
        let mut tags = Vec::new();
        for _ in 0..MOST_PAGES {
            let url = self.url(&path);
            let request = Request::new(Method::Get, url);
            let answer = self.ask(repository, Access::Read, &[request])?.pop();
            let response = match answer {
                Some(Ok(response)) => response,
                Some(Err(why)) => return Err(self.not_asked(repository, why)),
                None => return Err(self.not_asked(repository, "there is no answer")),
            };
            match response.status {
                200 => {}
                404 => return Ok(None),
                401 | 403 => return Err(self.refused(repository, &response)),
                _ => return Err(self.not_asked(repository, response.complaint())),
            }
            let page: Page = serde_json::from_slice(&response.body).map_err(|error| {
                self.not_asked(repository, format!("its list of tags is no list: {error}"))
            })?;
            tags.extend(page.tags.unwrap_or_default());
            match self.next(&response) {
                None => return Ok(Some(tags)),
                Some(next) => path = next.map_err(|why| self.not_asked(repository, why))?,
            }
        }
        Err(self.not_asked(repository, "its list of tags has no end"))
    }

    /// The manifests of references, in their order. What is asked for by digest is what it is called, or unreadable.
    ///
    /// # Errors
    /// Curl cannot be started, or somebody stopped it.
    pub fn manifests(&self, repository: &str, references: &[String]) -> Result<Vec<Fetched>> {
        let request = |reference: &String| {
            let url = self.url(&format!("/v2/{repository}/manifests/{reference}"));
            Request::new(Method::Get, url).header("Accept", MEDIA_TYPES.join(", "))
        };
        let requests: Vec<Request> = references.iter().map(request).collect();
        let answers = self.ask(repository, Access::Read, &requests)?;
        let fetched = |(reference, answer): (&String, Answer)| fetched(reference, answer);
        Ok(references.iter().zip(answers).map(fetched).collect())
    }

    /// What tags mean, in their order; `None` where the registry says that there is no such tag, an error where nobody
    /// knows.
    ///
    /// # Errors
    /// Curl cannot be started, or somebody stopped it.
    pub fn digests(
        &self,
        repository: &str,
        tags: &[String],
    ) -> Result<Vec<std::result::Result<Option<Digest>, String>>> {
        let request = |tag: &String| {
            let url = self.url(&format!("/v2/{repository}/manifests/{tag}"));
            Request::new(Method::Head, url).header("Accept", MEDIA_TYPES.join(", "))
        };
        let requests: Vec<Request> = tags.iter().map(request).collect();
        let answers = self.ask(repository, Access::Read, &requests)?;
        let digest = |answer: Answer| {
            let response = answer?;
            match (response.status, response.header("docker-content-digest")) {
                (200, Some(digest)) => digest.parse().map(Some),
                (200, None) => Err("the registry does not tell its digest".to_owned()),
                (404, _) => Ok(None),
                _ => Err(response.complaint()),
            }
        };
        Ok(answers.into_iter().map(digest).collect())
    }

    /// What is about each of these manifests; `None` if the registry has no API for that. It is then told by tags.
    ///
    /// # Errors
    /// The registry has the API, and what it says cannot be understood (exit 3).
    pub fn referrers(
        &self,
        repository: &str,
        subjects: &[Digest],
    ) -> Result<Option<Vec<Vec<Digest>>>> {
        #[derive(serde::Deserialize)]
        struct Page {
            manifests: Vec<Descriptor>,
        }
        #[derive(serde::Deserialize)]
        struct Descriptor {
            digest: Digest,
        }
        let mut found: Vec<Vec<Digest>> = vec![Vec::new(); subjects.len()];
        let path = |subject: &Digest| format!("/v2/{repository}/referrers/{subject}");
        let mut open: Vec<(usize, String)> = subjects.iter().map(path).enumerate().collect();
        for _ in 0..MOST_PAGES {
            if open.is_empty() {
                return Ok(Some(found));
            }
            let request = |(_, path): &(usize, String)| Request::new(Method::Get, self.url(path));
            let requests: Vec<Request> = open.iter().map(request).collect();
            let answers = self.ask(repository, Access::Read, &requests)?;
            let mut more = Vec::new();
            for ((index, _), answer) in open.into_iter().zip(answers) {
                let wrong = |why: String| {
                    self.not_asked(repository, format!("what is about its images: {why}"))
                };
                let response = answer.map_err(wrong)?;
                match response.status {
                    200 => {}
                    // "If the registry supports the API, it MUST NOT return 404": no answer is the answer that it does not.
                    404 | 405 => return Ok(None),
                    _ => return Err(wrong(response.complaint())),
                }
                let page: Page = serde_json::from_slice(&response.body)
                    .map_err(|error| wrong(error.to_string()))?;
                found[index].extend(page.manifests.into_iter().map(|it| it.digest));
                if let Some(next) = self.next(&response) {
                    more.push((index, next.map_err(wrong)?));
                }
            }
            open = more;
        }
        Err(self.not_asked(
            repository,
            "the list of what is about its images has no end",
        ))
    }

    /// Blobs whose bytes are wanted, in their order.
    ///
    /// # Errors
    /// Curl cannot be started, or somebody stopped it.
    pub fn blobs(&self, repository: &str, digests: &[Digest]) -> Result<Vec<Fetched>> {
        let request = |digest: &Digest| {
            Request::new(
                Method::Get,
                self.url(&format!("/v2/{repository}/blobs/{digest}")),
            )
        };
        let requests: Vec<Request> = digests.iter().map(request).collect();
        let answers = self.ask(repository, Access::Read, &requests)?;
        let pairs = answers.into_iter().zip(digests);
        pairs
            .map(|(answer, digest)| match answer {
                // Large registries keep blobs elsewhere, where no login of theirs is wanted.
                Ok(response) if matches!(response.status, 301..=308) => {
                    self.elsewhere(digest, &response)
                }
                answer => Ok(fetched(digest.as_str(), answer)),
            })
            .collect()
    }

    fn elsewhere(&self, digest: &Digest, response: &Response) -> Result<Fetched> {
        let Some(url) = response
            .header("location")
            .filter(|it| it.starts_with("http"))
        else {
            return Ok(Fetched::Unreadable("the registry sends nowhere".to_owned()));
        };
        let answer = self.http.ask_one(&Request::new(Method::Get, url))?;
        Ok(fetched(digest.as_str(), answer))
    }

    /// Whether blobs are there, in their order; an error where nobody knows.
    ///
    /// # Errors
    /// Curl cannot be started, or somebody stopped it.
    pub fn has_blobs(
        &self,
        repository: &str,
        digests: &[Digest],
    ) -> Result<Vec<std::result::Result<bool, String>>> {
        let request = |digest: &Digest| {
            Request::new(
                Method::Head,
                self.url(&format!("/v2/{repository}/blobs/{digest}")),
            )
        };
        let requests: Vec<Request> = digests.iter().map(request).collect();
        let answers = self.ask(repository, Access::Read, &requests)?;
        let is_there = |answer: Answer| {
            let response = answer?;
            match response.status {
                200 | 301..=308 => Ok(true),
                404 => Ok(false),
                _ => Err(response.complaint()),
            }
        };
        Ok(answers.into_iter().map(is_there).collect())
    }

    /// Removes a manifest, and with it the tags that mean it.
    ///
    /// # Errors
    /// The registry does not answer (exit 3).
    pub fn remove(&self, repository: &str, digest: &Digest) -> Result<Removed> {
        let url = self.url(&format!("/v2/{repository}/manifests/{digest}"));
        let request = Request::new(Method::Delete, url);
        let answer = self.one(repository, Access::Remove, request)?;
        Removed::of(answer).map_err(|why| self.not_asked(repository, why))
    }

    /// Writes a manifest under a tag or its digest.
    ///
    /// # Errors
    /// The registry refuses, or does not answer (exit 3).
    pub fn put(
        &self,
        repository: &str,
        reference: &str,
        media_type: &str,
        manifest: &[u8],
    ) -> Result<()> {
        let url = self.url(&format!("/v2/{repository}/manifests/{reference}"));
        let mut request = Request::new(Method::Put, url).header("Content-Type", media_type);
        request.body = Some(manifest.to_vec());
        let answer = self.one(repository, Access::Write, request)?;
        match answer {
            Ok(response) if response.is_success() => Ok(()),
            Ok(response) => Err(self.not_asked(repository, response.complaint())),
            Err(why) => Err(self.not_asked(repository, why)),
        }
    }

    fn one(&self, repository: &str, access: Access, request: Request) -> Result<Answer> {
        let answer = self.ask(repository, access, &[request])?.pop();
        Ok(answer.unwrap_or_else(|| Err("there is no answer".to_owned())))
    }

    /// Asks with what was granted, and where that is not enough, asks for more and then once again.
    fn ask(&self, repository: &str, access: Access, requests: &[Request]) -> Result<Vec<Answer>> {
        let key = (repository.to_owned(), access);
        let with = |request: &Request| {
            let granted = self.granted.borrow();
            match granted.get(&key) {
                Some(authorization) => request
                    .clone()
                    .header("Authorization", authorization.value()),
                None => request.clone(),
            }
        };
        let is_first = !self.granted.borrow().contains_key(&key);
        let mut answers = Vec::with_capacity(requests.len());
        let mut rest = requests;
        if is_first && requests.len() > 1 {
            // One of them learns what all need.
            let first = self.ask(repository, access, &requests[..1])?;
            answers.extend(first);
            rest = &requests[1..];
        }
        let asked: Vec<Request> = rest.iter().map(with).collect();
        answers.extend(self.http.ask(&asked)?);
        let refused = |answer: &Answer| matches!(answer, Ok(response) if response.status == 401);
        let again: Vec<usize> = (0..answers.len())
            .filter(|index| refused(&answers[*index]))
            .collect();
        let Some(Ok(response)) = again.first().map(|index| &answers[*index]) else {
            return Ok(answers);
        };
        let Some(challenge) = Challenge::of(response) else {
            return Ok(answers);
        };
        let granted = challenge.answer(
            self.http,
            repository,
            access.actions(),
            self.credentials.as_ref(),
        )?;
        let Some(authorization) = granted else {
            return Ok(answers);
        };
        self.granted.borrow_mut().insert(key.clone(), authorization);
        let asked: Vec<Request> = again.iter().map(|index| with(&requests[*index])).collect();
        let second = self.http.ask(&asked)?;
        for (index, answer) in again.into_iter().zip(second) {
            answers[index] = answer;
        }
        Ok(answers)
    }

    fn url(&self, path: &str) -> String {
        // As docker does: what is on this machine needs no certificate.
        let name = self
            .host
            .rsplit_once(':')
            .map_or(self.host.as_str(), |it| it.0);
        let is_local = name == "localhost" || name == "[::1]" || name.starts_with("127.");
        let scheme = if is_local { "http" } else { "https" };
        format!("{scheme}://{}{path}", self.host)
    }

    /// The path of the next page. It must be of the same registry: what is granted goes with it.
    fn next(&self, response: &Response) -> Option<std::result::Result<String, String>> {
        let next = response.next()?;
        let own = self.url("");
        let path = next.strip_prefix(&own).unwrap_or(next);
        Some(if path.starts_with("/v2/") {
            Ok(path.to_owned())
        } else {
            Err("its list goes on at another server".to_owned())
        })
    }

    fn not_asked(&self, repository: &str, why: impl std::fmt::Display) -> Error {
        Error::missing(format!("{} cannot be asked about {repository}", self.host))
            .because(why)
            .help("check the network and the registry, and run the command again")
    }

    fn refused(&self, repository: &str, response: &Response) -> Error {
        let error = Error::usage(format!("{} does not tell about {repository}", self.host))
            .because(response.complaint());
        match self.credentials {
            Some(_) => error.help("log in as somebody who may read and remove its images"),
            None => error.help(format!("log in: `docker login {}`", self.host)),
        }
    }
}
