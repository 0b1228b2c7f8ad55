//! What later steps remove or overwrite.

use std::collections::{BTreeMap, BTreeSet};

use super::EventKind;
use super::placement::{Placement, Root};
use crate::context::folders::Kind;
use crate::context::links::rooted;
use crate::context::node_set::NodeSet;
use crate::context::tree::{NodeId, Tree};

/// What stands in the way of what was there before. Paths are keys: empty for the root, `/a/b` for others.
#[derive(Default)]
pub(super) struct Shadow {
    /// What may stand in the way counts, too.
    is_perhaps: bool,
    /// Not what hides counts, but what puts the same entry to the same place.
    finds_same: bool,
    removed: BTreeSet<String>,
    /// What lies there: a placement, and the entry of its root.
    placed: BTreeMap<String, Vec<(usize, NodeId)>>,
}

/// The key of a path of an image.
pub(super) fn key(path: &str) -> String {
    match rooted(path).as_str() {
        "" => String::new(),
        path => format!("/{path}"),
    }
}

/// The key itself and those of the folders above it.
fn and_above(key: &str) -> impl Iterator<Item = &str> {
    let above = key.match_indices('/').map(|(at, _)| &key[..at]);
    above.chain(std::iter::once(key))
}

/// The entries of a sorted collection that lie below a key.
fn is_below(key: &str, other: &str) -> bool {
    other
        .strip_prefix(key)
        .is_some_and(|rest| rest.starts_with('/'))
}

impl Shadow {
    /// One that tells what may be hidden.
    pub(super) fn perhaps() -> Self {
        Self {
            is_perhaps: true,
            ..Self::default()
        }
    }

    /// One that tells what may lie at the same place again.
    pub(super) fn same() -> Self {
        Self {
            finds_same: true,
            ..Self::perhaps()
        }
    }

    /// Takes in an event. They come from the last to the first.
    pub(super) fn add(&mut self, placements: &[Placement], event: &EventKind) {
        match event {
            EventKind::Removed(key) => {
                self.removed.insert(key.clone());
            }
            EventKind::Placed(index) => {
                for root in &placements[*index].roots {
                    self.add_root(placements, *index, root);
                }
            }
            EventKind::Made(_) | EventKind::Ran => {}
        }
    }

    /// Takes in a root of a placement.
    fn add_root(&mut self, placements: &[Placement], index: usize, root: &Root) {
        let placement = &placements[index];
        let is_sure = placement.is_certain && root.may_be_in.is_none();
        if !is_sure && !self.is_perhaps {
            return;
        }
        for at in root.places() {
            let there = self.placed.entry(at).or_default();
            let is_same = |(other, node): &(usize, NodeId)| {
                *node == root.node && placements[*other].nodes == placement.nodes
            };
            if !there.iter().any(is_same) {
                there.push((index, root.node));
            }
        }
    }

    /// What of a placement cannot be seen any more, for certain; `None` if it is all there.
    pub(super) fn hidden(
        &self,
        tree: &Tree,
        placements: &[Placement],
        index: usize,
    ) -> Option<NodeSet> {
        if self.removed.is_empty() && self.placed.is_empty() {
            return None;
        }
        let placement = &placements[index];
        let mut hidden = NodeSet::none(tree);
        for root in &placement.roots {
            self.hide(tree, placements, placement, root, &mut hidden);
        }
        hidden.keep_common(&placement.nodes);
        Some(hidden)
    }

    fn hide(
        &self,
        tree: &Tree,
        placements: &[Placement],
        placement: &Placement,
        root: &Root,
        hidden: &mut NodeSet,
    ) {
        // Of a file that lies at one of two places each would have to be hidden; here it is the folder of both.
        if root.may_be_in.is_some() && !self.is_perhaps {
            if let Some(at) = &root.at {
                self.hide_removed(tree, placement, root, at, hidden);
            }
            return;
        }
        for at in root.places() {
            self.hide_removed(tree, placement, root, &at, hidden);
            self.hide_overwritten(tree, placements, placement, (root, &at), hidden);
        }
    }

    fn hide_removed(
        &self,
        tree: &Tree,
        placement: &Placement,
        root: &Root,
        at: &str,
        hidden: &mut NodeSet,
    ) {
        if and_above(at).any(|key| self.removed.contains(key)) {
            insert_below(tree, root.node, hidden);
            return;
        }
        for key in below(self.removed.range(at.to_owned()..).map(|key| (key, ())), at) {
            if let Some(node) = placement.descend(tree, root.node, &key.0[at.len()..]) {
                insert_below(tree, node, hidden);
            }
        }
    }

    fn hide_overwritten(
        &self,
        tree: &Tree,
        placements: &[Placement],
        placement: &Placement,
        (root, at): (&Root, &str),
        hidden: &mut NodeSet,
    ) {
        let hide = |hidden: &mut NodeSet, under: NodeId| {
            if !self.finds_same {
                insert_below(tree, under, hidden);
            }
        };
        let mut pairs = Vec::new();
        for key in and_above(at) {
            for (other, node) in self.placed.get(key).into_iter().flatten() {
                let over = placements[*other].descend_or_stop(tree, *node, &at[key.len()..]);
                pairs.extend(over.map(|over| (*other, root.node, over)));
            }
        }
        for (key, there) in below(self.placed.range(at.to_owned()..), at) {
            match placement.descend_or_stop(tree, root.node, &key[at.len()..]) {
                Some(under)
                    if placement
                        .descend(tree, root.node, &key[at.len()..])
                        .is_none() =>
                {
                    // Where a file was there is a folder now.
                    hide(hidden, under);
                }
                Some(under) => {
                    pairs.extend(there.iter().map(|(other, over)| (*other, under, *over)));
                }
                None => {}
            }
        }
        while let Some((other, under, over)) = pairs.pop() {
            if under == over {
                if self.finds_same {
                    insert_below(tree, under, hidden);
                }
                continue;
            }
            let is_folder = |node| tree.kind(node) == Kind::Folder;
            if !is_folder(under) || !is_folder(over) {
                // `COPY --link` replaces a folder by a file, too.
                hide(hidden, under);
            } else {
                for child in tree.children(over) {
                    if placements[other].nodes.contains(child)
                        && let Some(under) = tree.child(under, tree.name(child))
                    {
                        pairs.push((other, under, child));
                    }
                }
            }
        }
    }
}

/// What one step puts down, from the placement of number `first` on, is one layer: what a later source of it overwrites
/// is nowhere, and what it may overwrite is there perhaps.
pub(super) fn settle(tree: &Tree, placements: &mut Vec<Placement>, first: usize) {
    if placements[first..]
        .iter()
        .map(|made| made.roots.len())
        .sum::<usize>()
        < 2
    {
        return;
    }
    let surely = hidden_by_later(tree, placements, first, Shadow::default());
    for (placement, hidden) in placements.iter_mut().skip(first).zip(&surely) {
        placement.nodes.remove_all(hidden);
        // What is nowhere hides nothing.
        let Placement { roots, nodes, .. } = placement;
        roots.retain(|root| tree.kind(root.node) == Kind::Folder || nodes.contains(root.node));
    }
    if placements[first..].iter().all(Placement::is_sure) {
        return;
    }
    let perhaps = hidden_by_later(tree, placements, first, Shadow::perhaps());
    let mut doubtful = Vec::new();
    for (placement, hidden) in placements.iter_mut().skip(first).zip(&perhaps) {
        let mut nodes = placement.nodes.clone();
        nodes.keep_common(hidden);
        if placement.is_certain && !nodes.is_empty() {
            placement.nodes.remove_all(hidden);
            doubtful.push(Placement {
                nodes,
                is_certain: false,
                ..placement.clone()
            });
        }
    }
    placements.extend(doubtful);
}

/// For each placement of a step, from number `first` on, what later sources hide of it.
fn hidden_by_later(
    tree: &Tree,
    placements: &[Placement],
    first: usize,
    mut shadow: Shadow,
) -> Vec<NodeSet> {
    let made = || placements.iter().enumerate().skip(first);
    let mut roots: Vec<(usize, &Root)> = made()
        .flat_map(|(index, placement)| placement.roots.iter().map(move |root| (index, root)))
        .collect();
    roots.sort_by(|(_, a), (_, b)| a.order.cmp(&b.order));
    let mut hidden: Vec<NodeSet> = made().map(|_| NodeSet::none(tree)).collect();
    for (index, root) in roots.into_iter().rev() {
        let placement = &placements[index];
        shadow.hide(
            tree,
            placements,
            placement,
            root,
            &mut hidden[index - first],
        );
        shadow.add_root(placements, index, root);
    }
    hidden
}

/// Those of a sorted sequence that starts at a key that lie below it. Between them others may stand that only start
/// with the same letters.
fn below<'k, T>(
    range: impl Iterator<Item = (&'k String, T)>,
    key: &str,
) -> impl Iterator<Item = (&'k String, T)> {
    range
        .take_while(move |(other, _)| other.starts_with(key))
        .filter(move |(other, _)| is_below(key, other))
}

fn insert_below(tree: &Tree, node: NodeId, nodes: &mut NodeSet) {
    let mut open = vec![node];
    while let Some(node) = open.pop() {
        nodes.insert(node);
        open.extend(tree.children(node));
    }
}
