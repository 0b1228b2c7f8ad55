//! Entries that do not overlap.

use std::collections::HashSet;

use crate::context::tree::{NodeId, Tree};

/// Entries, none of which lies in another.
#[derive(Default)]
pub(super) struct Apart {
    entries: HashSet<NodeId>,
    /// The folders that they lie in.
    above: HashSet<NodeId>,
}

impl Apart {
    /// One entry.
    pub(super) fn of(tree: &Tree, node: NodeId) -> Self {
        let mut apart = Self::default();
        apart.admit(tree, node);
        apart
    }

    /// Takes an entry in if it lies in none of the others, and none in it.
    pub(super) fn admit(&mut self, tree: &Tree, node: NodeId) -> bool {
        let above = || std::iter::successors(tree.parent(node), |at| tree.parent(*at));
        let is_apart = !self.above.contains(&node)
            && !self.entries.contains(&node)
            && !above().any(|at| self.entries.contains(&at));
        if is_apart {
            self.entries.insert(node);
            self.above.extend(above());
        }
        is_apart
    }
}
