//! One walk for all build contexts below a folder.

use std::num::NonZeroUsize;
use std::sync::{Condvar, Mutex, PoisonError};

use camino::{Utf8Path, Utf8PathBuf};

use super::folders::{Folders, Kind};
use super::tree::{Node, NodeId, PackedDecision, Problem, ProblemKind, Tree};
use crate::dockerignore::{Decision, Folder, Patterns};

/// A build context with the ignore file that counts in it.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    /// The context, from the root of the walk; empty for the root itself.
    pub root: &'a Utf8Path,
    /// `None` where there is no ignore file.
    pub patterns: Option<&'a Patterns>,
}

/// What is to be walked, and how.
pub struct Walk<'a> {
    /// Where.
    pub folders: &'a dyn Folders,
    /// Who asks. A folder is passed over when none of them lets anything through that is in it.
    pub views: &'a [View<'a>],
    /// Whether files are measured and links are read.
    pub measure: bool,
    /// How many folders are read at once.
    pub threads: NonZeroUsize,
}

/// How a view stands to a folder.
#[derive(Clone)]
enum Standing {
    /// The folder is above the context.
    Above,
    /// The folder is beside the context, or no entry below it can be let through.
    Outside,
    /// The folder is in the context.
    Inside(Folder),
}

/// A folder that is still to be read.
struct Task {
    id: usize,
    path: Utf8PathBuf,
    standings: Vec<Standing>,
}

/// A folder that was read.
#[derive(Default)]
struct Listing {
    id: usize,
    entries: Vec<ListedEntry>,
    /// For each entry one for each view.
    decisions: Vec<PackedDecision>,
}

struct ListedEntry {
    name: Box<str>,
    kind: Kind,
    bytes: u64,
    target: Option<Box<str>>,
    /// The number of its listing, for folders that are entered.
    listing: Option<usize>,
}

/// What the workers share.
#[derive(Default)]
struct Queue {
    tasks: Vec<Task>,
    /// How many workers are reading a folder now.
    busy: usize,
    /// How many folders were ever found.
    count: usize,
}

#[derive(Default)]
struct Found {
    listings: Vec<Listing>,
    problems: Vec<Problem>,
}

impl Walk<'_> {
    /// Walks. Nothing stops it: what cannot be looked at is among the tree's problems.
    #[must_use]
    pub fn carry_out(&self) -> Tree {
        let queue = Mutex::new(Queue {
            tasks: vec![Task {
                id: 0,
                path: Utf8PathBuf::new(),
                standings: self.views.iter().map(View::at_root).collect(),
            }],
            busy: 0,
            count: 1,
        });
        let more = Condvar::new();
        let work = || self.work(&queue, &more);
        let mut found = if self.threads.get() == 1 {
            vec![work()]
        } else {
            std::thread::scope(|scope| {
                let others: Vec<_> = (1..self.threads.get()).map(|_| scope.spawn(work)).collect();
                let mut found = vec![work()];
                for other in others {
                    match other.join() {
                        Ok(more) => found.push(more),
                        Err(panic) => std::panic::resume_unwind(panic),
                    }
                }
                found
            })
        };
        let count = queue
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner)
            .count;
        let mut listings: Vec<Listing> = Vec::new();
        listings.resize_with(count, Listing::default);
        let mut problems = Vec::new();
        for part in &mut found {
            problems.append(&mut part.problems);
            for listing in part.listings.drain(..) {
                let id = listing.id;
                listings[id] = listing;
            }
        }
        problems.sort_by(|a, b| a.path.cmp(&b.path));
        self.assemble(listings, problems)
    }

    fn work(&self, queue: &Mutex<Queue>, more: &Condvar) -> Found {
        let mut found = Found::default();
        let mut locked = queue.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(task) = locked.tasks.pop() {
                locked.busy += 1;
                drop(locked);
                let mut folders = Vec::new();
                let mut listing = self.read(&task, &mut folders, &mut found.problems);
                locked = queue.lock().unwrap_or_else(PoisonError::into_inner);
                locked.busy -= 1;
                for (entry, mut folder) in folders {
                    folder.id = locked.count;
                    locked.count += 1;
                    let listed: &mut ListedEntry = &mut listing.entries[entry];
                    listed.listing = Some(folder.id);
                    locked.tasks.push(folder);
                }
                found.listings.push(listing);
                more.notify_all();
            } else if locked.busy == 0 {
                return found;
            } else {
                locked = more.wait(locked).unwrap_or_else(PoisonError::into_inner);
            }
        }
    }

    /// Reads one folder; `folders` gets those in it that are to be read, with their place in the listing.
    fn read(
        &self,
        task: &Task,
        folders: &mut Vec<(usize, Task)>,
        problems: &mut Vec<Problem>,
    ) -> Listing {
        let mut listing = Listing {
            id: task.id,
            ..Listing::default()
        };
        let opened = self.folders.open(&task.path);
        let (folder, read) = match opened.and_then(|mut folder| {
            let entries = folder.entries()?;
            Ok((folder, entries))
        }) {
            Ok(opened) => opened,
            Err(error) => {
                problems.push(Problem::new(task.path.clone(), &error));
                return listing;
            }
        };
        let mut entries = Vec::with_capacity(read.len());
        for entry in read {
            match entry.name {
                Ok(name) => entries.push((name, entry.kind)),
                Err(name) => problems.push(Problem {
                    path: task.path.join(&*name),
                    kind: ProblemKind::NotUtf8,
                    cause: "the name is not UTF-8".to_owned(),
                }),
            }
        }
        entries.sort_unstable();
        let mut path = task.path.as_str().to_owned();
        if !path.is_empty() {
            path.push('/');
        }
        let folder_length = path.len();
        for (name, kind) in entries {
            path.truncate(folder_length);
            path.push_str(&name);
            let (below, admitted) = self.decide(task, &path, kind, &mut listing.decisions);
            if let Some(standings) = below {
                folders.push((
                    listing.entries.len(),
                    Task {
                        id: 0,
                        path: path.as_str().into(),
                        standings,
                    },
                ));
            }
            let (mut bytes, mut target) = (0, None);
            // The client follows links that are ignored, too.
            let is_asked = kind == Kind::Link || kind == Kind::File && admitted;
            if self.measure && is_asked {
                match folder.measure(&name, kind) {
                    Ok(measured) => (bytes, target) = measured,
                    Err(error) => problems.push(Problem::new(path.as_str().into(), &error)),
                }
            }
            listing.entries.push(ListedEntry {
                name,
                kind,
                bytes,
                target,
                listing: None,
            });
        }
        listing
    }

    /// Decides on an entry for each view. For a folder that has to be entered, how the views stand to it; and whether
    /// any view lets the entry through.
    fn decide(
        &self,
        task: &Task,
        path: &str,
        kind: Kind,
        decisions: &mut Vec<PackedDecision>,
    ) -> (Option<Vec<Standing>>, bool) {
        let mut standings = Vec::new();
        let (mut enter, mut admitted) = (false, false);
        for (view, standing) in self.views.iter().zip(&task.standings) {
            let (decision, below) = view.decide(standing, path, kind);
            admitted |= decision.is_some_and(|decision| !decision.ignored);
            decisions.push(decision.map(PackedDecision::new).unwrap_or_default());
            if kind == Kind::Folder {
                enter |= !matches!(below, Standing::Outside);
                standings.push(below);
            }
        }
        (enter.then_some(standings), admitted)
    }

    /// Numbers the entries, folder by folder.
    fn assemble(&self, mut listings: Vec<Listing>, problems: Vec<Problem>) -> Tree {
        let count = 1 + listings
            .iter()
            .map(|listing| listing.entries.len())
            .sum::<usize>();
        let mut tree = Tree {
            nodes: Vec::with_capacity(count),
            problems,
            ..Tree::default()
        };
        tree.decisions = self
            .views
            .iter()
            .map(|view| {
                let mut decisions = Vec::with_capacity(count);
                decisions.push(match view.root.as_str() {
                    "" => PackedDecision::new(Decision::default()),
                    _ => PackedDecision::default(),
                });
                decisions
            })
            .collect();
        tree.nodes.push(Node {
            name: "".into(),
            bytes: 0,
            parent: 0,
            children: 0..0,
            kind: Kind::Folder,
            pruned: false,
        });
        let mut open = std::collections::VecDeque::from([(NodeId::new(0), 0)]);
        while let Some((folder, listing)) = open.pop_front() {
            let listing = std::mem::take(&mut listings[listing]);
            let first = tree.nodes.len();
            for (index, entry) in listing.entries.into_iter().enumerate() {
                let id = NodeId::new(tree.nodes.len());
                for (view, decisions) in tree.decisions.iter_mut().enumerate() {
                    decisions.push(listing.decisions[index * self.views.len() + view]);
                }
                if let Some(listing) = entry.listing {
                    open.push_back((id, listing));
                }
                if let Some(target) = entry.target {
                    tree.targets.insert(id, target);
                }
                tree.nodes.push(Node {
                    name: entry.name,
                    bytes: entry.bytes,
                    parent: u32::try_from(folder.index()).unwrap_or(u32::MAX),
                    children: 0..0,
                    kind: entry.kind,
                    pruned: entry.kind == Kind::Folder && entry.listing.is_none(),
                });
            }
            let range = |index: usize| u32::try_from(index).unwrap_or(u32::MAX);
            tree.nodes[folder.index()].children = range(first)..range(tree.nodes.len());
        }
        tree
    }
}

impl View<'_> {
    fn at_root(&self) -> Standing {
        if self.root == "" {
            Standing::Inside(Folder::default())
        } else {
            Standing::Above
        }
    }

    fn decide(&self, standing: &Standing, path: &str, kind: Kind) -> (Option<Decision>, Standing) {
        let folder = match standing {
            Standing::Outside => return (None, Standing::Outside),
            Standing::Above => {
                return match self.root.as_str().strip_prefix(path) {
                    Some("") if kind == Kind::Folder => (
                        Some(Decision::default()),
                        Standing::Inside(Folder::default()),
                    ),
                    Some(rest) if rest.starts_with('/') => (None, Standing::Above),
                    _ => (None, Standing::Outside),
                };
            }
            Standing::Inside(folder) => folder,
        };
        let Some(patterns) = self.patterns else {
            let decision = Decision::default();
            return (Some(decision), Standing::Inside(Folder::default()));
        };
        let inside = match self.root.as_str() {
            "" => path,
            root => &path[root.len() + 1..],
        };
        if kind != Kind::Folder {
            return (
                Some(patterns.decide_file(folder, inside)),
                Standing::Outside,
            );
        }
        let (decision, below) = patterns.decide_in(folder, inside);
        let pruned = decision.ignored && patterns.can_prune(inside);
        let below = if pruned {
            Standing::Outside
        } else {
            Standing::Inside(below)
        };
        (Some(decision), below)
    }
}
