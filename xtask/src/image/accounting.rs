//! How large an image is, from the bytes of its layers.
//!
//! The size a command prints depends on the command, the engine's version and its image store: the same image reads
//! 12.7, 19.7, 20.7 or 36.5 MB. So sizes are computed here, in one pass over what `docker save` writes (several
//! images in one stream, an OCI layout with `manifest.json`, or the older layout with `manifest.json` only):
//!
//! - **unpacked**: the bytes of regular files, summed over the layers; a hard link adds nothing, a deleted or
//!   overwritten file of a lower layer stays counted. What the overlay2 store calls size.
//! - **tar**: the bytes of the uncompressed layers, headers and padding included.
//! - **compressed**: what a registry stores and a pull transfers. Exact where the layers are stored compressed, else
//!   an estimate with gzip at level 6, of layers over 128 MiB from samples; other writers differ by less than a percent.
//!
//! Every digest is verified.

use std::collections::{BTreeMap, HashMap};
use std::io::Read;
use std::sync::Arc;

use crate::error::{Error, Result};
use crate::image::config::ImageConfig;
use crate::image::layer::{Detail, LayerContents};
use crate::image::tar_stream::{Kind, TarStream};
use crate::size::Bytes;

mod blob;
mod contents;
mod estimate;
mod folder;
mod layout;
mod pipe;
mod store;
mod zstd;

pub use contents::{Chosen, Found, MAX_CONTENT_BYTES, read_contents};
pub use folder::read_folder;
pub use store::read_stored;

/// The largest manifest, index or configuration that is read, in bytes.
pub const MAX_JSON_BYTES: u64 = 8 * 1024 * 1024;

/// How a layer is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Encoding {
    /// As a plain tar.
    Plain,
    /// Gzip.
    Gzip,
    /// Zstandard.
    Zstd,
}

impl Encoding {
    /// Every encoding with the name it goes by.
    pub const ALL: [(Self, &'static str); 3] = [
        (Self::Plain, "plain"),
        (Self::Gzip, "gzip"),
        (Self::Zstd, "zstd"),
    ];

    /// `plain`, `gzip` or `zstd`.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL
            .iter()
            .find(|(encoding, _)| *encoding == self)
            .map_or("", |(_, name)| name)
    }
}

/// A layer's sizes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layer {
    /// SHA-256 of the uncompressed tar, as `sha256:…`.
    pub diff_id: String,
    /// SHA-256 of the layer as stored; equal to `diff_id` if it is stored plain.
    pub digest: String,
    /// How it is stored.
    pub encoding: Encoding,
    /// Bytes of regular files.
    pub unpacked: Bytes,
    /// Bytes of the uncompressed tar.
    pub tar: Bytes,
    /// Bytes compressed.
    pub compressed: Bytes,
    /// Whether `compressed` is an estimate.
    pub compressed_is_estimate: bool,
    /// How many regular files it has.
    pub files: u64,
    /// Its entries, where [`Detail::Entries`] was asked for.
    pub contents: Option<Arc<LayerContents>>,
}

/// An image found in a stream, for one platform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedImage {
    /// The names it was saved under, such as `jts/api-gateway:latest`; empty if saved by its ID.
    pub names: Vec<String>,
    /// Of its manifest; the layout without an index has none.
    pub manifest_digest: Option<String>,
    /// Of its configuration; the image ID on graph-driver stores.
    pub config_digest: String,
    /// What it says about itself.
    pub config: ImageConfig,
    /// Lowest first.
    pub layers: Vec<Layer>,
}

impl SavedImage {
    /// Bytes of regular files over all layers.
    #[must_use]
    pub fn unpacked(&self) -> Bytes {
        Bytes(self.layers.iter().map(|l| l.unpacked.0).sum())
    }

    /// Bytes of all uncompressed tars.
    #[must_use]
    pub fn tar(&self) -> Bytes {
        Bytes(self.layers.iter().map(|l| l.tar.0).sum())
    }

    /// Bytes of all compressed layers.
    #[must_use]
    pub fn compressed(&self) -> Bytes {
        Bytes(self.layers.iter().map(|l| l.compressed.0).sum())
    }

    /// Whether [`SavedImage::compressed`] is an estimate.
    #[must_use]
    pub fn compressed_is_estimate(&self) -> bool {
        self.layers.iter().any(|l| l.compressed_is_estimate)
    }
}

/// What of an image is read, and how.
#[derive(Clone, Copy, Debug)]
pub struct Reading<'a> {
    /// Layers measured before, by the digest they are stored under: they are verified and not measured again.
    pub known: &'a BTreeMap<String, Layer>,
    /// How closely the others are looked at.
    pub detail: Detail,
}

/// Reads every image of a `docker save` stream, to its end, in one pass and bounded memory. Attestations are left out,
/// platforms that an index names but the stream does not hold as well.
///
/// # Errors
/// A stream that is no image archive, ends too early, lacks a part, or has a part that does not match its digest.
pub fn read(stream: &mut dyn Read, reading: Reading<'_>) -> Result<Vec<SavedImage>> {
    let mut parts = Parts::default();
    let mut archive = TarStream::new(stream);
    while let Some(member) = archive.next_member().map_err(|e| damaged(&e))? {
        let path = normalized(&String::from_utf8_lossy(&member.path));
        let target = String::from_utf8_lossy(&member.link);
        match member.kind {
            Kind::Symlink => {
                let target = beside(&path, &target);
                parts.links.insert(path, target);
            }
            Kind::HardLink => {
                let target = normalized(&target);
                parts.links.insert(path, target);
            }
            Kind::File => {
                let part = blob::read(&mut archive.reader(), &path, member.size, reading)?;
                parts.files.insert(path, part);
            }
            _ => {}
        }
    }
    // What follows the end of the archive is padding; the writer must be able to get rid of it.
    archive.drain().map_err(|e| damaged(&e))?;
    let images = layout::images(&parts, None);
    if images.is_err() && !parts.files.is_empty() && !archive.is_terminated() {
        return Err(damaged(&std::io::ErrorKind::UnexpectedEof.into()));
    }
    images
}

/// What a stream holds, by path.
#[derive(Debug, Default)]
struct Parts {
    files: HashMap<String, Part>,
    links: HashMap<String, String>,
}

#[derive(Debug)]
struct Part {
    digest: String,
    content: Content,
}

#[derive(Debug)]
enum Content {
    Json(Vec<u8>),
    Layer(Layer),
    /// Neither, and why. No error as long as nothing refers to it: attestations may be anything.
    Other(String),
}

impl Parts {
    fn get(&self, path: &str) -> Option<&Part> {
        let mut path = normalized(path);
        for _ in 0..8 {
            match (self.files.get(&path), self.links.get(&path)) {
                (Some(part), _) => return Some(part),
                (None, Some(target)) => path.clone_from(target),
                (None, None) => return None,
            }
        }
        None
    }
}

fn normalized(path: &str) -> String {
    path.split('/')
        .filter(|part| !part.is_empty() && *part != ".")
        .collect::<Vec<_>>()
        .join("/")
}

/// `target` as seen from the folder of `path`.
fn beside(path: &str, target: &str) -> String {
    let mut parts: Vec<&str> = path.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

fn broken(cause: &dyn std::fmt::Display) -> Error {
    Error::failed("failed to read the saved images").because(cause)
}

fn damaged(cause: &std::io::Error) -> Error {
    broken(&"the archive is damaged or ends too early").because(cause)
}

#[cfg(test)]
mod tests;
