//! Where folders are listed: a disk, or a table in memory.

use std::collections::BTreeMap;
use std::io;

use camino::Utf8Path;

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
}

/// Files in memory, by path; a path that ends with `/` is an empty folder.
#[derive(Clone, Debug, Default)]
pub struct MemoryFolders {
    entries: BTreeMap<String, MemoryEntry>,
}

#[derive(Clone, Debug)]
enum MemoryEntry {
    File(u64),
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
                (None, None) => (path, MemoryEntry::File(bytes)),
            };
            for (at, _) in path.match_indices('/') {
                folders
                    .entries
                    .entry(path[..at].to_owned())
                    .or_insert(MemoryEntry::Folder);
            }
            folders.entries.insert(path.to_owned(), entry);
        }
        folders
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
                    MemoryEntry::File(_) => Kind::File,
                    MemoryEntry::Folder => Kind::Folder,
                    MemoryEntry::Link(_) => Kind::Link,
                },
            })
            .collect())
    }

    fn measure(&self, name: &str, _: Kind) -> io::Result<(u64, Option<Box<str>>)> {
        match self.folders.entries.get(&format!("{}{name}", self.prefix)) {
            Some(MemoryEntry::File(bytes)) => Ok((*bytes, None)),
            Some(MemoryEntry::Link(target)) => Ok((target.len() as u64, Some(target.clone()))),
            Some(MemoryEntry::Folder) => Ok((0, None)),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }
}
