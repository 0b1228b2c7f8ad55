//! OCI layouts that are folders: <https://github.com/opencontainers/image-spec/blob/main/image-layout.md>.

use std::fs::File;
use std::io::{BufReader, Read};

use camino::Utf8Path;

use super::{Content, MAX_JSON_BYTES, Part, Parts, Reading, SavedImage, blob, broken, layout};
use crate::error::{Error, Result};
use crate::parallel;

/// Reads the images of an OCI layout that is a folder, for one platform where it is given; layers at the same time.
/// Blobs that no such image has are not looked at, but for the small ones, which may be manifests.
///
/// # Errors
/// As [`super::read`], and where a file cannot be read.
pub fn read_folder(
    folder: &Utf8Path,
    reading: Reading<'_>,
    platform: Option<&str>,
) -> Result<Vec<SavedImage>> {
    let mut parts = Parts::default();
    for name in ["index.json", "manifest.json"] {
        let file = folder.join(name);
        if file.is_file() {
            parts
                .files
                .insert(name.to_owned(), part(folder, name, reading)?);
        }
    }
    if parts.files.is_empty() {
        return Err(broken(&format!(
            "{folder} has neither an index.json nor a manifest.json"
        ))
        .help("expected an OCI layout, or what `docker save` writes, unpacked"));
    }
    for path in documents(folder)? {
        let read = part(folder, &path, reading)?;
        if matches!(read.content, Content::Json(_)) {
            parts.files.insert(path, read);
        }
    }
    let wanted = layout::layers(&parts, platform);
    // A manifest that names files outside is wrong: they are missing then.
    let is_inside = |path: &String| path.split('/').all(|part| part != "..");
    let there: Vec<String> = wanted
        .iter()
        .map(|path| super::normalized(path))
        .filter(is_inside)
        .filter(|path| !parts.files.contains_key(path) && folder.join(path).is_file())
        .collect();
    let read = parallel::map(parallel::threads(), there, |path| {
        part(folder, &path, reading).map(|part| (path, part))
    });
    for part in read {
        let (path, part) = part?;
        parts.files.insert(path, part);
    }
    layout::images(&parts, platform)
}

/// The blobs that may be manifests, indexes or configurations.
fn documents(folder: &Utf8Path) -> Result<Vec<String>> {
    let mut found = Vec::new();
    // The layout before OCI has its configuration beside `manifest.json`.
    for inner in ["", "blobs/sha256"].map(Utf8Path::new) {
        let full = folder.join(inner);
        let Ok(entries) = full.read_dir_utf8() else {
            continue;
        };
        for entry in entries {
            let entry = entry.map_err(|error| unreadable(&full, &error))?;
            let path = inner.join(entry.file_name());
            let about = entry
                .path()
                .metadata()
                .map_err(|error| unreadable(&full, &error))?;
            if about.is_file() && about.len() <= MAX_JSON_BYTES && begins_as_json(entry.path()) {
                found.push(path.into_string());
            }
        }
    }
    found.sort();
    Ok(found)
}

fn begins_as_json(file: &Utf8Path) -> bool {
    let mut first = [0];
    File::open(file)
        .and_then(|mut file| file.read_exact(&mut first))
        .is_ok_and(|()| matches!(first[0], b'{' | b'['))
}

/// One file, read to its end.
pub(super) fn part(folder: &Utf8Path, path: &str, reading: Reading<'_>) -> Result<Part> {
    let full = folder.join(path);
    let file = File::open(&full).map_err(|error| unreadable(&full, &error))?;
    let size = file
        .metadata()
        .map_err(|error| unreadable(&full, &error))?
        .len();
    blob::read(
        &mut BufReader::with_capacity(256 * 1024, file),
        path,
        size,
        reading,
    )
}

fn unreadable(path: &Utf8Path, cause: &std::io::Error) -> Error {
    Error::usage(format!("failed to read {path}")).because(cause)
}
