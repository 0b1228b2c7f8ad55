//! One more layer on top of those that are there.

use super::{Cause, File, Filesystem, Hidden, MAX_LINKS, NodeId, State, Tree};
use crate::image::layer::{Change, Entry, LayerContents};
use crate::size::Bytes;

impl Filesystem {
    pub(super) fn add(&mut self, contents: &LayerContents) {
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
    pub(super) fn resolved(&self, path: &[u8]) -> Option<NodeId> {
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
