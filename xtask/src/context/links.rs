//! Links inside a build context: where a path leads, and what the client sends for a path that goes through links.

use std::collections::BTreeSet;

use super::folders::Kind;
use super::node_set::NodeSet;
use super::tree::{NodeId, Tree};
use crate::dockerignore::{Wildcard, clean};

/// More links than this are taken for a loop, as the engine does.
const MAX_LINKS: usize = 255;

/// A tree below a context's root, as far as its entries can be seen.
#[derive(Clone, Copy)]
pub(super) struct Reach<'a> {
    pub(super) tree: &'a Tree,
    pub(super) root: NodeId,
    /// Everything if `None`.
    pub(super) visible: Option<&'a NodeSet>,
}

impl Reach<'_> {
    pub(super) fn sees(self, node: NodeId) -> bool {
        self.visible.is_none_or(|visible| visible.contains(node))
    }

    /// What can be seen in a folder.
    pub(super) fn children(self, folder: NodeId) -> impl Iterator<Item = NodeId> {
        let children = self.tree.children(folder);
        children.filter(move |child| self.sees(*child))
    }

    pub(super) fn child(self, folder: NodeId, name: &str) -> Option<NodeId> {
        let child = self.tree.child(folder, name)?;
        self.sees(child).then_some(child)
    }

    /// The entry at a path, links not followed.
    pub(super) fn find(self, path: &str) -> Option<NodeId> {
        let mut names = path.split('/').filter(|name| !name.is_empty());
        names.try_fold(self.root, |at, name| self.child(at, name))
    }

    /// Where a path leads, every link followed; the root is as far up as `..` and `/` go. `passed` gets the folders and
    /// links on the way.
    pub(super) fn resolve(self, path: &str, passed: &mut NodeSet) -> Option<NodeId> {
        let mut path = rooted(path);
        for _ in 0..=MAX_LINKS {
            let mut at = self.root;
            let mut next = None;
            for (start, name) in parts(&path) {
                if at != self.root {
                    passed.insert(at);
                }
                at = self.child(at, name)?;
                if self.tree.kind(at) == Kind::Link {
                    passed.insert(at);
                    let rest = &path[start + name.len()..];
                    let target = joined(&path[..start], self.tree.link_target(at)?);
                    next = Some(rooted(&format!("{target}{rest}")));
                    break;
                }
            }
            let Some(next) = next else {
                return Some(at);
            };
            path = next;
        }
        None
    }
}

/// The path of a folder from the root, with `/` at its end; empty for the root.
pub(super) fn prefix(reach: Reach<'_>, folder: NodeId) -> String {
    // An empty name behind the others makes the slash at the end.
    let mut names = vec![""];
    let mut at = folder;
    while at != reach.root {
        names.push(reach.tree.name(at));
        match reach.tree.parent(at) {
            Some(parent) => at = parent,
            None => break,
        }
    }
    names.reverse();
    names.join("/")
}

/// The path of a link's target, given the folder that the link lies in.
fn joined(folder: &str, target: &str) -> String {
    if target.starts_with('/') {
        rooted(target)
    } else {
        rooted(&format!("{folder}/{target}"))
    }
}

/// A path without `.` and `..`, from the root; the root itself is empty.
pub(super) fn rooted(path: &str) -> String {
    clean(&format!("/{path}"))[1..].to_owned()
}

/// The names of a path, with their places.
fn parts(path: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut start = 0;
    path.split('/').filter_map(move |name| {
        let at = start;
        start += name.len() + 1;
        (!name.is_empty()).then_some((at, name))
    })
}

/// The patterns that the client makes of the paths a build asks for (`followpaths`): links are followed, in the folder
/// as it is on the disk. `None` if everything is asked for. Like the client, it follows a link for the first path that
/// goes through it alone.
pub(super) fn follow(reach: Reach<'_>, paths: BTreeSet<String>) -> Option<Vec<String>> {
    let mut resolved: BTreeSet<String> = BTreeSet::new();
    // The last is the next: what a link leads to comes before the next path.
    let mut open: Vec<String> = paths.into_iter().rev().collect();
    while let Some(path) = open.pop() {
        let names: Vec<(usize, &str)> = parts(&path).collect();
        if names.is_empty() {
            return None;
        }
        for (index, (start, name)) in names.iter().enumerate() {
            let (current, rest) = path.split_at(start + name.len());
            let targets = targets(reach, &path[..*start], name);
            let is_last = index + 1 == names.len();
            if (is_last || !targets.is_empty()) && !resolved.insert(current.to_owned()) {
                break;
            }
            if !targets.is_empty() {
                let through = targets.iter().map(|it| rooted(&format!("{it}{rest}")));
                open.extend(through.rev());
                break;
            }
        }
    }
    let mut patterns: Vec<String> = Vec::new();
    for path in resolved {
        let is_below = |last: &String| {
            let rest = path.strip_prefix(last.as_str());
            rest.is_some_and(|rest| rest.starts_with('/'))
        };
        if !patterns.last().is_some_and(is_below) {
            patterns.push(path);
        }
    }
    Some(patterns)
}

/// Where the links lead that a name or pattern stands for in a folder.
fn targets(reach: Reach<'_>, folder: &str, name: &str) -> Vec<String> {
    let Some(parent) = reach.find(folder) else {
        return Vec::new();
    };
    let target = |node: NodeId| {
        let target = reach.tree.link_target(node)?;
        Some(joined(folder, target))
    };
    if Wildcard::is_in(name) {
        let Some(wildcard) = Wildcard::new(name) else {
            return Vec::new();
        };
        let matching = reach
            .children(parent)
            .filter(|child| wildcard.matches(reach.tree.name(*child)));
        matching.filter_map(target).collect()
    } else {
        let child = reach.child(parent, name);
        child.and_then(target).into_iter().collect()
    }
}
