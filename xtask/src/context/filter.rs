//! What of a folder is taken: `COPY --exclude` and `--parents`.

use super::links::Reach;
use super::node_set::NodeSet;
use super::tree::NodeId;
use crate::dockerignore::{Folder, Patterns};

/// Patterns for paths from a folder on. Without any, everything is taken.
#[derive(Clone, Debug, Default)]
pub(super) struct Filter {
    /// Taken is what one of these matches, and what is below.
    pub(super) include: Option<Patterns>,
    /// And none of these.
    pub(super) exclude: Option<Patterns>,
}

/// What a folder hands down to what is in it.
#[derive(Clone, Debug, Default)]
pub(super) struct Standing {
    include: Folder,
    exclude: Folder,
    /// Nothing in it can be taken.
    is_closed: bool,
}

impl Filter {
    /// `--exclude` alone.
    ///
    /// # Errors
    /// A pattern is wrong.
    pub(super) fn excluding(excludes: &[String]) -> Result<Self, String> {
        Ok(Self {
            include: None,
            exclude: match excludes {
                [] => None,
                some => Some(Patterns::new(some.iter().map(String::as_str))?),
            },
        })
    }

    pub(super) const fn takes_all(&self) -> bool {
        self.include.is_none() && self.exclude.is_none()
    }

    /// Whether the entry at `path` is taken, and what it hands down.
    pub(super) fn decide(&self, standing: &Standing, path: &str) -> (bool, Standing) {
        let mut below = Standing::default();
        let mut included = true;
        if let Some(include) = &self.include {
            let (decision, folder) = include.decide_in(&standing.include, path);
            (included, below.include) = (decision.ignored, folder);
        }
        let mut taken = included;
        if let Some(exclude) = &self.exclude {
            let (decision, folder) = exclude.decide_in(&standing.exclude, path);
            taken &= !decision.ignored;
            below.exclude = folder;
        }
        below.is_closed = !included && self.nothing_is_included_below(path);
        (taken, below)
    }

    fn nothing_is_included_below(&self, path: &str) -> bool {
        self.include.as_ref().is_some_and(|include| {
            let mut patterns = include.patterns().iter();
            !include.has_exceptions() && !patterns.any(|pattern| pattern.may_match_below(path))
        })
    }

    /// Visits what is taken of a folder's contents. `prefix` is the path that the folder itself has for the patterns,
    /// empty or with `/` at its end, and `standing` what it hands down.
    pub(super) fn visit_contents(
        &self,
        reach: Reach<'_>,
        folder: NodeId,
        prefix: &str,
        standing: &Standing,
        visit: &mut dyn FnMut(NodeId),
    ) {
        let mut open = vec![(folder, prefix.to_owned(), standing.clone())];
        while let Some((folder, mut path, standing)) = open.pop() {
            let length = path.len();
            for child in reach.children(folder) {
                path.truncate(length);
                path.push_str(reach.tree.name(child));
                let (taken, below) = self.decide(&standing, &path);
                if taken {
                    visit(child);
                }
                let is_empty = reach.tree.children(child).next().is_none();
                if !is_empty && !below.is_closed {
                    open.push((child, format!("{path}/"), below));
                }
            }
        }
    }

    /// Takes what is in a folder, with the folders in between.
    pub(super) fn take_contents(
        &self,
        reach: Reach<'_>,
        folder: NodeId,
        prefix: &str,
        standing: &Standing,
        nodes: &mut NodeSet,
    ) {
        self.visit_contents(reach, folder, prefix, standing, &mut |node| {
            let mut at = Some(node);
            while let Some(node) = at.filter(|node| *node != folder && nodes.insert(*node)) {
                at = reach.tree.parent(node);
            }
        });
    }
}

/// Takes everything in a folder that can be seen. `done` are the folders that were taken so before.
pub(super) fn take_all(reach: Reach<'_>, folder: NodeId, nodes: &mut NodeSet, done: &mut NodeSet) {
    // All that can be seen is in the root, and many steps take that.
    if folder == reach.root
        && let Some(visible) = reach.visible
        && done.insert(folder)
    {
        nodes.insert_all(visible);
        return;
    }
    let mut open = vec![folder];
    while let Some(folder) = open.pop() {
        if !done.insert(folder) {
            continue;
        }
        for child in reach.children(folder) {
            nodes.insert(child);
            open.push(child);
        }
    }
}
