//! The file system of an image: its layers laid over each other, and what is hidden thereby.
//!
//! As the OCI image specification lays them: a whiteout takes away what lower layers have, wherever it stands in its
//! layer; an entry replaces what is at its path, but a folder over a folder changes metadata only. A file's bytes
//! are its layer's as long as any name of it is visible.

use std::collections::HashMap;
use std::sync::Arc;

use super::layer::{Change, Entry, LayerContents};
use crate::size::Bytes;

mod tree;

pub use tree::NodeId;
use tree::{State, Tree};

/// As many symbolic links Linux follows in a path.
const MAX_LINKS: usize = 40;

/// A regular file in a layer, whatever its names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct File {
    /// Which layer brought it.
    pub layer: usize,
    /// Which of the layer's entries it is.
    pub entry: usize,
    /// Its bytes.
    pub size: Bytes,
    /// How many names it has in the end.
    pub names: u32,
}

/// Why a file is hidden.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cause {
    /// A later layer removed it, or a folder it was in.
    Removed,
    /// A later layer has another file, link or folder at its path.
    Replaced,
    /// A later layer has the same content at its path: owner, permissions or times were changed.
    MetadataOnly,
    /// A later layer removed it and brought the same content under another name.
    Moved,
}

impl Cause {
    /// In a sentence: "… is removed by …".
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Removed => "removed",
            Self::Replaced => "replaced",
            Self::MetadataOnly => "copied for a change of metadata",
            Self::Moved => "moved",
        }
    }
}

/// A file that no container of the image sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hidden {
    /// Which of [`Filesystem::files`].
    pub file: usize,
    /// Which layer hid the last of its names.
    pub by_layer: usize,
    /// How.
    pub cause: Cause,
}

/// What the layers of an image make together.
#[derive(Debug)]
pub struct Filesystem {
    layers: Vec<Arc<LayerContents>>,
    tree: Tree,
    files: Vec<File>,
    hidden: Vec<Hidden>,
}

impl Filesystem {
    /// Lays `layers` over each other, lowest first.
    #[must_use]
    pub fn of(layers: Vec<Arc<LayerContents>>) -> Self {
        let mut filesystem = Self {
            tree: Tree::new(),
            files: Vec::new(),
            hidden: Vec::new(),
            layers: Vec::new(),
        };
        for contents in layers {
            filesystem.layers.push(Arc::clone(&contents));
            filesystem.add(&contents);
        }
        filesystem
    }

    /// The folder that holds all.
    pub const ROOT: NodeId = Tree::ROOT;

    /// Every regular file of every layer.
    #[must_use]
    pub fn files(&self) -> &[File] {
        &self.files
    }

    /// Those that nobody sees, in the order in which they were hidden.
    #[must_use]
    pub fn hidden(&self) -> &[Hidden] {
        &self.hidden
    }

    /// The layers it was made of, lowest first.
    #[must_use]
    pub fn layers(&self) -> &[Arc<LayerContents>] {
        &self.layers
    }

    /// The entry of a file.
    #[must_use]
    pub fn entry(&self, file: &File) -> &Entry {
        &self.layers[file.layer].entries()[file.entry]
    }

    /// The path of a file, as its layer names it; what is not UTF-8 in it is replaced.
    #[must_use]
    pub fn path(&self, file: &File) -> String {
        let layer = &self.layers[file.layer];
        let entry = &layer.entries()[file.entry];
        joined(layer.folder(entry), layer.name(entry))
    }

    /// Bytes of the files that are visible.
    #[must_use]
    pub fn visible_bytes(&self) -> Bytes {
        let visible = self.files.iter().filter(|file| file.names > 0);
        Bytes(visible.map(|file| file.size.0).sum())
    }

    /// Bytes of the files that are not.
    #[must_use]
    pub fn hidden_bytes(&self) -> Bytes {
        Bytes(
            self.hidden
                .iter()
                .map(|hidden| self.files[hidden.file].size.0)
                .sum(),
        )
    }

    /// The visible files by path, each under the first of its names only, in the order of the folders.
    pub fn visible(&self) -> impl Iterator<Item = (NodeId, &File)> {
        self.visible_with_index()
            .map(|(node, _, file)| (node, file))
    }

    /// As [`Filesystem::visible`], with the position of each in [`Filesystem::files`].
    pub fn visible_with_index(&self) -> impl Iterator<Item = (NodeId, usize, &File)> {
        let mut seen = vec![false; self.files.len()];
        self.tree.preorder().filter_map(move |node| {
            let State::File(file) = self.tree.state(node) else {
                return None;
            };
            let file = file as usize;
            (!std::mem::replace(&mut seen[file], true)).then(|| (node, file, &self.files[file]))
        })
    }

    /// The path of a node, from the root without a leading slash; what is not UTF-8 in it is replaced.
    #[must_use]
    pub fn node_path(&self, node: NodeId) -> String {
        String::from_utf8_lossy(&self.tree.path(node)).into_owned()
    }

    /// What is at a path; links in it are not followed.
    #[must_use]
    pub fn node_at(&self, path: &[u8]) -> Option<NodeId> {
        self.tree.find(path)
    }

    /// What has a name in a folder; links are not followed.
    #[must_use]
    pub fn child(&self, folder: NodeId, name: &[u8]) -> Option<NodeId> {
        self.tree.child(folder, name)
    }

    /// The folder a node lies in; of the root, the root.
    #[must_use]
    pub fn parent(&self, node: NodeId) -> NodeId {
        self.tree.parent(node)
    }

    /// The last component of a node's path; of the root, nothing.
    #[must_use]
    pub fn name(&self, node: NodeId) -> &[u8] {
        self.tree.name(node)
    }

    /// The visible file at a node, by its position in [`Filesystem::files`].
    #[must_use]
    pub fn file_at(&self, node: NodeId) -> Option<usize> {
        match self.tree.state(node) {
            State::File(file) => Some(file as usize),
            _ => None,
        }
    }

    /// What a symbolic link at a node points to, as written.
    #[must_use]
    pub fn link_at(&self, node: NodeId) -> Option<&[u8]> {
        match self.tree.state(node) {
            State::Link(target) => Some(self.tree.link_target(target)),
            _ => None,
        }
    }

    /// The visible file at a path; links in it are not followed.
    #[must_use]
    pub fn find(&self, path: &[u8]) -> Option<&File> {
        match self.tree.state(self.tree.find(path)?) {
            State::File(file) => self.files.get(file as usize),
            _ => None,
        }
    }

    /// The content of the visible files that inventories read, with their paths, sorted.
    #[must_use]
    pub fn captured(&self) -> Vec<(String, &[u8])> {
        let mut found: HashMap<(usize, usize), &[u8]> = HashMap::new();
        for (index, layer) in self.layers.iter().enumerate() {
            found.extend(layer.captured().map(|(entry, text)| ((index, entry), text)));
        }
        if found.is_empty() {
            return Vec::new();
        }
        let mut captured: Vec<_> = self
            .visible()
            .filter_map(|(node, file)| {
                let text = found.get(&(file.layer, file.entry))?;
                Some((self.node_path(node), *text))
            })
            .collect();
        captured.sort_unstable();
        captured
    }

    fn add(&mut self, contents: &LayerContents) {
        let layer = self.layers.len() - 1;
        let first = self.files.len();
        let first_hidden = self.hidden.len();
        // Folder by folder as the layer counts them, so that most paths are looked up once.
        let mut folders: Vec<Option<NodeId>> = vec![None; contents.folders().len()];
        for entry in contents.entries() {
            let folder = contents.folder(entry);
            match entry.change {
                Change::Opaque => {
                    if let Some(node) = self.resolved(folder) {
                        self.drop_below(node, layer, Cause::Removed);
                    }
                }
                Change::Whiteout => {
                    let node = self.resolved(folder);
                    let name = contents.name(entry);
                    if let Some(node) = node.and_then(|node| self.tree.child(node, name)) {
                        self.drop_all(node, layer, Cause::Removed);
                    }
                }
                _ => {}
            }
        }
        for (index, entry) in contents.entries().iter().enumerate() {
            if matches!(entry.change, Change::Opaque | Change::Whiteout) {
                continue;
            }
            let slot = contents.folder_index(entry);
            let folder =
                folders[slot].unwrap_or_else(|| self.folder(contents.folder(entry), layer));
            folders[slot] = Some(folder);
            let name = contents.name(entry);
            if name.is_empty() {
                continue;
            }
            let node = self.tree.child_or_new(folder, name);
            if self.put(node, contents, (layer, index), entry) {
                // What was a folder is none any more: paths have to be looked up again.
                folders.fill(None);
            }
        }
        self.find_moves(first_hidden, first);
    }

    /// Puts an entry at a node. Whether a folder went away.
    fn put(
        &mut self,
        node: NodeId,
        contents: &LayerContents,
        (layer, index): (usize, usize),
        entry: &Entry,
    ) -> bool {
        let before = self.tree.state(node);
        let state = match entry.change {
            Change::Directory => {
                if before == State::Folder {
                    return false;
                }
                State::Folder
            }
            Change::Symlink => State::Link(self.tree.link(contents.link(entry))),
            Change::HardLink => match self.link_target(contents.link(entry)) {
                Some(file) => {
                    // Counted before the old name goes: it may be a name of the same file.
                    self.files[file as usize].names += 1;
                    State::File(file)
                }
                // Its target is missing: an engine would refuse the layer, and it has no bytes.
                None => State::Other,
            },
            Change::File => {
                self.files.push(File {
                    layer,
                    entry: index,
                    size: Bytes(entry.size),
                    names: 1,
                });
                State::File(u32::try_from(self.files.len() - 1).unwrap_or(u32::MAX))
            }
            _ => State::Other,
        };
        let same_content = match (before, state) {
            (State::File(old), State::File(new)) => self.is_same_content(old, new),
            _ => false,
        };
        let cause = if same_content {
            Cause::MetadataOnly
        } else {
            Cause::Replaced
        };
        self.drop_all(node, layer, cause);
        self.tree.set(node, state);
        before == State::Folder
    }

    fn is_same_content(&self, old: u32, new: u32) -> bool {
        let (old, new) = (&self.files[old as usize], &self.files[new as usize]);
        old.size == new.size
            && old.layer != new.layer
            && self.entry(old).fingerprint == self.entry(new).fingerprint
    }

    /// The folder at `path`, made where it is missing: a layer need not name the folders of its files.
    fn folder(&mut self, path: &[u8], layer: usize) -> NodeId {
        let mut node = Tree::ROOT;
        for part in path
            .split(|byte| *byte == b'/')
            .filter(|part| !part.is_empty())
        {
            let child = self.tree.child_or_new(node, part);
            node = match self.tree.state(child) {
                State::Link(_) => self.followed(child).unwrap_or(child),
                _ => child,
            };
            if self.tree.state(node) != State::Folder {
                self.drop_all(node, layer, Cause::Replaced);
                self.tree.set(node, State::Folder);
            }
        }
        node
    }

    /// The folder at `path` with links followed, if it is there.
    fn resolved(&self, path: &[u8]) -> Option<NodeId> {
        self.walk(Tree::ROOT, path, &mut { MAX_LINKS })
    }

    fn followed(&self, link: NodeId) -> Option<NodeId> {
        let State::Link(target) = self.tree.state(link) else {
            return Some(link);
        };
        let target = self.tree.link_target(target);
        let from = if target.starts_with(b"/") {
            Tree::ROOT
        } else {
            self.tree.parent(link)
        };
        self.walk(from, target, &mut (MAX_LINKS - 1))
            .filter(|node| self.tree.state(*node) == State::Folder)
    }

    /// All links on the way count, also those in targets of others: they could double with each.
    fn walk(&self, from: NodeId, path: &[u8], links_left: &mut usize) -> Option<NodeId> {
        let mut node = from;
        for part in path.split(|byte| *byte == b'/') {
            match part {
                b"" | b"." => continue,
                b".." => {
                    node = self.tree.parent(node);
                    continue;
                }
                _ => {}
            }
            node = self.tree.child(node, part)?;
            if let State::Link(target) = self.tree.state(node) {
                let target = self.tree.link_target(target);
                let from = if target.starts_with(b"/") {
                    Tree::ROOT
                } else {
                    self.tree.parent(node)
                };
                *links_left = links_left.checked_sub(1)?;
                node = self.walk(from, target, links_left)?;
            }
        }
        Some(node)
    }

    fn link_target(&self, path: &[u8]) -> Option<u32> {
        let (folder, name) = match path.iter().rposition(|byte| *byte == b'/') {
            Some(slash) => (&path[..slash], &path[slash + 1..]),
            None => (&[][..], path),
        };
        match self
            .tree
            .state(self.tree.child(self.resolved(folder)?, name)?)
        {
            State::File(file) => Some(file),
            _ => None,
        }
    }

    /// Takes a node away, with all below it.
    fn drop_all(&mut self, node: NodeId, layer: usize, cause: Cause) {
        // What was below a folder that something else replaces is removed.
        let below = if cause == Cause::MetadataOnly {
            Cause::Replaced
        } else {
            cause
        };
        self.drop_below(node, layer, below);
        if let State::File(file) = self.tree.state(node) {
            self.drop_name(file, layer, cause);
        }
        self.tree.set(node, State::Nothing);
    }

    fn drop_below(&mut self, node: NodeId, layer: usize, cause: Cause) {
        for child in self.tree.take_below(node) {
            if let State::File(file) = self.tree.state(child) {
                self.drop_name(file, layer, cause);
            }
            self.tree.set(child, State::Nothing);
        }
    }

    fn drop_name(&mut self, file: u32, layer: usize, cause: Cause) {
        let index = file as usize;
        let file = &mut self.files[index];
        file.names = file.names.saturating_sub(1);
        if file.names == 0 {
            self.hidden.push(Hidden {
                file: index,
                by_layer: layer,
                cause,
            });
        }
    }

    /// Of what a layer removed, that which it brought again elsewhere.
    fn find_moves(&mut self, first_hidden: usize, first_file: usize) {
        let is_candidate =
            |hidden: &Hidden| hidden.cause == Cause::Removed && hidden.file < first_file;
        if !self.hidden[first_hidden..].iter().any(is_candidate) {
            return;
        }
        let brought: std::collections::HashSet<_> = self.files[first_file..]
            .iter()
            .filter(|file| file.size.0 > 0)
            .map(|file| (file.size, self.entry(file).fingerprint))
            .collect();
        for at in first_hidden..self.hidden.len() {
            let hidden = self.hidden[at];
            let file = &self.files[hidden.file];
            let entry = self.entry(file);
            if !is_candidate(&hidden) || !brought.contains(&(file.size, entry.fingerprint)) {
                continue;
            }
            let contents = &self.layers[file.layer];
            let path = [contents.folder(entry), contents.name(entry)].join(&b'/');
            let now = self.find(&path).filter(|now| now.layer == hidden.by_layer);
            let is_in_place =
                now.is_some_and(|now| self.entry(now).fingerprint == entry.fingerprint);
            self.hidden[at].cause = if is_in_place {
                Cause::MetadataOnly
            } else {
                Cause::Moved
            };
        }
    }
}

fn joined(folder: &[u8], name: &[u8]) -> String {
    let name = String::from_utf8_lossy(name);
    if folder.is_empty() {
        name.into_owned()
    } else {
        format!("{}/{name}", String::from_utf8_lossy(folder))
    }
}

#[cfg(test)]
mod tests;
