//! What other patterns would make of a tree that was walked.

use camino::Utf8Path;

use super::coverage::join;
use super::folders::Kind;
use super::node_set::NodeSet;
use super::tree::Tree;
use crate::dockerignore::{Folder, Patterns};

/// What a tree's entries would be under other patterns: those that enter, with the folders they lie in. A folder that
/// the walk passed over counts with what is known of it.
#[must_use]
pub fn admitted_under(tree: &Tree, context: &Utf8Path, patterns: &Patterns) -> NodeSet {
    let mut set = NodeSet::none(tree);
    let Some(root) = tree.find(context) else {
        return set;
    };
    let mut left = vec![(root, String::new(), Folder::default())];
    while let Some((folder, path, state)) = left.pop() {
        for node in tree.children(folder) {
            let path = join(&path, tree.name(node));
            let (decision, below) = patterns.decide_in(&state, &path);
            if !decision.ignored {
                set.insert(node);
            }
            if tree.kind(node) == Kind::Folder {
                left.push((node, path, below));
            }
        }
    }
    set.insert_folders(tree, root);
    set
}
