//! What steps take of build contexts, each worked out once: many services take the same.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::node_set::NodeSet;
use super::recipe::Take;
use super::selection::{Selection, taken};
use super::tree::Tree;
use super::walk::View;

/// The selections that were asked for.
#[derive(Debug, Default)]
pub(super) struct Selections(Mutex<HashMap<Key, Arc<Selection>>>);

/// What a selection depends on, besides the tree.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Key {
    view: usize,
    is_mount: bool,
    sources: Vec<String>,
    excludes: Vec<String>,
    parents: bool,
}

/// What there is of one view.
#[derive(Clone, Copy, Debug)]
pub(super) struct OfView<'s> {
    pub(super) selections: &'s Selections,
    /// Its number.
    pub(super) view: usize,
}

impl OfView<'_> {
    /// As [`taken`].
    pub(super) fn get(
        self,
        tree: &Tree,
        context: &View<'_>,
        available: &NodeSet,
        take: &Take,
        is_mount: bool,
    ) -> Arc<Selection> {
        let sources = take.sources.iter().map(|source| source.path.clone());
        let key = Key {
            view: self.view,
            is_mount,
            sources: sources.collect(),
            excludes: take.excludes.clone(),
            parents: take.parents,
        };
        let lock = || {
            self.selections
                .0
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
        };
        if let Some(known) = lock().get(&key) {
            return Arc::clone(known);
        }
        // Whoever asks at the same time works it out, too, and nobody waits.
        let found = Arc::new(taken(tree, context, available, take, is_mount));
        Arc::clone(lock().entry(key).or_insert(found))
    }
}
