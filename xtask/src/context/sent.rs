//! What `BuildKit` sends of a build context.

use std::collections::BTreeSet;

use super::filter::{Filter, Standing};
use super::links::{Reach, follow, rooted};
use super::node_set::NodeSet;
use super::recipe::{Base, From, Recipe, Step, StepKind, Take};
use super::tree::{NodeId, Tree};
use super::walk::View;
use crate::dockerignore::{Patterns, Wildcard};

/// What a view lets through: every entry that is not ignored, and the folders that those lie in. The context's root
/// itself is left out.
#[must_use]
pub fn admitted(tree: &Tree, view: usize, context: &View<'_>) -> NodeSet {
    let mut set = NodeSet::none(tree);
    let Some(root) = tree.find(context.root) else {
        return set;
    };
    for node in tree.nodes().filter(|node| *node != root) {
        if tree.admits(view, node) {
            set.insert(node);
        }
    }
    set.insert_folders(tree, root);
    set
}

/// What is sent in one build of some stages of a Dockerfile, and of those that they build on: of what the view lets
/// through, what their steps take. `BuildKit` asks for those paths alone (`followpaths`), so a context can be large and
/// cost nothing. Nothing is sent for steps that take nothing from the context, all of it where a source is the root or
/// is not known.
///
/// `from` says what of the steps' takes is meant: the build context, which is asked for once, or a named one, which is
/// asked for step by step: for each, what it alone takes. (A named context that a stage starts from would be asked for
/// at once, too; that is not followed.)
///
/// `admitted` is what the view lets through: see [`admitted()`].
///
/// The Dockerfile and the ignore file are fetched on their own; they are in the set only if they are sent as files.
#[must_use]
pub fn sent(
    tree: &Tree,
    view: usize,
    context: &View<'_>,
    admitted: &NodeSet,
    from: &From,
    recipe: &Recipe,
    stages: &[usize],
) -> NodeSet {
    let reached = reachable(recipe, stages).into_iter();
    let steps = reached.flat_map(|stage| &recipe.stages[stage].steps);
    let takes = steps.flat_map(step_takes).filter(|take| take.from == *from);
    if *from == From::Context {
        return asked(tree, view, context, admitted, takes);
    }
    let mut set = NodeSet::none(tree);
    for take in takes {
        let takes = std::iter::once(take);
        set.insert_all(&asked(tree, view, context, admitted, takes));
    }
    set
}

/// What is sent for takes that are asked for at once.
fn asked<'t>(
    tree: &Tree,
    view: usize,
    context: &View<'_>,
    admitted: &NodeSet,
    takes: impl Iterator<Item = &'t Take>,
) -> NodeSet {
    let mut paths = BTreeSet::new();
    for take in takes {
        paths.extend(take.sources.iter().map(|source| rooted(&source.path)));
        if take.unknown {
            paths.insert(String::new());
        }
    }
    let Some(root) = tree.find(context.root).filter(|_| !paths.is_empty()) else {
        return NodeSet::none(tree);
    };
    if paths.contains("") {
        return admitted.clone();
    }
    let reach = Reach {
        tree,
        root,
        visible: None,
    };
    let Some(patterns) = follow(reach, paths) else {
        return admitted.clone();
    };
    let are_plain = patterns.iter().all(|pattern| is_plain(pattern));
    let (paths, patterns): (Vec<String>, Vec<String>) = patterns
        .into_iter()
        .partition(|pattern| are_plain && !Wildcard::is_in(pattern));
    // A pattern that is wrong stops the build before anything is sent.
    let Ok(include) = Patterns::new(patterns.iter().map(String::as_str)) else {
        return NodeSet::none(tree);
    };
    let mut set = NodeSet::none(tree);
    let mut send = |node| {
        if tree.admits(view, node) {
            set.insert(node);
        }
    };
    // Nobody else's folders are looked at for a path.
    let mut open: Vec<NodeId> = paths.iter().filter_map(|path| reach.find(path)).collect();
    while let Some(node) = open.pop() {
        send(node);
        open.extend(tree.children(node));
    }
    if !patterns.is_empty() {
        let filter = Filter {
            include: Some(include),
            exclude: None,
        };
        filter.visit_contents(reach, root, "", &Standing::default(), &mut send);
    }
    set.insert_folders(tree, root);
    set
}

/// Whether a pattern means a path, or several, and is not one that takes something back or is no pattern at all.
fn is_plain(pattern: &str) -> bool {
    !pattern.starts_with(['!', '#']) && pattern.trim() == pattern
}

/// The stages that are built for some stages of a Dockerfile.
fn reachable(recipe: &Recipe, stages: &[usize]) -> BTreeSet<usize> {
    let mut reached = BTreeSet::new();
    let mut open = stages.to_vec();
    while let Some(index) = open.pop() {
        let Some(stage) = recipe.stages.get(index) else {
            continue;
        };
        if !reached.insert(index) {
            continue;
        }
        let base = match &stage.base {
            Base::Stage(base) => Some(base),
            Base::Image(_) => None,
        };
        let taken = stage.steps.iter().flat_map(step_takes).filter_map(|take| {
            let From::Stage(stage) = &take.from else {
                return None;
            };
            Some(stage)
        });
        // A stage of another Dockerfile is another build, with a transfer of its own.
        let own = base
            .into_iter()
            .chain(taken)
            .filter(|reference| reference.dockerfile == recipe.dockerfile);
        open.extend(own.map(|reference| reference.stage));
    }
    reached
}

/// What a step takes, from wherever.
pub(super) fn step_takes(step: &Step) -> &[Take] {
    match &step.kind {
        StepKind::Copy { take, .. } => std::slice::from_ref(take),
        StepKind::Run { mounts, .. } => mounts,
        StepKind::Workdir(_) | StepKind::Other => &[],
    }
}

#[cfg(test)]
mod tests;
