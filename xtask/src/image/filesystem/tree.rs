//! Paths as a tree of small nodes. A node that was taken away stays, as a later layer often has it again.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};

/// A place in the tree.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(u32);

/// What is at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// Nothing any more.
    Nothing,
    /// A folder.
    Folder,
    /// A name of a file, by its position among the files.
    File(u32),
    /// A symbolic link, by its position among the targets.
    Link(u32),
    /// Something without bytes.
    Other,
}

#[derive(Debug)]
struct Node {
    parent: u32,
    name_start: u32,
    first_child: u32,
    next_sibling: u32,
    /// Another node whose place has the same hash.
    next_same: u32,
    name_length: u16,
    state: State,
}

/// No node.
const NONE: u32 = u32::MAX;

/// The tree.
#[derive(Debug)]
pub(super) struct Tree {
    nodes: Vec<Node>,
    /// End to end.
    names: Vec<u8>,
    /// The first node with a hash of folder and name.
    by_place: HashMap<u32, u32>,
    hash: RandomState,
    targets: Vec<Box<[u8]>>,
}

impl Tree {
    /// The root.
    pub(super) const ROOT: NodeId = NodeId(0);

    /// With nothing but a root.
    pub(super) fn new() -> Self {
        let root = Node {
            parent: 0,
            name_start: 0,
            first_child: NONE,
            next_sibling: NONE,
            next_same: NONE,
            name_length: 0,
            state: State::Folder,
        };
        Self {
            nodes: vec![root],
            names: Vec::new(),
            by_place: HashMap::new(),
            hash: RandomState::new(),
            targets: Vec::new(),
        }
    }

    pub(super) fn state(&self, node: NodeId) -> State {
        self.nodes[node.0 as usize].state
    }

    pub(super) fn set(&mut self, node: NodeId, state: State) {
        // The root is a folder, whatever a layer says.
        if node != Self::ROOT {
            self.nodes[node.0 as usize].state = state;
        }
    }

    /// The folder a node lies in; of the root, the root.
    pub(super) fn parent(&self, node: NodeId) -> NodeId {
        NodeId(self.nodes[node.0 as usize].parent)
    }

    /// A node by its folder and name; it may be taken away.
    pub(super) fn child(&self, node: NodeId, name: &[u8]) -> Option<NodeId> {
        let first = self.by_place.get(&self.place_hash(node, name));
        self.among(first.copied().unwrap_or(NONE), node, name)
    }

    /// Half of the hash is enough: what has the same one is told apart, and there are a million places.
    fn place_hash(&self, folder: NodeId, name: &[u8]) -> u32 {
        let hash = self.hash.hash_one((folder.0, name));
        u32::try_from(hash >> 32).unwrap_or_default()
    }

    /// Among the nodes with one hash, from `at` on, the one that is meant.
    fn among(&self, mut at: u32, folder: NodeId, name: &[u8]) -> Option<NodeId> {
        while at != NONE {
            let node = &self.nodes[at as usize];
            if node.parent == folder.0 && self.name(NodeId(at)) == name {
                return Some(NodeId(at));
            }
            at = node.next_same;
        }
        None
    }

    pub(super) fn child_or_new(&mut self, folder: NodeId, name: &[u8]) -> NodeId {
        let hash = self.place_hash(folder, name);
        let first = self.by_place.get(&hash).copied().unwrap_or(NONE);
        if let Some(known) = self.among(first, folder, name) {
            return known;
        }
        let child = index(self.nodes.len());
        self.by_place.insert(hash, child);
        let parent = &mut self.nodes[folder.0 as usize];
        let next_sibling = std::mem::replace(&mut parent.first_child, child);
        self.nodes.push(Node {
            parent: folder.0,
            name_start: index(self.names.len()),
            first_child: NONE,
            next_sibling,
            next_same: first,
            // Names of layers are no longer.
            name_length: u16::try_from(name.len()).unwrap_or(u16::MAX),
            state: State::Nothing,
        });
        self.names.extend_from_slice(name);
        NodeId(child)
    }

    /// A node by its path; links in it are not followed.
    pub(super) fn find(&self, path: &[u8]) -> Option<NodeId> {
        let parts = path
            .split(|byte| *byte == b'/')
            .filter(|part| !part.is_empty());
        parts
            .into_iter()
            .try_fold(Self::ROOT, |node, part| self.child(node, part))
    }

    /// Keeps what a symbolic link points to.
    pub(super) fn link(&mut self, target: &[u8]) -> u32 {
        self.targets.push(target.into());
        index(self.targets.len() - 1)
    }

    pub(super) fn link_target(&self, target: u32) -> &[u8] {
        self.targets
            .get(target as usize)
            .map_or(&[], |target| target)
    }

    /// The last component of its path; of the root, nothing.
    pub(super) fn name(&self, node: NodeId) -> &[u8] {
        let node = &self.nodes[node.0 as usize];
        let start = node.name_start as usize;
        let end = start + usize::from(node.name_length);
        self.names.get(start..end).unwrap_or_default()
    }

    /// From the root, without a leading slash.
    pub(super) fn path(&self, node: NodeId) -> Vec<u8> {
        let mut parts = Vec::new();
        let mut at = node.0;
        while at != 0 {
            parts.push(self.name(NodeId(at)));
            at = self.nodes[at as usize].parent;
        }
        parts.reverse();
        parts.join(&b'/')
    }

    /// All that is there below a node.
    pub(super) fn take_below(&self, node: NodeId) -> Vec<NodeId> {
        let mut below = Vec::new();
        let mut open = vec![node.0];
        while let Some(at) = open.pop() {
            let mut child = self.nodes[at as usize].first_child;
            while child != NONE {
                let node = &self.nodes[child as usize];
                if node.state != State::Nothing {
                    below.push(NodeId(child));
                    // What is taken away has nothing below it.
                    if node.state == State::Folder {
                        open.push(child);
                    }
                }
                child = node.next_sibling;
            }
        }
        below
    }

    /// All that has a place in a folder, also what was taken away; in no order.
    pub(super) fn children(&self, folder: NodeId) -> impl Iterator<Item = NodeId> {
        let mut next = self.nodes[folder.0 as usize].first_child;
        std::iter::from_fn(move || {
            let node = self.nodes.get(next as usize)?;
            let child = NodeId(next);
            next = node.next_sibling;
            Some(child)
        })
    }

    /// All that is there, a folder before what it holds, by name.
    pub(super) fn preorder(&self) -> impl Iterator<Item = NodeId> {
        let mut open = vec![0];
        std::iter::from_fn(move || {
            let at = open.pop()?;
            let from = open.len();
            let mut child = self.nodes[at as usize].first_child;
            while child != NONE {
                let node = &self.nodes[child as usize];
                if node.state != State::Nothing {
                    open.push(child);
                }
                child = node.next_sibling;
            }
            let name = |node: u32| self.name(NodeId(node));
            open[from..].sort_unstable_by(|a, b| name(*b).cmp(name(*a)));
            Some(NodeId(at))
        })
    }
}

/// Positions are 32 bits; the limits on entries keep them there.
fn index(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(NONE)
}
