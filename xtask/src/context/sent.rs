//! What `BuildKit` sends of a build context.

use std::collections::BTreeSet;

use super::filter::{Filter, Standing};
use super::links::{Reach, follow, rooted};
use super::node_set::NodeSet;
use super::recipe::{Base, From, Recipe, Step, StepKind, Take};
use super::tree::Tree;
use super::walk::View;
use crate::dockerignore::Patterns;

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
/// The Dockerfile and the ignore file are fetched on their own; they are in the set only if they are sent as files.
#[must_use]
pub fn sent(
    tree: &Tree,
    view: usize,
    context: &View<'_>,
    from: &From,
    recipe: &Recipe,
    stages: &[usize],
) -> NodeSet {
    let reached = reachable(recipe, stages).into_iter();
    let steps = reached.flat_map(|stage| &recipe.stages[stage].steps);
    let takes = steps.flat_map(step_takes).filter(|take| take.from == *from);
    if *from == From::Context {
        return asked(tree, view, context, takes);
    }
    let mut set = NodeSet::none(tree);
    for take in takes {
        set.insert_all(&asked(tree, view, context, std::iter::once(take)));
    }
    set
}

/// What is sent for takes that are asked for at once.
fn asked<'t>(
    tree: &Tree,
    view: usize,
    context: &View<'_>,
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
        return admitted(tree, view, context);
    }
    let reach = Reach {
        tree,
        root,
        visible: None,
    };
    let Some(patterns) = follow(reach, paths) else {
        return admitted(tree, view, context);
    };
    // A pattern that is wrong stops the build before anything is sent.
    let Ok(include) = Patterns::new(patterns.iter().map(String::as_str)) else {
        return NodeSet::none(tree);
    };
    let filter = Filter {
        include: Some(include),
        exclude: None,
    };
    let mut set = NodeSet::none(tree);
    filter.visit_contents(reach, root, "", &Standing::default(), &mut |node| {
        if tree.admits(view, node) {
            set.insert(node);
        }
    });
    set.insert_folders(tree, root);
    set
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
