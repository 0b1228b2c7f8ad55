//! The way of an entry, step by step.

use super::shadow::Shadow;
use super::{Event, EventKind, Flow, TakeOf};
use crate::context::recipe::StageReference;
use crate::context::tree::{NodeId, Tree};

/// A station of an entry's way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hop {
    /// Where.
    pub stage: StageReference,
    /// At which step.
    pub step: usize,
    /// What happens there.
    pub kind: HopKind,
}

/// What happens to an entry on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HopKind {
    /// It is copied from the build context.
    Enters,
    /// It is shown to a `RUN` alone.
    Mounted,
    /// It is copied from a stage.
    Carried,
    /// It is removed or overwritten; the layer below keeps it.
    Hidden,
}

impl Flow {
    /// The way of an entry into the image, or to the first step that takes it; empty where none does.
    #[must_use]
    pub fn way(&self, tree: &Tree, node: NodeId) -> Vec<Hop> {
        let placed = |event: &Event| match event.kind {
            EventKind::Placed(placement) => Some(placement),
            EventKind::Removed(_) | EventKind::Made(_) | EventKind::Ran => None,
        };
        let found = [true, false].into_iter().find_map(|certain| {
            self.history.iter().enumerate().find_map(|(at, event)| {
                let placement = &self.placements[placed(event)?];
                let fits = placement.is_certain == certain && placement.nodes.contains(node);
                fits.then(|| (at, placed(event)))
            })
        });
        let Some((at, Some(last))) = found else {
            let take = self.takes.iter().find(|take| take.nodes.contains(node));
            return take.map(TakeOf::hop).into_iter().collect();
        };
        let mut hops = Vec::new();
        let mut next = Some(last);
        while let Some(index) = next {
            let placement = &self.placements[index];
            next = placement.parent;
            hops.push(Hop {
                stage: placement.stage.clone(),
                step: placement.step,
                kind: match next {
                    Some(_) => HopKind::Carried,
                    None => HopKind::Enters,
                },
            });
        }
        hops.reverse();
        if self.hidden.contains(node) {
            hops.extend(self.hiding(tree, node, at, last));
        }
        hops
    }

    /// What hides an entry of a placement, which is the event `at` of the history.
    fn hiding(&self, tree: &Tree, node: NodeId, at: usize, placement: usize) -> Option<Hop> {
        let event = self.history[at + 1..].iter().find(|event| {
            let mut shadow = Shadow::default();
            shadow.add(&self.placements, &event.kind);
            let hidden = shadow.hidden(tree, &self.placements, placement);
            hidden.is_some_and(|hidden| hidden.contains(node))
        })?;
        Some(Hop {
            stage: event.stage.clone(),
            step: event.step,
            kind: HopKind::Hidden,
        })
    }
}

impl TakeOf {
    fn hop(&self) -> Hop {
        Hop {
            stage: self.stage.clone(),
            step: self.step,
            kind: if self.is_mount {
                HopKind::Mounted
            } else {
                HopKind::Enters
            },
        }
    }
}
