//! How much is in each folder.

use super::folders::Kind;
use super::node_set::NodeSet;
use super::tree::{NodeId, Tree};

/// What an entry weighs: a file itself, a folder with everything in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Weight {
    /// Files and links.
    pub files: usize,
    /// Of files, in bytes.
    pub bytes: u64,
}

/// The weight of every entry of a tree, counting what a set holds.
#[derive(Clone, Debug)]
pub struct Weights(Vec<Weight>);

impl Weights {
    /// Weighs.
    #[must_use]
    pub fn of(tree: &Tree, set: &NodeSet) -> Self {
        let mut weights = vec![Weight::default(); tree.len()];
        for index in (0..tree.len()).rev() {
            let node = NodeId::new(index);
            if set.contains(node) && tree.kind(node) != Kind::Folder {
                weights[index].files += 1;
                weights[index].bytes += tree.bytes(node);
            }
            if let Some(parent) = tree.parent(node) {
                let Weight { files, bytes } = weights[index];
                let above = &mut weights[parent.index()];
                above.files += files;
                above.bytes += bytes;
            }
        }
        Self(weights)
    }

    /// The weight of an entry.
    #[must_use]
    pub fn get(&self, node: NodeId) -> Weight {
        self.0[node.index()]
    }
}
