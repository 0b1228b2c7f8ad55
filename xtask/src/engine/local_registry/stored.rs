//! What a registry on this machine has, asked through its API and hashed byte by byte
//! (<https://github.com/opencontainers/distribution-spec>).

use std::io::{Read, Write};
use std::net::SocketAddr;
use std::time::Duration;

use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use crate::engine::containers::Reach;
use crate::error::{Error, Result};
use crate::trial::release::{Blob, Found, Role};

/// How long a connection or one part of an answer may take.
const LIMIT: Duration = Duration::from_secs(30);
/// The largest manifest or configuration that is kept, in bytes.
const MAX_JSON_BYTES: usize = 8 << 20;
/// What is asked for: images and indexes of both kinds.
const ACCEPT: &str = "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, \
                      application/vnd.docker.distribution.manifest.list.v2+json, \
                      application/vnd.docker.distribution.manifest.v2+json";

/// The API of a registry that speaks HTTP without TLS.
#[derive(Clone, Debug)]
pub struct Api<'a> {
    reach: &'a Reach,
    host: &'a str,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Of HTTP.
    pub status: u16,
    /// Of the bytes that came: `sha256:…`.
    pub digest: String,
    /// How many came.
    pub size: u64,
    /// The first of them; all of a manifest or configuration.
    pub bytes: Vec<u8>,
}

/// What a manifest names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Descriptor {
    /// Of its content.
    pub digest: String,
    /// Its bytes.
    pub size: u64,
    /// Of an image in an index.
    pub platform: Option<Platform>,
}

/// What an image is for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Platform {
    /// `linux`; `unknown` of attestations.
    pub os: String,
    /// `amd64`.
    pub architecture: String,
    /// `v7`.
    pub variant: Option<String>,
}

/// An index, or the manifest of an image.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Manifest {
    /// The images of an index.
    pub manifests: Option<Vec<Descriptor>>,
    /// The configuration of an image.
    pub config: Option<Descriptor>,
    /// Its layers, lowest first.
    pub layers: Vec<Descriptor>,
}

impl<'a> Api<'a> {
    /// Of the registry at `host` (`127.0.0.1:PORT`), reached as containers are.
    #[must_use]
    pub fn new(reach: &'a Reach, host: &'a str) -> Self {
        Self { reach, host }
    }

    /// A manifest by tag or digest. `path` is the image's name without its registry.
    ///
    /// # Errors
    /// The registry does not answer.
    pub fn manifest(&self, path: &str, reference: &str) -> Result<Answer> {
        self.get(&format!("/v2/{path}/manifests/{reference}"))
    }

    /// A blob by its digest.
    ///
    /// # Errors
    /// The registry does not answer.
    pub fn blob(&self, path: &str, digest: &str) -> Result<Answer> {
        self.get(&format!("/v2/{path}/blobs/{digest}"))
    }

    fn get(&self, target: &str) -> Result<Answer> {
        let address: SocketAddr = self.host.parse().map_err(|error| {
            Error::failed(format!("`{}` is no address of a registry", self.host)).because(error)
        })?;
        let failed = |error: std::io::Error| {
            Error::missing(format!("the registry at {} does not answer", self.host)).because(error)
        };
        let mut stream = self.reach.connect(address.ip(), address.port(), LIMIT)?;
        stream.set_read_timeout(Some(LIMIT)).map_err(failed)?;
        // HTTP 1.0: the answer ends with the connection, and is never cut into chunks.
        let request = format!(
            "GET {target} HTTP/1.0\r\nHost: {}\r\nAccept: {ACCEPT}\r\n\r\n",
            self.host
        );
        stream.write_all(request.as_bytes()).map_err(failed)?;
        read(&mut stream).map_err(failed)
    }
}

/// Everything below a manifest, as the registry gives it.
///
/// # Errors
/// The registry does not answer.
pub fn stored(api: &Api<'_>, path: &str, digest: &str) -> Result<Vec<Blob>> {
    let mut all = Vec::new();
    let mut left = vec![(digest.to_owned(), None)];
    let mut seen: Vec<String> = Vec::new();
    while let Some((digest, size)) = left.pop() {
        let answer = api.manifest(path, &digest)?;
        let found = found(answer.status, &answer.digest, answer.size);
        all.push(Blob {
            role: Role::Manifest,
            digest,
            size,
            found,
        });
        let Ok(manifest) = serde_json::from_slice::<Manifest>(&answer.bytes) else {
            continue;
        };
        let members = manifest.manifests.unwrap_or_default();
        left.extend(
            members
                .into_iter()
                .map(|member| (member.digest, Some(member.size))),
        );
        let configuration = manifest.config.map(|config| (Role::Configuration, config));
        let layers = manifest.layers.into_iter().enumerate();
        let layers = layers.map(|(index, layer)| (Role::Layer(index), layer));
        for (role, Descriptor { digest, size, .. }) in configuration.into_iter().chain(layers) {
            if seen.contains(&digest) {
                continue;
            }
            seen.push(digest.clone());
            let answer = api.blob(path, &digest)?;
            all.push(Blob {
                role,
                digest,
                size: Some(size),
                found: self::found(answer.status, &answer.digest, answer.size),
            });
        }
    }
    Ok(all)
}

fn found(status: u16, digest: &str, size: u64) -> Found {
    if status == 200 {
        Found::Given(digest.to_owned(), size)
    } else {
        Found::Refused(status)
    }
}

fn read(stream: &mut dyn Read) -> std::io::Result<Answer> {
    let mut head = Vec::new();
    let mut buffer = vec![0; 64 * 1024];
    let body_at = loop {
        let count = stream.read(&mut buffer)?;
        if count == 0 || head.len() > buffer.len() {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        head.extend_from_slice(&buffer[..count]);
        let end = head.windows(4).position(|four| four == b"\r\n\r\n");
        if let Some(end) = end {
            break end + 4;
        }
    };
    let mut answer = Answer {
        status: status(&head).ok_or(std::io::ErrorKind::InvalidData)?,
        digest: String::new(),
        size: 0,
        bytes: Vec::new(),
    };
    let mut hasher = Sha256::new();
    let mut add = |bytes: &[u8], answer: &mut Answer| {
        hasher.update(bytes);
        answer.size += bytes.len() as u64;
        let room = MAX_JSON_BYTES - answer.bytes.len();
        answer
            .bytes
            .extend_from_slice(&bytes[..bytes.len().min(room)]);
    };
    add(&head[body_at..], &mut answer);
    loop {
        let count = stream.read(&mut buffer)?;
        if count == 0 {
            break;
        }
        add(&buffer[..count], &mut answer);
    }
    answer.digest = hasher
        .finalize()
        .iter()
        .fold("sha256:".to_owned(), |text, byte| {
            format!("{text}{byte:02x}")
        });
    Ok(answer)
}

/// `HTTP/1.0 200 OK`.
fn status(head: &[u8]) -> Option<u16> {
    let line = head.split(|byte| *byte == b'\r').next()?;
    let line = std::str::from_utf8(line).ok()?;
    line.strip_prefix("HTTP/1.")?
        .split(' ')
        .nth(1)?
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_hashed_as_it_came() {
        let text = b"HTTP/1.0 200 OK\r\nContent-Type: x\r\n\r\nhello".as_slice();
        let answer = read(&mut { text }).unwrap();
        assert_eq!((answer.status, answer.size), (200, 5));
        assert_eq!(answer.bytes, b"hello");
        assert!(answer.digest.starts_with("sha256:2cf24dba5fb0a30e"));
        for wrong in [&b"HTTP/1.0 200 OK\r\n"[..], b"", b"nothing\r\n\r\n"] {
            assert!(read(&mut { wrong }).is_err());
        }
    }
}
