//! Which package a file belongs to.

use std::collections::HashMap;

use crate::image::filesystem::{Filesystem, NodeId};

/// Links through which a folder is looked for, one in the target of the other.
const MAX_LINK_DEPTH: usize = 40;

/// Nobody.
const NOBODY: usize = usize::MAX;

/// Folders below `/` that most distributions have moved to `/usr`; their records may still name the old place.
const MERGED: [&[u8]; 6] = [b"bin", b"lib", b"lib32", b"lib64", b"libx32", b"sbin"];

/// The owners of an image's files; who comes first keeps a file.
pub(super) struct Ownership<'a> {
    filesystem: &'a Filesystem,
    owners: Vec<usize>,
    /// Where links lead, each followed once: a list may go through the same one for every file.
    links: HashMap<NodeId, Option<NodeId>>,
}

impl<'a> Ownership<'a> {
    pub(super) fn new(filesystem: &'a Filesystem) -> Self {
        Self {
            filesystem,
            owners: vec![NOBODY; filesystem.files().len()],
            links: HashMap::new(),
        }
    }

    /// Gives a file to a package, unless it has an owner.
    pub(super) fn claim(&mut self, file: usize, package: usize) {
        let owner = &mut self.owners[file];
        if *owner == NOBODY {
            *owner = package;
        }
    }

    /// Whose a file is.
    pub(super) fn owner(&self, file: usize) -> Option<usize> {
        Some(self.owners[file]).filter(|owner| *owner != NOBODY)
    }

    /// The files that have an owner, with it.
    pub(super) fn owners(&self) -> impl Iterator<Item = (usize, usize)> {
        let owners = self.owners.iter().copied().enumerate();
        owners.filter(|(_, owner)| *owner != NOBODY)
    }

    /// The file that `path` names as seen from a folder; symbolic links on the way are followed, one at its end is not.
    pub(super) fn file(&mut self, from: NodeId, path: &[u8]) -> Option<usize> {
        let (folder, name) = parted(path);
        let folder = self.folder(from, folder)?;
        self.file_in(folder, name)
    }

    /// The file of a name in a folder.
    pub(super) fn file_in(&self, folder: NodeId, name: &[u8]) -> Option<usize> {
        self.filesystem
            .file_at(self.filesystem.child(folder, name)?)
    }

    /// The folder that `path` names as seen from another one.
    pub(super) fn folder(&mut self, from: NodeId, path: &[u8]) -> Option<NodeId> {
        let from = if path.starts_with(b"/") {
            Filesystem::ROOT
        } else {
            from
        };
        self.walk(from, path, MAX_LINK_DEPTH)
    }

    /// The folders that a database of the operating system may mean by a path from the root: that one, and where
    /// `/usr` was merged with the root or still is not, the other one.
    pub(super) fn system_folders(&mut self, path: &[u8]) -> [Option<NodeId>; 2] {
        let path = path.strip_prefix(b"/").unwrap_or(path);
        let first = |path: &[u8]| {
            let part = path.split(|byte| *byte == b'/').next().unwrap_or_default();
            MERGED.contains(&part)
        };
        let other = match path.strip_prefix(b"usr/") {
            Some(below) if first(below) => self.folder(Filesystem::ROOT, below),
            None if first(path) => self
                .folder(Filesystem::ROOT, b"usr")
                .and_then(|usr| self.folder(usr, path)),
            _ => None,
        };
        [self.folder(Filesystem::ROOT, path), other]
    }

    /// The file that a database of the operating system means by a path from the root.
    pub(super) fn system_file(&mut self, path: &[u8]) -> Option<usize> {
        let (folder, name) = parted(path);
        let folders = self.system_folders(folder);
        let mut folders = folders.into_iter().flatten();
        folders.find_map(|folder| self.file_in(folder, name))
    }

    /// Gives each visible file that nobody has to the nearest of `roots` that it lies below.
    pub(super) fn claim_below(&mut self, roots: &HashMap<NodeId, usize>) {
        if roots.is_empty() {
            return;
        }
        let mut known: HashMap<NodeId, usize> = roots.clone();
        known.entry(Filesystem::ROOT).or_insert(NOBODY);
        let mut unknown = Vec::new();
        for (node, file, _) in self.filesystem.visible_with_index() {
            if self.owners[file] != NOBODY {
                continue;
            }
            let mut folder = self.filesystem.parent(node);
            let owner = loop {
                if let Some(owner) = known.get(&folder) {
                    break *owner;
                }
                unknown.push(folder);
                folder = self.filesystem.parent(folder);
            };
            known.extend(unknown.drain(..).map(|folder| (folder, owner)));
            self.owners[file] = owner;
        }
    }

    fn walk(&mut self, from: NodeId, path: &[u8], depth: usize) -> Option<NodeId> {
        let mut node = from;
        for part in path.split(|byte| *byte == b'/') {
            node = match part {
                b"" | b"." => node,
                b".." => self.filesystem.parent(node),
                part => {
                    let child = self.filesystem.child(node, part)?;
                    self.followed(child, depth)?
                }
            };
        }
        Some(node)
    }

    fn followed(&mut self, node: NodeId, depth: usize) -> Option<NodeId> {
        let Some(target) = self.filesystem.link_at(node) else {
            return Some(node);
        };
        if let Some(known) = self.links.get(&node) {
            return *known;
        }
        let depth = depth.checked_sub(1)?;
        // A circle leads nowhere.
        self.links.insert(node, None);
        let from = if target.starts_with(b"/") {
            Filesystem::ROOT
        } else {
            self.filesystem.parent(node)
        };
        let found = self.walk(from, target, depth);
        self.links.insert(node, found);
        found
    }
}

/// A path as folder and last component.
fn parted(path: &[u8]) -> (&[u8], &[u8]) {
    match path.iter().rposition(|byte| *byte == b'/') {
        // With its slash, so that a path from the root stays one.
        Some(slash) => (&path[..=slash], &path[slash + 1..]),
        None => (&[], path),
    }
}
