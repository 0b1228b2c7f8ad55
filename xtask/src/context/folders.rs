//! Where folders are listed: a disk, or a table in memory.

use std::collections::BTreeMap;
use std::io;

use camino::Utf8Path;

use crate::error::{Error, Result};
use crate::source::Source;

/// What stands at a path. Links are not followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// A symbolic link.
    Link,
    /// A pipe, socket or device.
    Other,
}

/// One entry of a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FolderEntry {
    /// Its name; `Err` holds one that is not UTF-8, with marks for the bytes that cannot be read.
    pub name: Result<Box<str>, Box<str>>,
    /// What it is; what went wrong if that cannot be told.
    pub kind: Kind,
}

/// An open folder of a [`Folders`]: measuring a file in it costs no walk from the root.
pub trait OpenFolder {
    /// All entries, in any order.
    ///
    /// # Errors
    /// The folder cannot be read to its end.
    fn entries(&mut self) -> io::Result<Vec<FolderEntry>>;
    /// A regular file's bytes, or what a link says: (length, target).
    ///
    /// # Errors
    /// It is gone or cannot be looked at.
    fn measure(&self, name: &str, kind: Kind) -> io::Result<(u64, Option<Box<str>>)>;
}

/// A tree of folders.
pub trait Folders: Sync {
    /// Opens the folder at a path from the root; the root is empty.
    ///
    /// # Errors
    /// It is gone, is no folder, or may not be read.
    fn open(&self, path: &Utf8Path) -> io::Result<Box<dyn OpenFolder + '_>>;
    /// Whether anything stands at a path, be it a link that leads nowhere.
    fn exists(&self, path: &Utf8Path) -> bool;
    /// A text of moderate size: an ignore file. A link is followed.
    ///
    /// # Errors
    /// It is gone, too large or no UTF-8.
    fn text(&self, path: &Utf8Path) -> Result<Source>;
    /// The bytes of a regular file from its start. A link is not followed.
    ///
    /// # Errors
    /// It is gone, no regular file, or may not be read.
    fn read(&self, path: &Utf8Path) -> io::Result<Box<dyn io::Read + '_>>;
}

/// Files in memory, by path; a path that ends with `/` is an empty folder.
#[derive(Clone, Debug, Default)]
pub struct MemoryFolders {
    entries: BTreeMap<String, MemoryEntry>,
}

#[derive(Clone, Debug)]
enum MemoryEntry {
    File { bytes: u64, text: String },
    Folder,
    Link(Box<str>),
}

impl MemoryFolders {
    /// Files with their sizes. A path that ends with `/` is a folder, one with ` -> ` a link.
    #[must_use]
    pub fn new<'p>(paths: impl IntoIterator<Item = (&'p str, u64)>) -> Self {
        let mut folders = Self::default();
        for (path, bytes) in paths {
            let (path, entry) = match (path.split_once(" -> "), path.strip_suffix('/')) {
                (Some((path, target)), _) => (path, MemoryEntry::Link(target.into())),
                (None, Some(path)) => (path, MemoryEntry::Folder),
                (None, None) => {
                    let text = String::new();
                    (path, MemoryEntry::File { bytes, text })
                }
            };
            folders.insert(path, entry);
        }
        folders
    }

    /// With a text file.
    #[must_use]
    pub fn with_text(mut self, path: &str, text: &str) -> Self {
        let entry = MemoryEntry::File {
            bytes: text.len() as u64,
            text: text.to_owned(),
        };
        self.insert(path, entry);
        self
    }

    fn insert(&mut self, path: &str, entry: MemoryEntry) {
        for (at, _) in path.match_indices('/') {
            self.entries
                .entry(path[..at].to_owned())
                .or_insert(MemoryEntry::Folder);
        }
        self.entries.insert(path.to_owned(), entry);
    }
}

struct MemoryFolder<'f> {
    folders: &'f MemoryFolders,
    prefix: String,
}

impl Folders for MemoryFolders {
    fn open(&self, path: &Utf8Path) -> io::Result<Box<dyn OpenFolder + '_>> {
        let prefix = match (path.as_str(), self.entries.get(path.as_str())) {
            ("", _) => String::new(),
            (path, Some(MemoryEntry::Folder)) => format!("{path}/"),
            (_, Some(_)) => return Err(io::ErrorKind::NotADirectory.into()),
            (_, None) => return Err(io::ErrorKind::NotFound.into()),
        };
        Ok(Box::new(MemoryFolder {
            folders: self,
            prefix,
        }))
    }

    fn exists(&self, path: &Utf8Path) -> bool {
        path == "" || self.entries.contains_key(path.as_str())
    }

    fn text(&self, path: &Utf8Path) -> Result<Source> {
        match self.entries.get(path.as_str()) {
            Some(MemoryEntry::File { text, .. }) => Ok(Source::new(path, text.as_str())),
            _ => Err(Error::usage(format!("failed to read {path}"))
                .because("there is no such text file")),
        }
    }

    fn read(&self, path: &Utf8Path) -> io::Result<Box<dyn io::Read + '_>> {
        match self.entries.get(path.as_str()) {
            Some(MemoryEntry::File { text, .. }) => Ok(Box::new(text.as_bytes())),
            Some(_) => Err(io::ErrorKind::InvalidInput.into()),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }
}

impl OpenFolder for MemoryFolder<'_> {
    fn entries(&mut self) -> io::Result<Vec<FolderEntry>> {
        let inside = self.folders.entries.range(self.prefix.clone()..);
        Ok(inside
            .take_while(|(path, _)| path.starts_with(&self.prefix))
            .filter(|(path, _)| !path[self.prefix.len()..].contains('/'))
            .map(|(path, entry)| FolderEntry {
                name: Ok(path[self.prefix.len()..].into()),
                kind: match entry {
                    MemoryEntry::File { .. } => Kind::File,
                    MemoryEntry::Folder => Kind::Folder,
                    MemoryEntry::Link(_) => Kind::Link,
                },
            })
            .collect())
    }

    fn measure(&self, name: &str, _: Kind) -> io::Result<(u64, Option<Box<str>>)> {
        match self.folders.entries.get(&format!("{}{name}", self.prefix)) {
            Some(MemoryEntry::File { bytes, .. }) => Ok((*bytes, None)),
            Some(MemoryEntry::Link(target)) => Ok((target.len() as u64, Some(target.clone()))),
            Some(MemoryEntry::Folder) => Ok((0, None)),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }
}
