//! The files of a repository on disk.

use std::collections::BTreeMap;
use std::fs;
use std::sync::{Arc, Mutex, PoisonError};

use camino::{Utf8Component, Utf8Path, Utf8PathBuf};
use foldhash::HashMap;

use crate::error::{Error, Result};
use crate::lint::surroundings::{Entry, EntryKind, Files};
use crate::source::{MAX_GENERATED_BYTES, Source};
use crate::text_search::around_last_slash;

/// The files below a folder. Folders are listed once; a link never leads out of the folder.
#[derive(Debug)]
pub struct DiskFiles {
    root: Utf8PathBuf,
    /// Files as they would be after an edit.
    texts: BTreeMap<Utf8PathBuf, String>,
    lists: Mutex<HashMap<String, Arc<[Entry]>>>,
}

impl DiskFiles {
    /// The files below `root`.
    #[must_use]
    pub fn new(root: impl Into<Utf8PathBuf>) -> Self {
        Self {
            root: root.into(),
            texts: BTreeMap::new(),
            lists: Mutex::default(),
        }
    }

    /// The same, where some files that are there hold another text.
    #[must_use]
    pub fn with_texts(mut self, texts: BTreeMap<Utf8PathBuf, String>) -> Self {
        self.texts = texts;
        self
    }

    /// Bake files, lock files and the like are generated, and can be larger than what people write.
    fn source(&self, path: &Utf8Path) -> Result<Source> {
        Source::read_up_to(&self.root, path, MAX_GENERATED_BYTES)
    }

    /// What a folder holds, sorted. Its own parents are looked at first, so that no link is passed.
    fn entries(&self, folder: &Utf8Path) -> Arc<[Entry]> {
        let known = self
            .lists
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(folder.as_str())
            .cloned();
        if let Some(entries) = known {
            return entries;
        }
        let entries: Arc<[Entry]> = match self.kind(folder) {
            Some(EntryKind::Folder) => read_folder(&self.root.join(folder)).into(),
            _ => Arc::new([]),
        };
        self.lists
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(folder.to_string(), Arc::clone(&entries));
        entries
    }
}

impl Files for DiskFiles {
    fn kind(&self, path: &Utf8Path) -> Option<EntryKind> {
        let (folder, name) = if let Some(parts) = folder_and_name(path.as_str()) {
            parts
        } else {
            let is_plain = path
                .components()
                .all(|part| matches!(part, Utf8Component::Normal(_)));
            if !is_plain {
                return None;
            }
            let Some(name) = path.file_name() else {
                return Some(EntryKind::Folder);
            };
            (path.parent().unwrap_or(Utf8Path::new("")), name)
        };
        let entries = self.entries(folder);
        let at = entries
            .binary_search_by(|entry| entry.name.as_str().cmp(name))
            .ok()?;
        Some(entries[at].kind)
    }

    fn list(&self, folder: &Utf8Path) -> Arc<[Entry]> {
        self.entries(folder)
    }

    fn read(&self, path: &Utf8Path) -> Result<Source> {
        if let Some(text) = self.texts.get(path) {
            return Ok(Source::new(path, text.as_str()));
        }
        let failed = |why: &str| Error::usage(format!("failed to read {path}")).because(why);
        match self.kind(path) {
            None => Err(failed("there is no such file")),
            Some(EntryKind::Folder) => Err(failed("it is a directory, not a file")),
            Some(EntryKind::Link) => {
                let inside = self
                    .root
                    .join(path)
                    .canonicalize_utf8()
                    .is_ok_and(|target| {
                        self.root
                            .canonicalize_utf8()
                            .is_ok_and(|root| target.starts_with(root))
                    });
                if !inside {
                    return Err(failed("it is a link that leads out of the repository"));
                }
                self.source(path)
            }
            Some(EntryKind::File | EntryKind::Other) => self.source(path),
        }
    }
}

/// The folder and the name of a path that is written as it should be. Rules ask for many paths, and to take one apart
/// for each way of writing it is slow.
fn folder_and_name(path: &str) -> Option<(&Utf8Path, &str)> {
    let mut parts = path.as_bytes().split(|byte| *byte == b'/');
    if parts.any(|part| matches!(part, b"" | b"." | b"..")) {
        return None;
    }
    let (folder, name) = around_last_slash(path).unwrap_or(("", path));
    Some((Utf8Path::new(folder), name))
}

/// Names that are no UTF-8 are left out: no rule could speak of them.
fn read_folder(folder: &Utf8Path) -> Vec<Entry> {
    let Ok(found) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut entries: Vec<Entry> = found
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let kind = entry.file_type().ok()?;
            Some(Entry {
                name: entry.file_name().into_string().ok()?,
                kind: if kind.is_symlink() {
                    EntryKind::Link
                } else if kind.is_dir() {
                    EntryKind::Folder
                } else if kind.is_file() {
                    EntryKind::File
                } else {
                    EntryKind::Other
                },
            })
        })
        .collect();
    entries.sort();
    entries
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::MAX_SOURCE_BYTES;

    #[test]
    fn generated_files_may_be_larger_than_written_ones() {
        let dir = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(dir.path()).unwrap();
        let length = MAX_SOURCE_BYTES + 1;
        for (name, length) in [("bake", length), ("huge", MAX_GENERATED_BYTES + 1)] {
            let file = fs::File::create(root.join(name)).unwrap();
            file.set_len(length).unwrap();
        }
        let files = DiskFiles::new(root);
        let read = files.read(Utf8Path::new("bake")).unwrap();
        assert_eq!(read.text().len() as u64, length);
        assert!(files.read(Utf8Path::new("huge")).is_err());
    }

    #[test]
    fn links_are_seen_and_not_followed_out() {
        let outside = tempfile::tempdir().unwrap();
        let dir = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(dir.path()).unwrap();
        fs::write(outside.path().join("secret"), "s").unwrap();
        fs::create_dir_all(root.join("a/b")).unwrap();
        fs::write(root.join("a/b/f"), "text").unwrap();
        std::os::unix::fs::symlink(outside.path(), root.join("out")).unwrap();
        std::os::unix::fs::symlink(outside.path().join("secret"), root.join("leak")).unwrap();
        std::os::unix::fs::symlink("a/b/f", root.join("near")).unwrap();
        let files = DiskFiles::new(root);
        let kind = |path: &str| files.kind(Utf8Path::new(path));
        assert_eq!(kind(""), Some(EntryKind::Folder));
        assert_eq!(kind("a/b/f"), Some(EntryKind::File));
        assert_eq!(kind("a/none"), None);
        assert_eq!(kind("out"), Some(EntryKind::Link));
        assert_eq!(kind("out/secret"), None);
        assert_eq!(kind("../x"), None);
        assert_eq!(kind("/etc/passwd"), None);
        // However a path is written.
        assert_eq!(kind("a//b/./f"), Some(EntryKind::File));
        assert_eq!(kind("a/b/"), Some(EntryKind::Folder));
        assert_eq!(kind("a/../a"), None);
        assert_eq!(*files.list(Utf8Path::new("out")), []);
        let names: Vec<String> = files
            .list(Utf8Path::new(""))
            .iter()
            .map(|entry| entry.name.clone())
            .collect();
        assert_eq!(names, ["a", "leak", "near", "out"]);
        let read = |path: &str| files.read(Utf8Path::new(path));
        assert_eq!(read("a/b/f").unwrap().text(), "text");
        assert_eq!(read("near").unwrap().text(), "text");
        assert_eq!(read("near").unwrap().path(), "near");
        for path in ["leak", "out/secret", "a", "none", "../x"] {
            assert!(read(path).is_err(), "{path}");
        }
    }
}
