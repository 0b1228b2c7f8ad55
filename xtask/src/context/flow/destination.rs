//! Whether a file that is copied to a path without `/` at its end goes into a folder or becomes what lies there.

use super::placement::{Placement, Root};
use super::{Event, EventKind};
use crate::context::folders::Kind;
use crate::context::tree::{NodeId, Tree};

/// What lies at a path of a stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lies {
    Folder,
    /// A file, or nothing.
    NoFolder,
    Unknown,
}

/// What a step finds.
pub(super) struct Before<'e> {
    /// What happened in its stage and those that it starts from, the last first.
    pub(super) events: Vec<&'e Event>,
    /// The first of them starts from nothing.
    pub(super) from_scratch: bool,
    /// The step copies without looking (`--link`).
    pub(super) is_linked: bool,
}

/// Decides for the roots of the placements from number `first` on, which one step makes, where that is known.
pub(super) fn resolve(
    tree: &Tree,
    placements: &mut [Placement],
    first: usize,
    before: &Before<'_>,
) {
    let mut open: Vec<(usize, usize)> = Vec::new();
    for (index, placement) in placements.iter().enumerate().skip(first) {
        open.extend((0..placement.roots.len()).map(|root| (index, root)));
    }
    let is_open =
        |(index, root): &(usize, usize)| placements[*index].roots[*root].may_be_in.is_some();
    if !open.iter().any(is_open) {
        return;
    }
    open.sort_by(|a, b| {
        let order = |(index, root): &(usize, usize)| &placements[*index].roots[*root].order;
        order(a).cmp(order(b))
    });
    for (at, (index, root)) in open.iter().enumerate() {
        let Root {
            at: Some(to),
            may_be_in: Some(name),
            ..
        } = &placements[*index].roots[*root]
        else {
            continue;
        };
        let earlier = open[..at].iter().rev();
        let lies = earlier
            .map(|(index, root)| {
                says(
                    tree,
                    &placements[*index],
                    &placements[*index].roots[*root],
                    to,
                )
            })
            .find_map(|said| said)
            .unwrap_or_else(|| before.lies(tree, placements, to));
        let to = match lies {
            Lies::Folder => format!("{to}/{name}"),
            Lies::NoFolder => to.clone(),
            Lies::Unknown => continue,
        };
        let root = &mut placements[*index].roots[*root];
        (root.at, root.may_be_in) = (Some(to), None);
    }
}

impl Before<'_> {
    fn lies(&self, tree: &Tree, placements: &[Placement], path: &str) -> Lies {
        if self.is_linked {
            return Lies::NoFolder;
        }
        if path.is_empty() {
            return Lies::Folder;
        }
        let mut ran = false;
        for event in &self.events {
            let said = match &event.kind {
                EventKind::Placed(index) => {
                    let placement = &placements[*index];
                    let roots = placement.roots.iter().rev();
                    roots
                        .map(|root| says(tree, placement, root, path))
                        .find_map(|said| said)
                }
                EventKind::Removed(removed) if is_at_or_below(path, removed) => {
                    Some(Lies::NoFolder)
                }
                EventKind::Made(folder) if is_at_or_below(folder, path) => Some(Lies::Folder),
                EventKind::Ran => {
                    ran = true;
                    None
                }
                EventKind::Removed(_) | EventKind::Made(_) => None,
            };
            match said {
                // A `RUN` in between may have made a folder there; those that were there stay.
                Some(Lies::NoFolder) if ran => return Lies::Unknown,
                Some(said) => return said,
                None => {}
            }
        }
        if self.from_scratch && !ran {
            Lies::NoFolder
        } else {
            Lies::Unknown
        }
    }
}

/// What a root says of a path; nothing if the two have nothing to do with each other.
fn says(tree: &Tree, placement: &Placement, root: &Root, path: &str) -> Option<Lies> {
    let Some(at) = &root.at else {
        return Some(Lies::Unknown);
    };
    let is_sure = placement.is_certain && root.may_be_in.is_none();
    let sure = |lies: Lies| Some(if is_sure { lies } else { Lies::Unknown });
    let kind = |node: NodeId| match tree.kind(node) {
        Kind::Folder => Lies::Folder,
        // It may lead to a folder.
        Kind::Link => Lies::Unknown,
        _ => Lies::NoFolder,
    };
    if at != path && is_at_or_below(at, path) {
        return sure(Lies::Folder);
    }
    if !is_at_or_below(path, at) {
        return None;
    }
    let mut node = root.node;
    for name in path[at.len()..].split('/').filter(|name| !name.is_empty()) {
        match tree.kind(node) {
            Kind::Folder => {}
            Kind::Link => return Some(Lies::Unknown),
            _ if root.may_be_in.as_deref() == Some(name) => return Some(Lies::Unknown),
            _ => return None,
        }
        node = tree
            .child(node, name)
            .filter(|child| placement.nodes.contains(*child))?;
    }
    sure(kind(node))
}

fn is_at_or_below(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
