//! What a registry says about a tag: asked through `docker buildx imagetools`, with the logins and settings of `docker`.

mod create;

use std::time::Duration;

use serde::Deserialize;

use super::private::PrivateEngine;
use super::probe::{self, Lack};
use super::select::EngineChoice;
use super::standin::digest;
use super::{Engine, EngineKind, Means};
use crate::error::{Error, Result};
use crate::process::{Command, Output, Runner};

/// How long a registry may take to answer one question.
pub const LIMIT: Duration = Duration::from_secs(30);

/// What a registry has under a name, as it is stored.
#[derive(Clone, Debug)]
pub struct Document {
    /// Of the bytes: `sha256:…`.
    pub digest: String,
    /// JSON: an index, or the manifest of an image.
    pub bytes: Vec<u8>,
}

/// What a tag points to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// Of the index that holds the images of all platforms where there is one, else of the image: `sha256:…`.
    pub digest: String,
    /// The images in the index, by digest; none where there is no index.
    pub members: Vec<String>,
}

/// A client that can ask registries. No daemon is needed for that, only `docker` with buildx.
#[derive(Clone, Debug)]
pub struct Client {
    /// `docker`, with the variables it needs.
    docker: Command,
    /// The engine in whose network it asks, where that is another one than the machine's.
    network: Option<PrivateEngine>,
}

/// The part of an index and of an image's manifest that counts here.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawManifest {
    schema_version: u32,
    #[serde(default)]
    manifests: Vec<RawMember>,
}

#[derive(Deserialize)]
struct RawMember {
    digest: String,
}

impl Client {
    /// The machine's `docker` where it has buildx, else the private engine's, which is started if need be: its builds
    /// and its client see the same network.
    ///
    /// # Errors
    /// If there is none: names what is missing.
    pub fn find(means: Means<'_>, choice: EngineChoice, private: &PrivateEngine) -> Result<Self> {
        if choice != EngineChoice::Private {
            let probe = probe::probe(means.runner, &Command::new("docker"))?;
            let lacks = probe.lacks();
            let needed = |lack: &&Lack| !matches!(lack, Lack::Daemon(_) | Lack::OldDaemon(_));
            let Some(lack) = lacks.iter().find(needed) else {
                return Ok(Self {
                    docker: Command::new("docker"),
                    network: None,
                });
            };
            if choice == EngineChoice::System {
                return Err(Error::missing("no registry can be asked")
                    .because(lack.reason())
                    .help(lack.remedy())
                    .help(
                        "or leave out `--engine system`: the private engine's client is used then",
                    ));
            }
            let why = lack.reason();
            (means.note)(&format!("asking with the private engine, as {why}"));
        }
        Self::of(&private.up(means)?.engine(), private)
    }

    /// The client of an engine: it sees the network that the engine pulls from.
    ///
    /// # Errors
    /// If what is known of the private engine cannot be read.
    pub fn of(engine: &Engine, private: &PrivateEngine) -> Result<Self> {
        let docker = engine.command();
        Ok(match engine.kind {
            EngineKind::Private => Self {
                docker: private.in_network(docker)?,
                network: Some(private.clone()),
            },
            EngineKind::System => Self {
                docker,
                network: None,
            },
        })
    }

    /// The engine in whose network it asks, for other programs that shall see the same; `None` if that is the machine's.
    #[must_use]
    pub fn network(&self) -> Option<&PrivateEngine> {
        self.network.as_ref()
    }

    /// What a tag points to. `name` is the full name with the tag and without a digest, `host` the registry in it.
    ///
    /// # Errors
    /// The registry does not know it or refuses to tell (exit 2), or does not answer in time (exit 3).
    pub fn ask(
        &self,
        runner: &dyn Runner,
        host: &str,
        name: &str,
        limit: Duration,
    ) -> Result<Manifest> {
        let document = self.document(runner, host, name, limit)?;
        let members = members(&document.bytes);
        Ok(Manifest {
            members: members.map_err(|error| not_understood(host, name, error))?,
            digest: document.digest,
        })
    }

    /// The one document whose checksum is the digest, and nothing below it. `name` is the full name with a tag or a
    /// digest, `host` the registry in it.
    ///
    /// # Errors
    /// As [`Self::ask`].
    pub fn document(
        &self,
        runner: &dyn Runner,
        host: &str,
        name: &str,
        limit: Duration,
    ) -> Result<Document> {
        let bytes = self.told(runner, host, name, &["--raw"], limit)?;
        Ok(Document {
            digest: format!("sha256:{}", digest::of_bytes(&bytes)),
            bytes,
        })
    }

    /// The configuration of an image for one platform, as JSON.
    ///
    /// # Errors
    /// As [`Self::ask`].
    pub fn configuration(
        &self,
        runner: &dyn Runner,
        host: &str,
        name: &str,
        limit: Duration,
    ) -> Result<Vec<u8>> {
        self.told(runner, host, name, &["--format", "{{json .Image}}"], limit)
    }

    fn told(
        &self,
        runner: &dyn Runner,
        host: &str,
        name: &str,
        options: &[&str],
        limit: Duration,
    ) -> Result<Vec<u8>> {
        let command = self
            .docker
            .clone()
            .args(["buildx", "imagetools", "inspect"])
            .args(options)
            .args(["--", name])
            .within(limit);
        let output = runner.run(&command)?;
        if !output.success() {
            return Err(refused(host, name, &output));
        }
        Ok(output.stdout)
    }
}

/// The digests of the images in an index; none where it is no index.
///
/// # Errors
/// It is no manifest of the second version.
pub fn members(bytes: &[u8]) -> serde_json::Result<Vec<String>> {
    let raw: RawManifest = serde_json::from_slice(bytes)?;
    // Of the first version there is no index, and its digest is of something else than these bytes.
    if raw.schema_version != 2 {
        let version = raw.schema_version;
        return Err(serde::de::Error::custom(format!(
            "it is a manifest of version {version}, not 2"
        )));
    }
    Ok(raw.manifests.into_iter().map(|it| it.digest).collect())
}

/// The registry answered with something else than what was asked for.
pub(super) fn not_understood(host: &str, name: &str, why: impl std::fmt::Display) -> Error {
    Error::missing(format!(
        "what {host} says about {name} cannot be understood"
    ))
    .because(why)
}

/// What the client prints, as a message.
fn refused(host: &str, name: &str, output: &Output) -> Error {
    let printed = output.error_text();
    let last = printed.lines().rev().find(|line| !line.trim().is_empty());
    let why = last.unwrap_or("it printed nothing");
    let why = why.strip_prefix("ERROR: ").unwrap_or(why);
    if why.ends_with(": not found") {
        return Error::usage(format!("{host} has no image {name}"))
            .help("correct the name or the tag");
    }
    // Docker Hub answers so to names that nobody has.
    let denied = ["pull access denied", "401 Unauthorized", "403 Forbidden"];
    if denied.iter().any(|words| why.contains(words)) {
        return Error::usage(format!("{host} does not tell about {name}"))
            .because(why)
            .help(format!(
                "correct the name, or log in: `docker login {host}`"
            ));
    }
    Error::missing(format!("{host} cannot be asked about {name}"))
        .because(why)
        .help("check the network and the registry, and run the command again")
}

#[cfg(test)]
mod tests;
