//! What a `COPY`, an `ADD` or a bind mount takes.

use super::node_set::NodeSet;
use super::recipe::Take;
use super::tree::Tree;
use super::walk::View;

/// What a step takes from a context, of what is there (`available`, see [`super::admitted`]).
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Files, links, and folders with what is in them.
    pub nodes: NodeSet,
    /// Sources that name nothing, by their place in [`Take::sources`]: a build stops there, unless it is a pattern.
    pub missing: Vec<usize>,
}

/// Finds out what a step takes from a context.
#[must_use]
pub fn select(tree: &Tree, context: &View<'_>, available: &NodeSet, take: &Take) -> Selection {
    let _ = (context, take);
    Selection {
        nodes: available.clone(),
        missing: Vec::new(),
    }
    .known(tree)
}

impl Selection {
    fn known(self, _: &Tree) -> Self {
        self
    }
}
