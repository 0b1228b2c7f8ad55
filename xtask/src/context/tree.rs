//! Every entry below a folder, once.

use std::collections::HashMap;
use std::io;
use std::ops::Range;

use camino::{Utf8Path, Utf8PathBuf};

use super::folders::Kind;
use crate::dockerignore::Decision;

/// An entry of a [`Tree`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(u32);

/// What a walk found: entries by folder, the children of a folder side by side and in the order of their names' bytes.
#[derive(Debug, Default)]
pub struct Tree {
    pub(super) nodes: Vec<Node>,
    pub(super) targets: HashMap<NodeId, Box<str>>,
    /// By view, by node.
    pub(super) decisions: Vec<Vec<PackedDecision>>,
    pub(super) problems: Vec<Problem>,
}

#[derive(Debug)]
pub(super) struct Node {
    pub(super) name: Box<str>,
    pub(super) bytes: u64,
    pub(super) parent: u32,
    pub(super) children: Range<u32>,
    pub(super) kind: Kind,
    pub(super) pruned: bool,
}

/// A [`Decision`] of a view in four bytes; zero is "outside of the view".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct PackedDecision(u32);

/// What could not be looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// From the root of the walk.
    pub path: Utf8PathBuf,
    /// What kind of trouble.
    pub kind: ProblemKind,
    /// What the system says.
    pub cause: String,
}

/// What kind of trouble a walk had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProblemKind {
    /// A folder or file may not be read. `BuildKit` stops at it.
    Unreadable,
    /// It was there a moment ago.
    Vanished,
    /// The name is not UTF-8. `BuildKit` cannot send it.
    NotUtf8,
}

impl PackedDecision {
    pub(super) fn new(decision: Decision) -> Self {
        // A pattern for each of a million lines fits into 30 bits.
        let pattern = decision
            .pattern
            .map_or(0, |index| u32::try_from(index + 1).unwrap_or(u32::MAX >> 2));
        Self(pattern << 2 | u32::from(decision.ignored) << 1 | 1)
    }

    fn decision(self) -> Option<Decision> {
        (self.0 != 0).then(|| Decision {
            ignored: self.0 & 2 != 0,
            pattern: (self.0 >> 2).checked_sub(1).map(|index| index as usize),
        })
    }
}

impl Problem {
    pub(super) fn new(path: Utf8PathBuf, error: &io::Error) -> Self {
        let kind = match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => ProblemKind::Vanished,
            _ => ProblemKind::Unreadable,
        };
        Self {
            path,
            kind,
            cause: error.to_string(),
        }
    }
}

impl Tree {
    /// The folder that was walked.
    pub const ROOT: NodeId = NodeId(0);

    /// How many entries there are, the root among them.
    #[must_use]
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether nothing was found, not even the root.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// Every entry, the root first, a folder before what is in it.
    pub fn nodes(&self) -> impl Iterator<Item = NodeId> + use<> {
        (0..u32::try_from(self.nodes.len()).unwrap_or(u32::MAX)).map(NodeId)
    }

    /// What could not be looked at, by path.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.index()]
    }

    /// The name in its folder; the root has none.
    #[must_use]
    pub fn name(&self, id: NodeId) -> &str {
        &self.node(id).name
    }

    /// What it is.
    #[must_use]
    pub fn kind(&self, id: NodeId) -> Kind {
        self.node(id).kind
    }

    /// A file's size. Zero for what is no file, and for what no view lets through: that is not measured.
    #[must_use]
    pub fn bytes(&self, id: NodeId) -> u64 {
        self.node(id).bytes
    }

    /// A folder that was not entered, because no view lets anything through that is in it.
    #[must_use]
    pub fn is_pruned(&self, id: NodeId) -> bool {
        self.node(id).pruned
    }

    /// Where a link leads, as it says.
    #[must_use]
    pub fn link_target(&self, id: NodeId) -> Option<&str> {
        self.targets.get(&id).map(AsRef::as_ref)
    }

    /// The folder it is in; `None` for the root.
    #[must_use]
    pub fn parent(&self, id: NodeId) -> Option<NodeId> {
        (id != Self::ROOT).then(|| NodeId(self.node(id).parent))
    }

    /// What is in a folder, by the bytes of the names.
    pub fn children(&self, id: NodeId) -> impl DoubleEndedIterator<Item = NodeId> + use<> {
        self.node(id).children.clone().map(NodeId)
    }

    /// The entry of a name in a folder.
    #[must_use]
    pub fn child(&self, folder: NodeId, name: &str) -> Option<NodeId> {
        let range = self.node(folder).children.clone();
        let children = &self.nodes[range.start as usize..range.end as usize];
        let at = children
            .binary_search_by(|node| (*node.name).cmp(name))
            .ok()?;
        Some(NodeId(range.start + u32::try_from(at).ok()?))
    }

    /// The entry at a path from the root; the root for an empty one. Links are not followed.
    #[must_use]
    pub fn find(&self, path: &Utf8Path) -> Option<NodeId> {
        if self.nodes.is_empty() {
            return None;
        }
        path.as_str()
            .split('/')
            .filter(|part| !part.is_empty())
            .try_fold(Self::ROOT, |folder, name| self.child(folder, name))
    }

    /// The path from the root, without a slash at its ends.
    #[must_use]
    pub fn path(&self, id: NodeId) -> Utf8PathBuf {
        let mut names = Vec::new();
        let mut at = id;
        while let Some(parent) = self.parent(at) {
            names.push(self.name(at));
            at = parent;
        }
        names.reverse();
        names.join("/").into()
    }

    /// What a view's ignore file says of an entry; `None` if the entry is not in the view's context, as its root.
    #[must_use]
    pub fn decision(&self, view: usize, id: NodeId) -> Option<Decision> {
        self.decisions[view][id.index()].decision()
    }

    /// Whether a view lets an entry through. A folder that is ignored may still be sent for what is in it.
    #[must_use]
    pub fn admits(&self, view: usize, id: NodeId) -> bool {
        self.decision(view, id)
            .is_some_and(|decision| !decision.ignored)
    }
}

impl NodeId {
    /// Its place among all nodes.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }

    pub(super) fn new(index: usize) -> Self {
        // A walk stops long before: each node takes more than a byte.
        Self(u32::try_from(index).unwrap_or(u32::MAX))
    }
}
