//! A folder with an ignore file, and what of it should enter a build.

use std::collections::BTreeMap;
use std::fmt;

use camino::Utf8Path;
use xtask::dockerignore::{Folder, Patterns, SyntaxError};
use xtask::source::Source;

/// What stands in a folder: paths from it, with `/` and without `./`.
pub(crate) type Tree = BTreeMap<String, Node>;

/// One entry of a tree.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Node {
    Folder,
    File(String),
    Link(String),
}

/// A build context. It prints as the Rust text that makes it.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Case {
    /// Its `.dockerignore`.
    pub(crate) ignore: String,
    pub(crate) tree: Tree,
}

impl Case {
    /// Each entry is a file, a `folder/`, or a `link -> target`. Folders that are needed are made.
    pub(crate) fn new(ignore: &str, entries: &[&str]) -> Self {
        let mut case = Self {
            ignore: ignore.to_owned(),
            tree: Tree::new(),
        };
        for entry in entries {
            match (entry.split_once(" -> "), entry.strip_suffix('/')) {
                (Some((path, target)), _) => case.insert(path, Node::Link(target.to_owned())),
                (None, Some(path)) => case.insert(path, Node::Folder),
                (None, None) => case.insert(entry, content(entry)),
            };
        }
        case
    }

    /// Adds an entry and the folders above it; `false` if it cannot stand there.
    pub(crate) fn insert(&mut self, path: &str, node: Node) -> bool {
        let above = || path.match_indices('/').map(|(at, _)| &path[..at]);
        let is_free = |folder: &str| matches!(self.tree.get(folder), None | Some(Node::Folder));
        if self.tree.contains_key(path) || !above().all(is_free) || path == ".dockerignore" {
            return false;
        }
        for folder in above() {
            self.tree.insert(folder.to_owned(), Node::Folder);
        }
        self.tree.insert(path.to_owned(), node);
        true
    }

    /// Without an entry and what is in it.
    pub(crate) fn without(&self, path: &str) -> Self {
        let below = format!("{path}/");
        let mut case = self.clone();
        case.tree
            .retain(|other, _| other != path && !other.starts_with(&below));
        case
    }

    /// Makes it on disk.
    pub(crate) fn write(&self, folder: &Utf8Path) {
        write_tree(folder, &self.tree);
        std::fs::write(folder.join(".dockerignore"), &self.ignore).unwrap();
    }

    pub(crate) fn patterns(&self) -> (Patterns, Vec<SyntaxError>) {
        Patterns::parse(&Source::new(".dockerignore", self.ignore.as_str()))
    }

    /// What should enter a build.
    pub(crate) fn sent(&self) -> Tree {
        let mut tree = self.tree.clone();
        tree.insert(".dockerignore".to_owned(), Node::File(self.ignore.clone()));
        sent(&tree, &self.patterns().0)
    }
}

/// A file holds its own path.
pub(crate) fn content(path: &str) -> Node {
    Node::File(format!("{path}\n"))
}

pub(crate) fn write_tree(folder: &Utf8Path, tree: &Tree) {
    std::fs::create_dir_all(folder).unwrap();
    for (path, node) in tree {
        let path = folder.join(path);
        match node {
            Node::Folder => std::fs::create_dir_all(path).unwrap(),
            Node::File(content) => std::fs::write(path, content).unwrap(),
            Node::Link(target) => std::os::unix::fs::symlink(target, path).unwrap(),
        }
    }
}

/// What of a tree should enter a build: a folder is there if something in it is.
pub(crate) fn sent(tree: &Tree, patterns: &Patterns) -> Tree {
    let mut folders = BTreeMap::from([(String::new(), Folder::default())]);
    let mut pruned: Vec<String> = Vec::new();
    let mut sent = Tree::new();
    // In order, so that a folder comes before what is in it.
    for (path, node) in tree {
        let above = path.rsplit_once('/').map_or("", |(above, _)| above);
        let folder = &folders[above];
        let decision = if *node == Node::Folder {
            let (decision, below) = patterns.decide_in(folder, path);
            folders.insert(path.clone(), below);
            decision
        } else {
            patterns.decide_file(folder, path)
        };
        assert_eq!(decision, patterns.decide(Utf8Path::new(path)), "{path:?}");
        if decision.ignored {
            if *node == Node::Folder && patterns.can_prune(path) {
                pruned.push(format!("{path}/"));
            }
            continue;
        }
        let lost = pruned.iter().find(|folder| path.starts_with(*folder));
        assert_eq!(lost, None, "{path:?} is found where a walk need not look");
        for (at, _) in path.match_indices('/') {
            sent.insert(path[..at].to_owned(), Node::Folder);
        }
        let node = match node {
            Node::File(_) if patterns.arrives_empty(Utf8Path::new(path)) => {
                Node::File(String::new())
            }
            node => node.clone(),
        };
        sent.insert(path.clone(), node);
    }
    sent
}

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_implied = |path: &str| {
            let below = format!("{path}/");
            self.tree.keys().any(|other| other.starts_with(&below))
        };
        let entries: Vec<String> = self
            .tree
            .iter()
            .filter(|(path, _)| !is_implied(path))
            .map(|(path, node)| match node {
                Node::Folder => format!("{path}/"),
                Node::File(_) => path.clone(),
                Node::Link(target) => format!("{path} -> {target}"),
            })
            .collect();
        write!(f, "Case::new({:?}, &{entries:?}),", self.ignore)
    }
}
