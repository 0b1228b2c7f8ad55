//! Fetching the advisories of ecosystems, as OSV publishes them: one ZIP file each.
//!
//! curl or wget does the talking; it gets the address through standard input, as that may hold a password. What was
//! fetched takes the place of what was there only when it is complete and a ZIP file.

use std::fs::File;
use std::io::Read;
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use sha2::{Digest, Sha256};

use crate::atomic_file;
use crate::engine::lock::Lock;
use crate::error::{Error, Exit, Result};
use crate::process::{Command, Output, Runner};
use crate::scan::collection::{FETCHED_FILE, Fetched};
use crate::scan::ecosystem::Ecosystem;
use crate::scan::zip::Zip;

mod client;

use client::{Answer, Client, Request};

/// Where OSV publishes its data (google.github.io/osv.dev/data).
pub const PUBLIC_URL: &str =
    "https://osv-vulnerabilities.storage.googleapis.com/{ecosystem}/all.zip";
/// What stands for the ecosystem in an address.
const PLACEHOLDER: &str = "{ecosystem}";
/// How long to wait for another process that fetches into the same folder.
const PATIENCE: Duration = Duration::from_mins(30);

/// What became of one ecosystem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It came anew.
    New(Fetched),
    /// The server has nothing newer than what is there.
    Unchanged(Fetched),
}

impl Outcome {
    /// What lies there now.
    #[must_use]
    pub const fn fetched(&self) -> &Fetched {
        match self {
            Self::New(fetched) | Self::Unchanged(fetched) => fetched,
        }
    }
}

/// Fetches the advisories of each ecosystem into `data`, one folder each; one that fails does not keep the others from
/// coming. `url` has `{ecosystem}` where its name belongs; `now` is in seconds since 1970.
///
/// # Errors
/// If `url` is none, no program can fetch, or another process fetches into the same folder. What went wrong with an
/// ecosystem stands at its place: exit 3, and what was there before is untouched.
pub fn update(
    runner: &dyn Runner,
    data: &Utf8Path,
    url: &str,
    ecosystems: &[Ecosystem],
    now: u64,
) -> Result<Vec<(Ecosystem, Result<Outcome>)>> {
    check(url)?;
    let client = Client::find(runner)?;
    std::fs::create_dir_all(data)
        .map_err(|e| Error::usage(format!("failed to make the folder {data}")).because(e))?;
    let _lock = Lock::take(&data.join(".lock"), PATIENCE, &|| ())?;
    let mut outcomes = Vec::new();
    for ecosystem in ecosystems {
        let place = Place {
            runner,
            client,
            url: url.replace(PLACEHOLDER, ecosystem.name()),
            folder: data.join(ecosystem.name()),
            ecosystem: *ecosystem,
        };
        let outcome = place.update(now);
        if let Err(error) = &outcome
            && error.exit() == Exit::Interrupted
        {
            return Err(error.clone());
        }
        outcomes.push((*ecosystem, outcome));
    }
    Ok(outcomes)
}

/// Only web addresses are fetched from, and each ecosystem has its own.
fn check(url: &str) -> Result<()> {
    let is_web = url.starts_with("https://") || url.starts_with("http://");
    let is_plain = url
        .bytes()
        .all(|byte| byte.is_ascii_graphic() && !b"\"\\".contains(&byte));
    if is_web && is_plain && url.contains(PLACEHOLDER) {
        return Ok(());
    }
    let example = format!("give a web address with `{PLACEHOLDER}` in it, such as {PUBLIC_URL}");
    Err(Error::usage(format!(
        "advisories cannot be fetched from `{}`",
        shown(url)
    ))
    .help(example))
}

/// An address without the name and password in it, and without a query, which may be a signature.
fn shown(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    let end = rest.find('/').unwrap_or(rest.len());
    let (host, path) = rest.split_at(end);
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    format!("{scheme}://{host}{path}")
}

/// One ecosystem's folder and where it comes from.
struct Place<'a> {
    runner: &'a dyn Runner,
    client: Client,
    url: String,
    folder: Utf8PathBuf,
    ecosystem: Ecosystem,
}

impl Place<'_> {
    fn update(&self, now: u64) -> Result<Outcome> {
        std::fs::create_dir_all(&self.folder).map_err(|e| {
            Error::usage(format!("failed to make the folder {}", self.folder)).because(e)
        })?;
        let zip = self.folder.join("all.zip");
        let known = self.known().filter(|known| {
            known.url == shown(&self.url)
                && zip
                    .metadata()
                    .is_ok_and(|metadata| metadata.len() == known.bytes)
        });
        let part = self.folder.join("all.zip.part");
        let request = Request {
            url: &self.url,
            known_tag: known.as_ref().and_then(|known| known.tag.as_deref()),
            into: &part,
        };
        match self.client.fetch(self.runner, &request)? {
            Answer::Unchanged => {
                let Some(mut fetched) = known else {
                    return Err(self
                        .failed("the server says that nothing has changed, but nothing is there"));
                };
                fetched.fetched = now;
                self.note(&fetched)?;
                Ok(Outcome::Unchanged(fetched))
            }
            Answer::Failed(why) => Err(self.failed(&why)),
            Answer::Fetched { tag } => {
                let fetched = self.checked(&part, tag, now).inspect_err(|_| {
                    // What is no ZIP file is of no use for going on either.
                    let _ = std::fs::remove_file(&part);
                })?;
                std::fs::rename(&part, &zip)
                    .map_err(|e| Error::usage(format!("failed to write {zip}")).because(e))?;
                self.note(&fetched)?;
                Ok(Outcome::New(fetched))
            }
        }
    }

    fn known(&self) -> Option<Fetched> {
        serde_json::from_slice(&std::fs::read(self.folder.join(FETCHED_FILE)).ok()?).ok()
    }

    /// What was fetched, if it is a ZIP file.
    fn checked(&self, part: &Utf8Path, tag: Option<String>, now: u64) -> Result<Fetched> {
        let unreadable =
            |e: std::io::Error| Error::usage(format!("failed to read {part}")).because(e);
        let mut file = File::open(part).map_err(unreadable)?;
        let (sha256, bytes) = digest(&mut file).map_err(unreadable)?;
        let zip = Zip::open(file).map_err(|why| self.failed(&why))?;
        if zip.entries() == 0 {
            return Err(self.failed("the file has no entries"));
        }
        Ok(Fetched {
            url: shown(&self.url),
            fetched: now,
            bytes,
            sha256,
            tag,
        })
    }

    fn note(&self, fetched: &Fetched) -> Result<()> {
        let text = serde_json::to_string_pretty(fetched)
            .map_err(|e| Error::failed("failed to note what was fetched").because(e))?;
        atomic_file::write(&self.folder.join(FETCHED_FILE), text + "\n")
    }

    fn failed(&self, why: &str) -> Error {
        let name = self.ecosystem.name();
        Error::missing(format!("failed to fetch the advisories of {name} from {}", shown(&self.url)))
            .because(why)
            .help(format!(
                "try again with a network, or copy OSV records into {} by hand; what is there is still used",
                self.folder
            ))
    }
}

/// SHA-256 in hexadecimal, and the number of bytes.
fn digest(file: &mut impl Read) -> std::io::Result<(String, u64)> {
    use std::fmt::Write as _;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    let mut bytes = 0;
    loop {
        match file.read(&mut buffer)? {
            0 => break,
            read => {
                hasher.update(&buffer[..read]);
                bytes += read as u64;
            }
        }
    }
    let mut text = String::new();
    for byte in hasher.finalize() {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    Ok((text, bytes))
}

#[cfg(test)]
mod tests;
