//! One file of a saved image: a layer, a JSON document, or something else.

use std::io::{BufReader, Chain, Cursor, Read};
use std::sync::Arc;

use flate2::bufread::MultiGzDecoder;
use sha2::{Digest, Sha256};

use super::estimate::Estimate;
use super::pipe::piped;
use super::zstd::Frames;
use super::{Content, Encoding, Layer, MAX_JSON_BYTES, Part, Reading, broken, damaged};
use crate::error::{Error, Result};
use crate::image::layer::{Detail, LayerContents};
use crate::size::Bytes;

const BUFFER_BYTES: usize = 128 * 1024;
/// Smaller blobs are read faster than a thread starts.
const SMALL_BYTES: u64 = 1024 * 1024;
/// Most bytes that a compressed layer may unpack to. The largest images in use stay below 100 GB over all layers.
const MAX_TAR_BYTES: u64 = 100_000_000_000;
/// A tar header; enough to tell what a file is.
const HEAD_BYTES: u64 = 512;

/// Reads a file of `size` bytes to its end.
pub(super) fn read(
    file: &mut dyn Read,
    path: &str,
    size: u64,
    reading: Reading<'_>,
) -> Result<Part> {
    let named = path
        .strip_prefix("blobs/sha256/")
        .map(|hex| format!("sha256:{hex}"));
    let mut head = Vec::new();
    file.take(HEAD_BYTES)
        .read_to_end(&mut head)
        .map_err(|e| damaged(&e))?;
    let kind = Kind::of(&head);
    let mut stored = Hashing::new(Cursor::new(head).chain(file));
    let content = match named.as_ref().and_then(|digest| reading.known.get(digest)) {
        Some(layer) => Content::Layer(layer.clone()),
        None => kind.read(&mut stored, size, reading.detail),
    };
    std::io::copy(&mut stored, &mut std::io::sink()).map_err(|e| damaged(&e))?;
    let (digest, bytes) = stored.finish();
    if bytes != size {
        return Err(broken(&format!(
            "{path} ends after {bytes} of {size} bytes"
        )));
    }
    if let Some(named) = named
        && named != digest
    {
        return Err(corrupted(path, &digest));
    }
    let content = match content {
        // Only now the stored form is known as a whole.
        Content::Layer(mut layer) if layer.digest.is_empty() => {
            if layer.encoding != Encoding::Plain {
                layer.compressed = Bytes(bytes);
            }
            layer.digest.clone_from(&digest);
            Content::Layer(layer)
        }
        content => content,
    };
    Ok(Part { digest, content })
}

/// Hands the tar of a stored layer over, whatever its encoding; the digest of what is stored.
pub(super) fn unpacked(
    file: &mut dyn Read,
    size: u64,
    consume: &mut dyn FnMut(&mut dyn Read) -> std::io::Result<()>,
) -> Result<String> {
    let mut head = Vec::new();
    file.take(HEAD_BYTES)
        .read_to_end(&mut head)
        .map_err(|e| damaged(&e))?;
    let kind = Kind::of(&head);
    let mut stored = Hashing::new(Cursor::new(head).chain(file));
    let unpacked = match kind {
        Kind::Json => return Err(broken(&"what should be a layer is JSON")),
        Kind::Gzip => {
            let stored = BufReader::with_capacity(BUFFER_BYTES, &mut stored);
            consume(&mut Guarded::new(MultiGzDecoder::new(stored)))
        }
        Kind::Zstd => {
            let stored = BufReader::with_capacity(BUFFER_BYTES, &mut stored);
            consume(&mut Guarded::new(Frames::new(stored)))
        }
        Kind::Tar => consume(&mut stored),
    };
    unpacked.map_err(|e| damaged(&e))?;
    std::io::copy(&mut stored, &mut std::io::sink()).map_err(|e| damaged(&e))?;
    let (digest, bytes) = stored.finish();
    if bytes == size {
        Ok(digest)
    } else {
        Err(broken(&format!(
            "a layer ends after {bytes} of {size} bytes"
        )))
    }
}

fn corrupted(path: &str, digest: &str) -> Error {
    broken(&format!(
        "{path} is corrupted: its content has the digest {digest}"
    ))
    .help("run the command again; if it fails again, remove the image and rebuild it")
}

#[derive(Clone, Copy)]
enum Kind {
    Json,
    Gzip,
    Zstd,
    Tar,
}

impl Kind {
    fn of(head: &[u8]) -> Self {
        let is_tar = head.get(257..262) == Some(b"ustar");
        match head {
            [0x1f, 0x8b, ..] => Self::Gzip,
            // A zstd file may begin with a skippable frame.
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Self::Zstd,
            [b'{' | b'[', ..] if !is_tar => Self::Json,
            _ => Self::Tar,
        }
    }

    fn read(self, stored: &mut Stored<'_>, size: u64, detail: Detail) -> Content {
        let layer = match self {
            Self::Json => return json(stored),
            Self::Gzip => layer(
                MultiGzDecoder::new(BufReader::with_capacity(BUFFER_BYTES, stored)),
                Encoding::Gzip,
                size,
                detail,
            ),
            Self::Zstd => layer(
                Frames::new(BufReader::with_capacity(BUFFER_BYTES, stored)),
                Encoding::Zstd,
                size,
                detail,
            ),
            Self::Tar => plain_layer(stored, size, detail),
        };
        match layer {
            Ok(layer) => Content::Layer(layer),
            Err(error) => Content::Other(format!("it is not a layer: {error}")),
        }
    }
}

type Stored<'a> = Hashing<Chain<Cursor<Vec<u8>>, &'a mut dyn Read>>;

fn json(stored: &mut Stored<'_>) -> Content {
    let mut text = Vec::new();
    match stored.take(MAX_JSON_BYTES + 1).read_to_end(&mut text) {
        Err(error) => Content::Other(error.to_string()),
        Ok(_) if text.len() as u64 > MAX_JSON_BYTES => {
            Content::Other(format!("it is larger than {}", Bytes(MAX_JSON_BYTES)))
        }
        Ok(_) => Content::Json(text),
    }
}

/// Unpacking is one half of the work, hashing and listing what comes out the other.
fn layer(
    decoder: impl Read,
    encoding: Encoding,
    size: u64,
    detail: Detail,
) -> std::io::Result<Layer> {
    let mut decoder = Guarded::new(decoder);
    let read = |tar: &mut dyn Read| {
        let mut tar = Hashing::new(tar);
        let read = LayerContents::read(&mut tar, detail)?;
        Ok::<_, std::io::Error>((read, tar.finish()))
    };
    let ((totals, contents), (diff_id, bytes)) = if size < SMALL_BYTES {
        read(&mut decoder)?
    } else {
        piped(&mut decoder, |tar| read(tar))?
    };
    Ok(Layer {
        diff_id,
        digest: String::new(),
        encoding,
        unpacked: totals.bytes,
        tar: Bytes(bytes),
        compressed: Bytes(0),
        compressed_is_estimate: false,
        files: totals.files,
        contents: contents.map(Arc::new),
    })
}

/// A plain layer's digest is that of its tar, so it is hashed once, while it is listed; its compressed size has to be
/// estimated.
fn plain_layer(stored: &mut Stored<'_>, size: u64, detail: Detail) -> std::io::Result<Layer> {
    let read = |tar: &mut dyn Read| {
        let mut tar = Compressing {
            inner: tar,
            estimate: Estimate::of(size),
        };
        let read = LayerContents::read(&mut tar, detail)?;
        Ok::<_, std::io::Error>((read, tar.estimate.finish()))
    };
    let ((totals, contents), compressed) = if size < SMALL_BYTES {
        read(stored)?
    } else {
        piped(stored, |tar| read(tar))?
    };
    Ok(Layer {
        diff_id: stored.digest_so_far(),
        digest: String::new(),
        encoding: Encoding::Plain,
        unpacked: totals.bytes,
        tar: Bytes(stored.bytes),
        compressed: Bytes(compressed),
        compressed_is_estimate: true,
        files: totals.files,
        contents: contents.map(Arc::new),
    })
}

/// Stops reading what unpacks to more than a layer can mean.
struct Guarded<R> {
    inner: R,
    left: u64,
}

impl<R> Guarded<R> {
    const fn new(inner: R) -> Self {
        Self {
            inner,
            left: MAX_TAR_BYTES,
        }
    }
}

impl<R: Read> Read for Guarded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.left = self.left.checked_sub(count as u64).ok_or_else(|| {
            std::io::Error::other(format!(
                "it unpacks to more than {}, as a decompression bomb does",
                Bytes(MAX_TAR_BYTES)
            ))
        })?;
        Ok(count)
    }
}

/// Hashes and counts what is read through it.
struct Hashing<R> {
    inner: R,
    hasher: Sha256,
    bytes: u64,
}

impl<R: Read> Hashing<R> {
    fn new(inner: R) -> Self {
        Self {
            inner,
            hasher: Sha256::new(),
            bytes: 0,
        }
    }

    fn digest_so_far(&self) -> String {
        shown(self.hasher.clone())
    }

    fn finish(self) -> (String, u64) {
        (shown(self.hasher), self.bytes)
    }
}

fn shown(hasher: Sha256) -> String {
    hasher
        .finalize()
        .iter()
        .fold("sha256:".to_owned(), |text, byte| {
            format!("{text}{byte:02x}")
        })
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.hasher.update(&buffer[..count]);
        self.bytes += count as u64;
        Ok(count)
    }
}

/// Compresses what is read through it, to know how large it would be.
struct Compressing<'a> {
    inner: &'a mut dyn Read,
    estimate: Estimate,
}

impl Read for Compressing<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.estimate.add(&buffer[..count]);
        Ok(count)
    }
}
