//! The file system of an image: its layers laid over each other, and what is hidden thereby.
//!
//! As the OCI image specification lays them: a whiteout takes away what lower layers have, wherever it stands in its
//! layer; an entry replaces what is at its path, but a folder over a folder changes metadata only. A file's bytes
//! are its layer's as long as any name of it is visible.

use std::collections::HashMap;
use std::sync::Arc;

use super::executable::Executable;
use super::layer::{Entry, LayerContents};
use crate::size::Bytes;

mod layering;
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

    /// What is in a folder, in no order.
    pub fn children(&self, folder: NodeId) -> impl Iterator<Item = NodeId> {
        let all = self.tree.children(folder);
        all.filter(|child| self.is_there(*child))
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

    /// Whether there is a folder at a node.
    #[must_use]
    pub fn is_folder(&self, node: NodeId) -> bool {
        self.tree.state(node) == State::Folder
    }

    /// Whether there is anything at a node: one that was taken away stays known.
    #[must_use]
    pub fn is_there(&self, node: NodeId) -> bool {
        self.tree.state(node) != State::Nothing
    }

    /// What is at a path, with all links in it followed, as a container sees it.
    #[must_use]
    pub fn resolve(&self, path: &[u8]) -> Option<NodeId> {
        self.resolved(path).filter(|node| self.is_there(*node))
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
        self.known(LayerContents::captured)
    }

    /// What the visible programs and libraries say about themselves, with their paths, sorted.
    #[must_use]
    pub fn executables(&self) -> Vec<(String, &Executable)> {
        self.known(LayerContents::executables)
    }

    /// What layers know of visible files, with their paths, sorted; each file under the first of its names.
    fn known<'a, T: Copy, I: Iterator<Item = (usize, T)>>(
        &'a self,
        of: impl Fn(&'a LayerContents) -> I,
    ) -> Vec<(String, T)> {
        let mut found: HashMap<(usize, usize), T> = HashMap::new();
        for (index, layer) in self.layers.iter().enumerate() {
            found.extend(of(layer).map(|(entry, known)| ((index, entry), known)));
        }
        if found.is_empty() {
            return Vec::new();
        }
        let mut known: Vec<_> = self
            .visible()
            .filter_map(|(node, file)| {
                let known = found.get(&(file.layer, file.entry))?;
                Some((self.node_path(node), *known))
            })
            .collect();
        known.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
        known
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
