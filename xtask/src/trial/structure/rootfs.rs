//! An image's files as a container sees them, read from its layers: no container is needed.

use std::collections::BTreeMap;

use super::permissions::Nature;
use crate::image::filesystem::{Filesystem, NodeId};
use crate::image::layer::{Change, LayerContents};

/// What every container has, whatever its image: the engine puts it there.
const OF_THE_ENGINE: &[&str] = &[
    ".dockerenv",
    "dev",
    "dev/console",
    "dev/pts",
    "dev/shm",
    "etc",
    "etc/hostname",
    "etc/hosts",
    "etc/mtab",
    "etc/resolv.conf",
    "proc",
    "sys",
];

/// What is known of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stat {
    /// What it is.
    pub(super) nature: Nature,
    /// Permissions, with setuid, setgid and sticky.
    pub mode: u16,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
}

/// Why there is nothing to tell of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Absence {
    /// Nothing is there.
    Nothing,
    /// The image has nothing there, and the engine puts something there in every container.
    OfTheEngine,
}

/// The files of an image, with the content of those that were asked for.
#[derive(Debug)]
pub struct Rootfs<'a> {
    filesystem: &'a Filesystem,
    contents: BTreeMap<usize, Result<Vec<u8>, String>>,
}

impl<'a> Rootfs<'a> {
    /// Of a file system, with the content of files by their position in [`Filesystem::files`], or why there is none.
    #[must_use]
    pub fn new(
        filesystem: &'a Filesystem,
        contents: BTreeMap<usize, Result<Vec<u8>, String>>,
    ) -> Self {
        Self {
            filesystem,
            contents,
        }
    }

    /// What is at a path. A link at its end is told as such; links before are followed.
    ///
    /// # Errors
    /// Nothing is there.
    pub fn stat(&self, path: &str) -> Result<Stat, Absence> {
        let Some(node) = self.node(path) else {
            let plain = path.trim_matches('/');
            return Err(if OF_THE_ENGINE.contains(&plain) {
                Absence::OfTheEngine
            } else {
                Absence::Nothing
            });
        };
        if let Some(file) = self.filesystem.file_at(node) {
            let entry = self.filesystem.entry(&self.filesystem.files()[file]);
            return Ok(Stat {
                nature: Nature::File,
                mode: entry.mode,
                uid: entry.uid,
                gid: entry.gid,
            });
        }
        let nature = if self.filesystem.link_at(node).is_some() {
            Nature::Link
        } else {
            Nature::Folder
        };
        Ok(self.written(node, nature))
    }

    /// The regular file that a path means in the end, by its position in [`Filesystem::files`].
    #[must_use]
    pub fn file(&self, path: &str) -> Option<usize> {
        let node = self.filesystem.resolve(trimmed(path).as_bytes())?;
        self.filesystem.file_at(node)
    }

    /// The content of a regular file, with all links followed.
    ///
    /// # Errors
    /// There is none, or it could not be read.
    pub fn read(&self, path: &str) -> Result<&[u8], Unread> {
        let Some(node) = self.filesystem.resolve(trimmed(path).as_bytes()) else {
            return Err(Unread::No(format!("{path} is not there")));
        };
        let Some(file) = self.filesystem.file_at(node) else {
            return Err(Unread::No(format!("{path} is no regular file")));
        };
        match self.contents.get(&file) {
            Some(Ok(content)) => Ok(content),
            Some(Err(why)) => Err(Unread::Unknown(format!("{path} could not be read: {why}"))),
            None => Err(Unread::Unknown(format!("{path} was not read"))),
        }
    }

    /// The names of the folders in a folder, sorted; `None` if there is no such folder.
    #[must_use]
    pub fn folders(&self, path: &str) -> Option<Vec<String>> {
        let folder = self.filesystem.resolve(trimmed(path).as_bytes())?;
        if !self.filesystem.is_folder(folder) {
            return None;
        }
        let mut names: Vec<String> = self
            .filesystem
            .children(folder)
            .filter(|child| self.filesystem.is_folder(*child))
            .map(|child| String::from_utf8_lossy(self.filesystem.name(child)).into_owned())
            .collect();
        names.sort();
        Some(names)
    }

    fn node(&self, path: &str) -> Option<NodeId> {
        let plain = trimmed(path);
        let (folder, name) = plain.rsplit_once('/').unwrap_or(("", plain));
        if path.ends_with('/') || matches!(name, "" | "." | "..") {
            return self.filesystem.resolve(plain.as_bytes());
        }
        let folder = self.filesystem.resolve(folder.as_bytes())?;
        let node = self.filesystem.child(folder, name.as_bytes())?;
        self.filesystem.is_there(node).then_some(node)
    }

    /// What the highest layer says that has an entry for a folder or link. Folders that no layer has are made by the
    /// engine.
    fn written(&self, node: NodeId, nature: Nature) -> Stat {
        let path = self.filesystem.node_path(node);
        let wanted = match nature {
            Nature::Link => Change::Symlink,
            _ => Change::Directory,
        };
        for layer in self.filesystem.layers().iter().rev() {
            if let Some(stat) = entry(layer, &path, wanted, nature) {
                return stat;
            }
            if takes_away(layer, &path) {
                break;
            }
        }
        Stat {
            nature,
            mode: 0o755,
            uid: 0,
            gid: 0,
        }
    }
}

/// Why a file's content is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unread {
    /// There is no such file.
    No(String),
    /// It could not be read, so nothing can be told.
    Unknown(String),
}

fn trimmed(path: &str) -> &str {
    path.trim_matches('/')
}

fn split(path: &str) -> (&[u8], &[u8]) {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    (folder.as_bytes(), name.as_bytes())
}

fn entry(layer: &LayerContents, path: &str, wanted: Change, nature: Nature) -> Option<Stat> {
    let (folder, name) = split(path);
    let found = layer.entries().iter().rev().find(|entry| {
        entry.change == wanted && layer.name(entry) == name && layer.folder(entry) == folder
    })?;
    Some(Stat {
        nature,
        mode: found.mode,
        uid: found.uid,
        gid: found.gid,
    })
}

/// Whether a layer removes a path, or a folder it is in.
fn takes_away(layer: &LayerContents, path: &str) -> bool {
    layer.entries().iter().any(|entry| {
        let folder = String::from_utf8_lossy(layer.folder(entry));
        match entry.change {
            Change::Opaque => path
                .strip_prefix(&*folder)
                .is_some_and(|behind| folder.is_empty() || behind.starts_with('/')),
            Change::Whiteout => {
                let name = String::from_utf8_lossy(layer.name(entry));
                let gone = if folder.is_empty() {
                    name.into_owned()
                } else {
                    format!("{folder}/{name}")
                };
                path == gone
                    || path
                        .strip_prefix(&gone)
                        .is_some_and(|behind| behind.starts_with('/'))
            }
            _ => false,
        }
    })
}
