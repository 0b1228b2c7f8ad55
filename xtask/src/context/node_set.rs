//! A set of a tree's entries.

use super::tree::{NodeId, Tree};

/// Entries of one tree, a bit for each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NodeSet {
    words: Vec<u64>,
}

impl NodeSet {
    /// No entry of a tree.
    #[must_use]
    pub fn none(tree: &Tree) -> Self {
        Self {
            words: vec![0; tree.len().div_ceil(64)],
        }
    }

    /// Whether it holds an entry.
    #[must_use]
    pub fn contains(&self, id: NodeId) -> bool {
        self.words[id.index() / 64] >> (id.index() % 64) & 1 == 1
    }

    /// Takes an entry in; whether it was not there before.
    pub fn insert(&mut self, id: NodeId) -> bool {
        let word = &mut self.words[id.index() / 64];
        let before = *word;
        *word |= 1 << (id.index() % 64);
        before != *word
    }

    /// Puts an entry out.
    pub fn remove(&mut self, id: NodeId) {
        self.words[id.index() / 64] &= !(1 << (id.index() % 64));
    }

    /// Takes in what another set of the same tree holds.
    pub fn insert_all(&mut self, other: &Self) {
        for (word, more) in self.words.iter_mut().zip(&other.words) {
            *word |= more;
        }
    }

    /// Keeps what another set of the same tree holds, too.
    pub fn keep_common(&mut self, other: &Self) {
        for (word, more) in self.words.iter_mut().zip(&other.words) {
            *word &= more;
        }
    }

    /// Puts out what another set of the same tree holds.
    pub fn remove_all(&mut self, other: &Self) {
        for (word, less) in self.words.iter_mut().zip(&other.words) {
            *word &= !less;
        }
    }

    /// How many entries it holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.words
            .iter()
            .map(|word| word.count_ones() as usize)
            .sum()
    }

    /// Whether it holds none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.words.iter().all(|word| *word == 0)
    }

    /// The entries, in the order of [`Tree::nodes`].
    pub fn iter(&self) -> impl Iterator<Item = NodeId> + '_ {
        self.words.iter().enumerate().flat_map(|(at, word)| {
            (0..64)
                .filter(move |bit| word >> bit & 1 == 1)
                .map(move |bit| NodeId::new(at * 64 + bit))
        })
    }

    /// Takes in all folders that its entries lie in, up to `root`, which is left out.
    pub fn insert_folders(&mut self, tree: &Tree, root: NodeId) {
        // From the back: a folder stands before what is in it.
        for index in (0..tree.len()).rev().map(NodeId::new) {
            if self.contains(index)
                && let Some(parent) = tree.parent(index)
                && parent != root
                && index != root
            {
                self.insert(parent);
            }
        }
    }

    /// The bytes of its files.
    #[must_use]
    pub fn bytes(&self, tree: &Tree) -> u64 {
        self.iter().map(|id| tree.bytes(id)).sum()
    }
}
