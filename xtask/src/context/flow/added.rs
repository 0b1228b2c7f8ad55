//! What a step adds to the image from build contexts.

use super::placement::Placement;
use super::shadow::Shadow;
use super::{EventKind, Flow};
use crate::context::folders::Kind;
use crate::context::node_set::NodeSet;
use crate::context::recipe::StageReference;
use crate::context::tree::Tree;

/// What a step adds to the image from build contexts, files alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Added {
    /// Bytes that are in its layer for certain.
    pub bytes: u64,
    /// Something may be there besides, or lie at another place than it seems to.
    pub may_be_more: bool,
}

impl Flow {
    /// What a step of a stage that the image is made of adds; `None` where it copies nothing from a build context that
    /// is known, or is no part of the image.
    ///
    /// A file that an earlier step put to the same place may be there again: `BuildKit` leaves out of a layer what did
    /// not change, and to it a file has changed whose copy in the layer below is from its cache and has another time.
    #[must_use]
    pub fn added(&self, tree: &Tree, stage: &StageReference, step: usize) -> Option<Added> {
        let mut found: Option<Added> = None;
        for (at, event) in self.history.iter().enumerate() {
            let EventKind::Placed(index) = event.kind else {
                continue;
            };
            let placement = &self.placements[index];
            let is_meant = event.step == step && event.stage == *stage;
            if !is_meant || placement.parent.is_some() {
                continue;
            }
            let added = found.get_or_insert_default();
            if !placement.is_certain {
                added.may_be_more = true;
                continue;
            }
            let repeated = self.repeated(tree, at, index);
            for node in placement.nodes.iter() {
                let bytes = tree.bytes(node);
                match tree.kind(node) {
                    Kind::File if !repeated.contains(node) => added.bytes += bytes,
                    Kind::File if bytes > 0 => added.may_be_more = true,
                    _ => {}
                }
            }
        }
        found
    }

    /// Whether a source of a step is a file, and not a folder, for which `is_such` holds.
    #[must_use]
    pub fn adds_file(
        &self,
        tree: &Tree,
        (stage, step): (&StageReference, usize),
        is_such: impl Fn(&str) -> bool,
    ) -> bool {
        let is_meant = |it: &&Placement| it.step == step && it.stage == *stage;
        let mut roots = self
            .placements
            .iter()
            .filter(is_meant)
            .flat_map(|it| &it.roots);
        roots.any(|root| tree.kind(root.node) != Kind::Folder && is_such(tree.name(root.node)))
    }

    /// What of a placement, event number `at`, lies at the same place already, or may.
    fn repeated(&self, tree: &Tree, at: usize, index: usize) -> NodeSet {
        let mut shadow = Shadow::same();
        shadow.add(&self.placements, &EventKind::Placed(index));
        let mut repeated = NodeSet::none(tree);
        for event in &self.history[..at] {
            if let EventKind::Placed(earlier) = event.kind
                && let Some(same) = shadow.hidden(tree, &self.placements, earlier)
            {
                repeated.insert_all(&same);
            }
        }
        repeated
    }
}
