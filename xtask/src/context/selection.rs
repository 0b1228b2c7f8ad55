//! What a `COPY`, an `ADD` or a bind mount takes of a build context that was sent.
//!
//! Sources are cleaned and end at the context's root; every link in them is followed, also the last. A folder gives
//! what is in it, links in it stay links. A pattern is one for each name of the path ([`Wildcard`]); what it matches is
//! followed and taken as if it were written. `--exclude` counts from the folder that is taken, and not for a file that
//! is a source itself. `--parents` takes the source for a pattern of the ignore file's language, from the root or from
//! `/./` on, and follows no link.
//!
//! Links that are copied may lead nowhere. But where the context's root is taken with `--exclude` or `--parents`, the
//! engine stops at such a link in the root itself: its cache key asks for what the link leads to.
//!
//! References: `moby/buildkit` (`dispatchCopy`, `docopy`), `tonistiigi/fsutil` (`copy`), `containerd/continuity`
//! (`RootPath`).

use super::filter::{Filter, Standing, take_all};
use super::folders::Kind;
use super::links::{Reach, prefix, rooted};
use super::node_set::NodeSet;
use super::recipe::Take;
use super::tree::{NodeId, Tree};
use super::walk::View;
use crate::dockerignore::{Patterns, Wildcard};

/// What a step takes from a context, of what is there (`available`, see [`super::admitted`]).
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Files, links, and folders with what is in them.
    pub nodes: NodeSet,
    /// Folders and links that a source leads through: they are not taken, but without them nothing is found.
    pub passed: NodeSet,
    /// Sources that name nothing, by their place in [`Take::sources`]: patterns among them, see `broken`.
    pub missing: Vec<usize>,
    /// Sources that the build stops at, by their place in [`Take::sources`]. Some are not missing: a pattern that is
    /// wrong, or that matches a link to nowhere.
    pub broken: Vec<usize>,
    /// What the sources lead to.
    pub origins: Vec<Origin>,
}

/// Something that a source leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The place of the source in [`Take::sources`].
    pub source: usize,
    /// The path from the context's root, wildcards resolved, before links are followed. A file that is copied into a
    /// folder is called by its last name.
    pub path: String,
    /// A folder, whose contents are taken, or a file.
    pub node: NodeId,
}

/// Finds out what a `COPY` or an `ADD` takes from a context.
#[must_use]
pub fn select(tree: &Tree, context: &View<'_>, available: &NodeSet, take: &Take) -> Selection {
    Selecting::new(tree, available).run(context, take, false)
}

/// Finds out what a bind mount shows: its source is no pattern.
#[must_use]
pub fn mounted(tree: &Tree, context: &View<'_>, available: &NodeSet, take: &Take) -> Selection {
    Selecting::new(tree, available).run(context, take, true)
}

/// What a step takes: as [`mounted`] or as [`select`].
pub(super) fn taken(
    tree: &Tree,
    context: &View<'_>,
    available: &NodeSet,
    take: &Take,
    is_mount: bool,
) -> Selection {
    Selecting::new(tree, available).run(context, take, is_mount)
}

struct Selecting<'a> {
    tree: &'a Tree,
    available: &'a NodeSet,
    selection: Selection,
    /// Folders whose contents were taken whole.
    whole: NodeSet,
}

/// A source that the build stops at.
struct Broken;

/// What a path or pattern stands for.
#[derive(Default)]
struct Found {
    /// Paths before links are followed, and what they lead to.
    entries: Vec<(String, NodeId)>,
    /// Not all lead somewhere.
    is_broken: bool,
}

impl Found {
    fn push(&mut self, path: String, node: Option<NodeId>) {
        match node {
            Some(node) => self.entries.push((path, node)),
            None => self.is_broken = true,
        }
    }
}

impl Origin {
    /// The last name of the path; empty for the root.
    #[must_use]
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }
}

impl<'a> Selecting<'a> {
    fn new(tree: &'a Tree, available: &'a NodeSet) -> Self {
        Self {
            tree,
            available,
            selection: Selection {
                nodes: NodeSet::none(tree),
                passed: NodeSet::none(tree),
                ..Selection::default()
            },
            whole: NodeSet::none(tree),
        }
    }

    fn run(mut self, context: &View<'_>, take: &Take, literally: bool) -> Selection {
        let excludes = Filter::excluding(&take.excludes);
        let root = self.tree.find(context.root);
        for (index, source) in take.sources.iter().enumerate() {
            let before = self.selection.origins.len();
            let taken = match (root, &excludes) {
                (Some(root), Ok(excludes)) => {
                    let reach = Reach {
                        tree: self.tree,
                        root,
                        visible: Some(self.available),
                    };
                    self.source(
                        reach,
                        index,
                        &source.path,
                        excludes,
                        take.parents,
                        literally,
                    )
                }
                _ => Err(Broken),
            };
            if self.selection.origins.len() == before {
                self.selection.missing.push(index);
            }
            if taken.is_err() {
                self.selection.broken.push(index);
            }
        }
        self.selection
    }

    fn source(
        &mut self,
        reach: Reach<'_>,
        index: usize,
        path: &str,
        excludes: &Filter,
        parents: bool,
        literally: bool,
    ) -> Result<(), Broken> {
        if !parents {
            let mut found = self.find(reach, &rooted(path), literally)?;
            for (path, node) in found.entries {
                found.is_broken |= !literally && !is_sound(reach, node, excludes);
                self.take(reach, node, excludes);
                self.selection.origins.push(Origin {
                    source: index,
                    path,
                    node,
                });
            }
            return if found.is_broken { Err(Broken) } else { Ok(()) };
        }
        let (base, pattern) = path.split_once("/./").unwrap_or(("", path));
        let pattern = rooted(pattern);
        let filter = Filter {
            include: Some(Patterns::new([pattern.as_str()]).map_err(|_| Broken)?),
            exclude: excludes.exclude.clone(),
        };
        let mut any = false;
        let mut found = self.find(reach, &rooted(base), literally)?;
        for (path, node) in found.entries {
            let mut nodes = NodeSet::none(self.tree);
            filter.take_contents(reach, node, "", &Standing::default(), &mut nodes);
            if node != reach.root {
                self.selection.passed.insert(node);
            }
            found.is_broken |= !is_sound(reach, node, &filter);
            if !nodes.is_empty() {
                any = true;
                self.selection.nodes.insert_all(&nodes);
                self.selection.origins.push(Origin {
                    source: index,
                    path,
                    node,
                });
            }
        }
        // Older engines go on.
        let may_be_empty = any || Wildcard::is_in(base) || Wildcard::is_in(&pattern);
        if may_be_empty && !found.is_broken {
            Ok(())
        } else {
            Err(Broken)
        }
    }

    /// Takes a file, or a folder with what is in it.
    fn take(&mut self, reach: Reach<'_>, node: NodeId, filter: &Filter) {
        if node != reach.root {
            self.selection.nodes.insert(node);
        }
        let nodes = &mut self.selection.nodes;
        if filter.takes_all() {
            take_all(reach, node, nodes, &mut self.whole);
        } else if self.whole.insert(node) {
            filter.take_contents(reach, node, "", &Standing::default(), nodes);
        }
    }
    /// What a path or pattern stands for.
    fn find(&mut self, reach: Reach<'_>, path: &str, literally: bool) -> Result<Found, Broken> {
        let passed = &mut self.selection.passed;
        let mut found = Found::default();
        let first = path.split('/').take_while(|name| !Wildcard::is_in(name));
        let literal: usize = first.map(|name| name.len() + 1).sum();
        if literally || literal > path.len() {
            found.push(path.to_owned(), reach.resolve(path, passed));
            return Ok(found);
        }
        let (start, pattern) = path.split_at(literal);
        let wildcard = Wildcard::new(pattern).ok_or(Broken)?;
        let start = reach.resolve(start, passed).ok_or(Broken)?;
        for path in matching(reach, start, pattern, &wildcard) {
            let node = reach.resolve(&path, passed);
            found.push(path, node);
        }
        Ok(found)
    }
}

/// Whether the links in the root lead somewhere, if it is the root that is taken, and not as it is.
fn is_sound(reach: Reach<'_>, folder: NodeId, filter: &Filter) -> bool {
    let mut passed = NodeSet::none(reach.tree);
    let stops = |child: NodeId| {
        let name = reach.tree.name(child);
        reach.tree.kind(child) == Kind::Link
            && filter.decide(&Standing::default(), name).0
            && reach.resolve(name, &mut passed).is_none()
    };
    folder != reach.root || filter.takes_all() || !reach.children(folder).any(stops)
}

/// The paths below a folder that match, in order, links not followed. What is in a folder that matches is not asked.
fn matching(reach: Reach<'_>, start: NodeId, pattern: &str, wildcard: &Wildcard) -> Vec<String> {
    // A class can match `/`: names have to be looked at together then, and down to another depth.
    let has_class = pattern.contains('[');
    let names: Vec<&str> = pattern.split('/').collect();
    let names: Vec<Option<Wildcard>> = names.into_iter().map(Wildcard::new).collect();
    let depth = names.len() + pattern.matches('[').count();
    let start_path = prefix(reach, start);
    let mut found = Vec::new();
    let mut open = vec![(start, String::new(), 0)];
    while let Some((folder, path, level)) = open.pop() {
        for child in reach.children(folder) {
            let name = reach.tree.name(child);
            let may = has_class
                || names
                    .get(level)
                    .is_some_and(|wildcard| wildcard.as_ref().is_some_and(|it| it.matches(name)));
            if !may {
                continue;
            }
            let path = format!("{path}{name}");
            if (has_class || level + 1 == names.len()) && wildcard.matches(&path) {
                found.push(format!("{start_path}{path}"));
            } else if level + 1 < depth && reach.tree.kind(child) == Kind::Folder {
                open.push((child, format!("{path}/"), level + 1));
            }
        }
    }
    found.sort_unstable();
    found
}

#[cfg(test)]
pub(super) mod tests;
