//! The content of chosen files, out of a stream of saved images.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;

use super::{blob, broken, damaged};
use crate::error::Result;
use crate::image::layer::file_contents;
use crate::image::tar_stream::{Kind, TarStream};
use crate::size::Bytes;

/// The largest file whose content is read, in bytes.
pub const MAX_CONTENT_BYTES: u64 = 64 << 20;

/// Paths as layers name them, by the digest that a layer is stored under ([`super::Layer::digest`]).
pub type Chosen = BTreeMap<String, BTreeSet<Vec<u8>>>;

/// What was found: by digest of the layer and path, the content, or why there is none.
pub type Found = BTreeMap<(String, Vec<u8>), Result<Vec<u8>, String>>;

/// Reads a `docker save` stream to its end and keeps the content of the chosen files. A layer that was changed on the
/// way is an error, as its content is of something else.
///
/// # Errors
/// A stream that is no archive, ends too early, or has a layer that does not match its digest.
pub fn read_contents(stream: &mut dyn Read, chosen: &Chosen) -> Result<Found> {
    let mut found = Found::new();
    let mut archive = TarStream::new(stream);
    while let Some(member) = archive.next_member().map_err(|e| damaged(&e))? {
        let path = super::normalized(&String::from_utf8_lossy(&member.path));
        let Some(hex) = path.strip_prefix("blobs/sha256/") else {
            continue;
        };
        let digest = format!("sha256:{hex}");
        let Some(paths) = chosen.get(&digest).filter(|_| member.kind == Kind::File) else {
            continue;
        };
        let mut read = BTreeMap::new();
        let mut reader = archive.reader();
        let actual = blob::unpacked(&mut reader, member.size, &mut |tar| {
            read = file_contents(tar, paths, MAX_CONTENT_BYTES)?;
            Ok(())
        })?;
        if actual != digest {
            return Err(broken(&format!("{path} has the digest {actual}")));
        }
        for path in paths {
            let content = match read.remove(path) {
                Some(Some(content)) => Ok(content),
                Some(None) => Err(format!("it is larger than {}", Bytes(MAX_CONTENT_BYTES))),
                None => Err("its layer does not have it any more".to_owned()),
            };
            found.insert((digest.clone(), path.clone()), content);
        }
    }
    archive.drain().map_err(|e| damaged(&e))?;
    Ok(found)
}
