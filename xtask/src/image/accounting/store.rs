//! Images in a store of blobs, such as containerd's content store: an OCI layout's `blobs/` without an index.

use camino::Utf8Path;

use super::{Content, Part, Parts, Reading, SavedImage, folder, layout, normalized};
use crate::error::Result;
use crate::parallel;

/// Reads the images that a digest names, of an index or of a manifest, for one platform where it is given. Only what
/// they are made of is looked at, and of that no layer which was measured before; layers are read at the same time.
///
/// Nobody has to vouch for the store: what is read is verified against its digest.
///
/// # Errors
/// As [`super::read`]; also where the store lacks a part, or does not let it be read.
pub fn read_stored(
    store: &Utf8Path,
    digest: &str,
    reading: Reading<'_>,
    platform: Option<&str>,
) -> Result<Vec<SavedImage>> {
    let mut parts = Parts::default();
    let index = serde_json::json!({ "manifests": [{ "digest": digest }] });
    let index = Part {
        digest: String::new(),
        content: Content::Json(index.to_string().into_bytes()),
    };
    parts.files.insert("index.json".to_owned(), index);
    loop {
        let there = unread(store, layout::documents(&parts), &parts);
        if there.is_empty() {
            break;
        }
        for path in there {
            let part = folder::part(store, &path, reading)?;
            parts.files.insert(path, part);
        }
    }
    let layers = layout::layers(&parts, platform);
    for path in &layers {
        let digest = path.replacen("blobs/sha256/", "sha256:", 1);
        if let Some(known) = reading.known.get(&digest) {
            let content = Content::Layer(known.clone());
            parts.files.insert(path.clone(), Part { digest, content });
        }
    }
    let unread = unread(store, layers, &parts);
    let read = parallel::map(parallel::threads(), unread, |path| {
        folder::part(store, &path, reading).map(|part| (path, part))
    });
    for part in read {
        let (path, part) = part?;
        parts.files.insert(path, part);
    }
    layout::images(&parts, platform)
}

/// Of the named blobs those that the store has and that were not read yet. A document may name anything: what lies
/// outside of the store is not there.
fn unread(store: &Utf8Path, named: impl IntoIterator<Item = String>, parts: &Parts) -> Vec<String> {
    let is_blob = |path: &String| {
        path.strip_prefix("blobs/sha256/")
            .is_some_and(|hex| hex.len() == 64 && hex.bytes().all(|byte| byte.is_ascii_hexdigit()))
    };
    let named = named.into_iter().map(|path| normalized(&path));
    named
        .filter(is_blob)
        .filter(|path| !parts.files.contains_key(path) && store.join(path).is_file())
        .collect()
}
