//! What other patterns would make of a tree that was walked.

use camino::Utf8Path;

use super::coverage::join;
use super::folders::Kind;
use super::node_set::NodeSet;
use super::tree::{NodeId, Tree};
use crate::dockerignore::{Folder, Patterns};

/// What a tree's entries would be under other patterns: those that enter, with the folders they lie in. A folder that
/// the walk passed over counts with what is known of it.
#[must_use]
pub fn admitted_under(tree: &Tree, context: &Utf8Path, patterns: &Patterns) -> NodeSet {
    of_those(tree, context, patterns, |_| true)
}

/// As [`admitted_under`], of what a set holds, with the folders that it lies in: nothing else is looked at.
pub(super) fn admitted_of(
    tree: &Tree,
    context: &Utf8Path,
    patterns: &Patterns,
    among: &NodeSet,
) -> NodeSet {
    of_those(tree, context, patterns, |node| among.contains(node))
}

fn of_those(
    tree: &Tree,
    context: &Utf8Path,
    patterns: &Patterns,
    counts: impl Fn(NodeId) -> bool,
) -> NodeSet {
    let mut set = NodeSet::none(tree);
    let Some(root) = tree.find(context) else {
        return set;
    };
    let mut left = vec![(root, String::new(), Folder::default())];
    while let Some((folder, path, state)) = left.pop() {
        for node in tree.children(folder).filter(|node| counts(*node)) {
            let path = join(&path, tree.name(node));
            let (decision, below) = patterns.decide_in(&state, &path);
            if !decision.ignored {
                set.insert(node);
            }
            let is_shut = decision.ignored && patterns.can_prune(&path);
            if tree.kind(node) == Kind::Folder && !is_shut {
                left.push((node, path, below));
            }
        }
    }
    set.insert_folders(tree, root);
    set
}
