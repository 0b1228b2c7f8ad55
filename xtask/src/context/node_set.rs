//! A set of a tree's entries.

use std::sync::Arc;

use super::tree::{NodeId, Tree};

/// Words of a [`Block`].
const WORDS: usize = 64;

/// Entries of a [`Block`].
const ENTRIES: usize = WORDS * 64;

/// A bit for each of some entries that stand side by side.
type Block = [u64; WORDS];

/// Entries of one tree, a bit for each. Most sets hold what lies in one folder: blocks of which nothing is held are not
/// there, and sets that hold the same share theirs.
#[derive(Clone, Debug, Default)]
pub struct NodeSet {
    blocks: Vec<Option<Arc<Block>>>,
}

impl NodeSet {
    /// No entry of a tree.
    #[must_use]
    pub fn none(tree: &Tree) -> Self {
        Self {
            blocks: vec![None; tree.len().div_ceil(ENTRIES)],
        }
    }

    /// Whether it holds an entry.
    #[must_use]
    pub fn contains(&self, id: NodeId) -> bool {
        let (block, word, bit) = place(id);
        match &self.blocks[block] {
            Some(block) => block[word] & bit != 0,
            None => false,
        }
    }

    /// Takes an entry in; whether it was not there before.
    pub fn insert(&mut self, id: NodeId) -> bool {
        let (block, word, bit) = place(id);
        let block = self.blocks[block].get_or_insert_with(|| Arc::new([0; WORDS]));
        if block[word] & bit != 0 {
            return false;
        }
        Arc::make_mut(block)[word] |= bit;
        true
    }

    /// Puts an entry out.
    pub fn remove(&mut self, id: NodeId) {
        let (block, word, bit) = place(id);
        if let Some(block) = self.blocks[block].as_mut().filter(|it| it[word] & bit != 0) {
            Arc::make_mut(block)[word] &= !bit;
        }
    }

    /// Takes in what another set of the same tree holds.
    pub fn insert_all(&mut self, other: &Self) {
        for (own, other) in self.blocks.iter_mut().zip(&other.blocks) {
            let Some(other) = other else { continue };
            match own {
                Some(own) if !Arc::ptr_eq(own, other) => {
                    combine(own, other, |word, more| word | more);
                }
                Some(_) => {}
                None => *own = Some(Arc::clone(other)),
            }
        }
    }

    /// Keeps what another set of the same tree holds, too.
    pub fn keep_common(&mut self, other: &Self) {
        for (own, other) in self.blocks.iter_mut().zip(&other.blocks) {
            match (own.as_mut(), other) {
                (Some(own), Some(other)) if !Arc::ptr_eq(own, other) => {
                    combine(own, other, |word, more| word & more);
                }
                (Some(_), None) => *own = None,
                _ => {}
            }
        }
    }

    /// Puts out what another set of the same tree holds.
    pub fn remove_all(&mut self, other: &Self) {
        for (own, other) in self.blocks.iter_mut().zip(&other.blocks) {
            match (own.as_mut(), other) {
                (Some(there), Some(other)) if Arc::ptr_eq(there, other) => *own = None,
                (Some(there), Some(other)) => combine(there, other, |word, less| word & !less),
                _ => {}
            }
        }
    }

    /// How many entries it holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.words()
            .map(|(_, word)| word.count_ones() as usize)
            .sum()
    }

    /// Whether it holds none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.words().next().is_none()
    }

    /// The entries, in the order of [`Tree::nodes`].
    pub fn iter(&self) -> impl Iterator<Item = NodeId> + '_ {
        self.words().flat_map(|(first, word)| {
            let mut left = word;
            std::iter::from_fn(move || {
                let bit = (left != 0).then(|| left.trailing_zeros() as usize)?;
                left &= left - 1;
                Some(NodeId::new(first + bit))
            })
        })
    }

    /// Takes in all folders that its entries lie in, up to `root`, which is left out.
    pub fn insert_folders(&mut self, tree: &Tree, root: NodeId) {
        for node in self.clone().iter().filter(|node| *node != root) {
            let mut above = tree.parent(node);
            // Those above a folder that is there already come in with it, or with what it was taken in for.
            while let Some(folder) = above.filter(|folder| *folder != root && self.insert(*folder))
            {
                above = tree.parent(folder);
            }
        }
    }

    /// The bytes of its files.
    #[must_use]
    pub fn bytes(&self, tree: &Tree) -> u64 {
        self.iter().map(|id| tree.bytes(id)).sum()
    }

    /// The words that hold something, each with the place of its first entry.
    fn words(&self) -> impl Iterator<Item = (usize, u64)> + '_ {
        let there = self.blocks.iter().enumerate();
        let there = there.filter_map(|(at, block)| Some((at, block.as_ref()?)));
        there.flat_map(|(at, block)| {
            let words = block.iter().enumerate().filter(|(_, word)| **word != 0);
            words.map(move |(word, bits)| (at * ENTRIES + word * 64, *bits))
        })
    }
}

impl PartialEq for NodeSet {
    fn eq(&self, other: &Self) -> bool {
        let is_empty = |block: &Option<Arc<Block>>| {
            block
                .as_ref()
                .is_none_or(|it| it.iter().all(|word| *word == 0))
        };
        self.blocks.len() == other.blocks.len()
            && self
                .blocks
                .iter()
                .zip(&other.blocks)
                .all(|pair| match pair {
                    (Some(own), Some(other)) => Arc::ptr_eq(own, other) || own == other,
                    (own, other) => is_empty(own) && is_empty(other),
                })
    }
}

impl Eq for NodeSet {}

/// The block of an entry, the word in it, and the entry's bit there.
const fn place(id: NodeId) -> (usize, usize, u64) {
    let index = id.index();
    (index / ENTRIES, index % ENTRIES / 64, 1 << (index % 64))
}

fn combine(own: &mut Arc<Block>, other: &Block, with: impl Fn(u64, u64) -> u64) {
    for (word, other) in Arc::make_mut(own).iter_mut().zip(other) {
        *word = with(*word, *other);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::num::NonZeroUsize;

    use camino::Utf8Path;

    use super::*;
    use crate::context::{MemoryFolders, View, Walk};

    /// A folder `a` with more files than two blocks hold, and a folder `b` with one.
    fn tree() -> Tree {
        let files = (0..2 * ENTRIES).map(|number| format!("a/{number}"));
        let folders = files
            .chain(["b/c/x".to_owned()])
            .fold(MemoryFolders::default(), |folders, path| {
                folders.with_text(&path, "1")
            });
        let everything = View {
            root: Utf8Path::new(""),
            patterns: None,
        };
        Walk {
            folders: &folders,
            views: &[everything],
            measure: false,
            threads: NonZeroUsize::MIN,
        }
        .carry_out()
    }

    fn set(tree: &Tree, places: impl IntoIterator<Item = usize>) -> NodeSet {
        let mut set = NodeSet::none(tree);
        for place in places {
            set.insert(NodeId::new(place));
        }
        set
    }

    fn places(set: &NodeSet) -> BTreeSet<usize> {
        set.iter().map(NodeId::index).collect()
    }

    /// Every operation, next to sets of numbers.
    #[test]
    fn sets_are_those_of_numbers() {
        let tree = tree();
        let every = |step: usize, from: usize| (from..tree.len()).step_by(step);
        let kinds = [
            set(&tree, []),
            set(&tree, every(1, 0)),
            set(&tree, every(3, 1)),
            set(&tree, every(7, ENTRIES + 5)),
            set(&tree, [0, 63, 64, ENTRIES - 1, ENTRIES, 2 * ENTRIES]),
        ];
        for a in &kinds {
            for b in &kinds {
                let (numbers, others) = (places(a), places(b));
                let after = |operation: fn(&mut NodeSet, &NodeSet)| {
                    let mut a = a.clone();
                    operation(&mut a, b);
                    assert_eq!(a.len(), places(&a).len());
                    assert_eq!(a.is_empty(), places(&a).is_empty());
                    assert!(a.iter().all(|node| a.contains(node)));
                    // However it came to be.
                    assert_eq!(a, set(&tree, places(&a)));
                    places(&a)
                };
                let all = after(NodeSet::insert_all);
                assert!(all.iter().eq(numbers.union(&others)));
                let common = after(NodeSet::keep_common);
                assert!(common.iter().eq(numbers.intersection(&others)));
                let rest = after(NodeSet::remove_all);
                assert!(rest.iter().eq(numbers.difference(&others)));
                assert_eq!(a == b, numbers == others);
            }
        }
    }

    #[test]
    fn what_is_shared_is_not_changed_in_the_other_set() {
        let tree = tree();
        let full = set(&tree, 0..tree.len());
        let mut less = full.clone();
        less.remove(NodeId::new(5));
        assert!(full.contains(NodeId::new(5)) && !less.contains(NodeId::new(5)));
        assert!(less.insert(NodeId::new(5)) && !less.insert(NodeId::new(5)));
        assert_eq!(less, full);
        less.remove_all(&full);
        assert_eq!((less.len(), full.len()), (0, tree.len()));
    }

    #[test]
    fn folders_come_in_up_to_a_root() {
        let tree = tree();
        let find = |path: &str| tree.find(path.into()).unwrap();
        let file = find("b/c/x");
        let with_folders = |root: NodeId| {
            let mut found = set(&tree, [file.index()]);
            found.insert_folders(&tree, root);
            let mut names: Vec<&str> = found.iter().map(|node| tree.name(node)).collect();
            names.sort_unstable();
            names
        };
        assert_eq!(with_folders(Tree::ROOT), ["b", "c", "x"]);
        assert_eq!(with_folders(find("b")), ["c", "x"]);
        assert_eq!(with_folders(find("a")), ["", "b", "c", "x"]);
    }
}
