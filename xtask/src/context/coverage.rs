//! What of each category a build context lets through: now, and in a clean checkout.

use std::collections::HashSet;

use camino::{Utf8Path, Utf8PathBuf};

use super::build_contexts::{BuildContexts, ContextView};
use super::categories::{CATEGORIES, Category, Demand, Entry, Weight};
use super::folders::Kind;
use super::takers::{Takers, says_name};
use super::tree::{NodeId, Tree};
use crate::dockerignore::{Decision, Folder, Pattern, Patterns};
use crate::secrets::names::is_template;
use crate::source::Source;

/// How an ignore file stands to a category.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Nothing of it can enter.
    Covered,
    /// Nothing of it is there, and no tool in use makes such files.
    Absent,
    /// Some of it can enter: below the root, or under other names.
    Partly,
    /// It enters.
    NotCovered,
}

/// What of a category a build context lets through.
#[derive(Clone, Debug)]
pub struct Coverage {
    /// Which.
    pub category: &'static Category,
    /// In short.
    pub verdict: Verdict,
    /// The patterns that are missing, each with a made-up path that would enter.
    pub open: Vec<Open>,
    /// What enters now, by path; a folder stands for what is in it.
    pub leaks: Vec<Leak>,
}

/// A pattern that is missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Open {
    /// It.
    pub pattern: &'static str,
    /// What would enter, from the root of the walk. Nobody says that it is there.
    pub example: Utf8PathBuf,
    /// It enters in the context's root already, not below it alone.
    pub at_root: bool,
    /// A step of some Dockerfile would take it.
    pub taken: bool,
}

/// Something that enters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leak {
    /// The file, or the folder with what is in it.
    pub node: NodeId,
    /// The pattern that would have kept it out.
    pub pattern: &'static str,
    /// How many files that is.
    pub files: usize,
    /// How many bytes.
    pub bytes: u64,
    /// A step of some Dockerfile takes it, or may.
    pub taken: bool,
}

/// No more folders are tried with made-up paths.
const MAX_PROBED_FOLDERS: usize = 200;

/// How far below the context's root made-up paths are tried: `apps/api/.env`, `apps/api/probe/.env`.
const PROBED_DEPTH: usize = 2;

/// A name that nobody has.
const PROBE: &str = "docker-ignore-probe";

/// Judges a view in all categories. What a Dockerfile copies by its own name, or the ignore file takes back in so, is
/// there on purpose and no leak.
#[must_use]
pub(super) fn coverage(contexts: &BuildContexts, view: usize) -> Vec<Coverage> {
    let judged = Judged::new(contexts, &contexts.views[view]);
    let mut leaks = judged.leaks();
    let folders = judged.probed_folders(&leaks);
    let names = judged.names();
    CATEGORIES
        .iter()
        .enumerate()
        .map(|(index, category)| {
            let leaks = std::mem::take(&mut leaks[index]);
            judged.category(category, leaks, &folders, &names)
        })
        .collect()
}

/// The patterns at any depth against secrets and waste that a view's ignore file has to have whatever lies there now,
/// or for what lies there, without those that would take what is there on purpose. Where something of what is going to
/// enter was not looked into (`all_is_seen` is false), anything may lie there.
pub(super) fn demanded_patterns(
    contexts: &BuildContexts,
    view: usize,
    all_is_seen: bool,
) -> Vec<&'static str> {
    let judged = Judged::new(contexts, &contexts.views[view]);
    let leaks = judged.leaks();
    let names = judged.names();
    let meant = judged.patterns_on_purpose();
    let mut found: Vec<&str> = Vec::new();
    for (category, leaks) in CATEGORIES.iter().zip(&leaks) {
        if category.weight == Weight::Taste {
            continue;
        }
        let demanded = category.entries.iter().filter(|entry| {
            let leaking = leaks.iter().any(|leak| leak.pattern == entry.pattern);
            // One against large files alone would take small ones, too, that nobody has seen either.
            let unseen = !all_is_seen && !matches!(entry.demand, Demand::IfLarge(_));
            leaking || unseen || is_demanded(entry, &names)
        });
        let anywhere = demanded
            .map(|entry| entry.pattern)
            .filter(|pattern| pattern.starts_with("**/") && *pattern != "**/.git");
        for pattern in anywhere {
            if !found.contains(&pattern) && !meant.contains(pattern) {
                found.push(pattern);
            }
        }
    }
    found
}

fn is_demanded(entry: &Entry, names: &HashSet<&str>) -> bool {
    match entry.demand {
        Demand::Always | Demand::AtRoot => true,
        Demand::With(files) => files.iter().any(|file| names.contains(file)),
        Demand::IfThere | Demand::IfLarge(_) => false,
    }
}

/// All patterns of some categories: of those that match a path, the first counts.
struct Table {
    patterns: Patterns,
    /// By pattern: its category and its entry.
    places: Vec<(usize, &'static Entry)>,
}

impl Table {
    fn of(least: Weight) -> Self {
        let mut text = String::new();
        let mut places = Vec::new();
        for (index, category) in CATEGORIES.iter().enumerate() {
            if category.weight < least {
                continue;
            }
            for entry in category.entries {
                text.push_str(entry.pattern);
                text.push('\n');
                places.push((index, entry));
            }
        }
        Self {
            patterns: Patterns::parse(&Source::new("categories", text)).0,
            places,
        }
    }

    /// The pattern of an entry: the first that is written so.
    fn pattern(&self, entry: &Entry) -> Option<&Pattern> {
        let mut places = self.places.iter();
        let place = places.position(|(_, other)| other.pattern == entry.pattern)?;
        self.patterns.patterns().get(place)
    }

    /// What a path is, itself.
    fn place(&self, path: &str) -> Option<(usize, &'static Entry)> {
        let decision = self.patterns.decide_in(&Folder::default(), path).0;
        decision.pattern.map(|at| self.places[at])
    }
}

/// A folder that made-up paths are tried in.
struct Probed {
    /// From the context's root.
    path: String,
    /// What the ignore file hands down to what is in it.
    below: Folder,
}

struct Judged<'c> {
    contexts: &'c BuildContexts,
    view: &'c ContextView,
    root: Option<NodeId>,
    all: Table,
    secrets: Table,
    takers: Takers,
    /// The ignore file takes something back in by its name.
    names_taken_back: bool,
}

impl<'c> Judged<'c> {
    fn new(contexts: &'c BuildContexts, view: &'c ContextView) -> Self {
        Self {
            contexts,
            view,
            root: contexts.tree.find(&view.root),
            all: Table::of(Weight::Taste),
            secrets: Table::of(Weight::Secret),
            takers: Takers::of(contexts, view),
            names_taken_back: view.ignore.as_ref().is_some_and(|ignore| {
                let mut patterns = ignore.patterns.patterns().iter();
                patterns.any(|pattern| pattern.is_exception() && says_name(pattern.text()))
            }),
        }
    }

    fn tree(&self) -> &'c Tree {
        &self.contexts.tree
    }

    /// By category, what enters.
    fn leaks(&self) -> Vec<Vec<Leak>> {
        let mut leaks: Vec<Vec<Leak>> = vec![Vec::new(); CATEGORIES.len()];
        let Some(root) = self.root else {
            return leaks;
        };
        // A folder, its path in the context, and whether a category that is no secret has it already.
        let mut left = vec![(root, String::new(), false)];
        while let Some((folder, path, is_counted)) = left.pop() {
            for node in self.tree().children(folder).rev() {
                if !self.view.admitted.contains(node) {
                    continue;
                }
                let path = join(&path, self.tree().name(node));
                let is_folder = self.tree().kind(node) == Kind::Folder;
                let mut counted = is_counted;
                let mut enter = is_folder;
                let table = if is_counted { &self.secrets } else { &self.all };
                if let Some((category, entry)) = table.place(&path)
                    && self.is_leak(node, &path, entry)
                {
                    let leak = self.leak(node, &path, entry);
                    if leak.files > 0 {
                        counted = true;
                        // A secret among tests is named, too; nobody wants to hear of those in `node_modules`.
                        enter &= CATEGORIES[category].weight == Weight::Taste;
                        leaks[category].push(leak);
                    }
                }
                if enter {
                    left.push((node, path, counted));
                }
            }
        }
        for leaks in &mut leaks {
            leaks.sort_by_cached_key(|leak| self.tree().path(leak.node));
        }
        leaks
    }

    fn is_leak(&self, node: NodeId, path: &str, entry: &Entry) -> bool {
        let name = self.tree().name(node);
        let is_small =
            matches!(entry.demand, Demand::IfLarge(least) if self.tree().bytes(node) < least);
        let is_file_pattern = entry.sample.rsplit('/').next() == Some(entry.sample);
        // A source folder may be called `x.key`, and a link is but its name.
        let fits = match self.tree().kind(node) {
            Kind::Folder => !is_file_pattern || is_plain(entry.pattern),
            Kind::File | Kind::Link => true,
            Kind::Other => false,
        };
        fits && !is_small && !is_template(name) && !self.is_on_purpose(path)
    }

    fn leak(&self, node: NodeId, path: &str, entry: &'static Entry) -> Leak {
        let (mut files, mut bytes) = (0, 0);
        let mut left = vec![node];
        while let Some(node) = left.pop() {
            if self.tree().kind(node) == Kind::Folder {
                let inside = self.tree().children(node);
                left.extend(inside.filter(|node| self.view.admitted.contains(*node)));
            } else {
                files += 1;
                bytes += self.tree().bytes(node);
            }
        }
        Leak {
            node,
            pattern: entry.pattern,
            files,
            bytes,
            taken: self.takers.take(path),
        }
    }

    /// A Dockerfile names it or something in it, or the ignore file takes it back in by its name.
    fn is_on_purpose(&self, path: &str) -> bool {
        self.takers.name(path) || self.is_taken_back(path, || self.decision(path).1)
    }

    /// The pattern that decides takes it back in by its name. Without such patterns nobody asks which decides.
    fn is_taken_back<'p>(&self, path: &str, deciding: impl Fn() -> Option<&'p Pattern>) -> bool {
        self.names_taken_back
            && deciding().is_some_and(|pattern| {
                pattern.is_exception() && says_name(pattern.text()) && pattern.matches(path)
            })
    }

    /// The patterns that would take something which is there on purpose.
    fn patterns_on_purpose(&self) -> HashSet<&'static str> {
        let mut found = HashSet::new();
        for node in self.view.admitted.iter() {
            let path = self.tree().path(node);
            let path = self.view.inside(&path).unwrap_or(Utf8Path::new(""));
            for (pattern, (_, entry)) in self.all.patterns.patterns().iter().zip(&self.all.places) {
                if pattern.matches(path.as_str()) && self.is_on_purpose(path.as_str()) {
                    found.insert(entry.pattern);
                }
            }
        }
        found
    }

    fn decision(&self, path: &str) -> (Decision, Option<&Pattern>) {
        let Some(ignore) = &self.view.ignore else {
            return (Decision::default(), None);
        };
        let decision = ignore.patterns.decide(Utf8Path::new(path));
        let pattern = decision.pattern.map(|at| &ignore.patterns.patterns()[at]);
        (decision, pattern)
    }

    /// The names of all files of the context that tell which tools are in use.
    fn names(&self) -> HashSet<&'c str> {
        let asked: HashSet<&str> = CATEGORIES
            .iter()
            .flat_map(|category| category.entries)
            .filter_map(|entry| match entry.demand {
                Demand::With(names) => Some(names),
                _ => None,
            })
            .flatten()
            .copied()
            .collect();
        let inside = self
            .root
            .map_or(String::new(), |_| self.view.root.to_string());
        let tree = self.tree();
        tree.nodes()
            .filter(|node| asked.contains(tree.name(*node)))
            .filter(|node| tree.path(*node).starts_with(&inside))
            .map(|node| tree.name(node))
            .collect()
    }

    /// Where made-up paths are tried: the root, and folders near it that something enters from.
    fn probed_folders(&self, leaks: &[Vec<Leak>]) -> Vec<Probed> {
        let mut found = vec![String::new()];
        let leaking: HashSet<NodeId> = leaks.iter().flatten().map(|leak| leak.node).collect();
        let mut level: Vec<(NodeId, String)> = self
            .root
            .into_iter()
            .map(|root| (root, String::new()))
            .collect();
        for _ in 0..PROBED_DEPTH {
            let mut next = Vec::new();
            for (folder, path) in level {
                for node in self.tree().children(folder) {
                    let enters = self.view.admitted.contains(node)
                        && self.tree().kind(node) == Kind::Folder
                        && !leaking.contains(&node);
                    if enters {
                        next.push((node, join(&path, self.tree().name(node))));
                    }
                }
            }
            found.extend(next.iter().map(|(_, path)| path.clone()));
            level = next;
        }
        found.truncate(MAX_PROBED_FOLDERS);
        // What a folder that is not there yet would let through.
        let deeper: Vec<String> = found.iter().map(|folder| join(folder, PROBE)).collect();
        found.extend(deeper);
        let probed = found.into_iter().map(|path| Probed {
            below: self.handed_down(&path),
            path,
        });
        probed.collect()
    }

    /// What the ignore file hands down to what is in a folder.
    fn handed_down(&self, folder: &str) -> Folder {
        let Some(ignore) = self.view.ignore.as_ref().filter(|_| !folder.is_empty()) else {
            return Folder::default();
        };
        let ends = folder.match_indices('/').map(|(at, _)| at);
        ends.chain([folder.len()])
            .fold(Folder::default(), |above, end| {
                ignore.patterns.decide_in(&above, &folder[..end]).1
            })
    }

    /// What becomes of a file at or below a folder whose own decisions are known.
    fn decision_below(&self, folder: &Probed, path: &str) -> (Decision, Option<&Pattern>) {
        let Some(ignore) = &self.view.ignore else {
            return (Decision::default(), None);
        };
        let from = folder.path.len() + 1;
        if !folder.path.is_empty() && path.len() < from {
            return self.decision(path);
        }
        let mut below = folder.below.clone();
        for (at, _) in path.match_indices('/').filter(|(at, _)| *at >= from) {
            below = ignore.patterns.decide_in(&below, &path[..at]).1;
        }
        let decision = ignore.patterns.decide_file(&below, path);
        let pattern = decision.pattern.map(|at| &ignore.patterns.patterns()[at]);
        (decision, pattern)
    }

    fn category(
        &self,
        category: &'static Category,
        leaks: Vec<Leak>,
        folders: &[Probed],
        names: &HashSet<&str>,
    ) -> Coverage {
        let is_demanded = |entry: &Entry| is_demanded(entry, names);
        let mut open: Vec<Open> = Vec::new();
        let (mut tried, mut closed) = (0_usize, 0_usize);
        let any_demanded = category.entries.iter().any(is_demanded);
        for entry in category.entries {
            if any_demanded && !is_demanded(entry) {
                continue;
            }
            let root_alone = entry.demand == Demand::AtRoot || !entry.pattern.starts_with("**/");
            let folders = if root_alone { &folders[..1] } else { folders };
            let mut found: Option<Open> = None;
            let pattern = self.all.pattern(entry);
            for folder in folders {
                let path = join(&folder.path, entry.sample);
                if pattern.is_some_and(|it| self.is_probe_on_purpose(folder, &path, it)) {
                    continue;
                }
                tried += 1;
                if self.decision_below(folder, &path).0.ignored {
                    closed += 1;
                    continue;
                }
                let taken = self.takers.take(&path);
                // One that a step would take tells more.
                if found.as_ref().is_none_or(|found| taken && !found.taken) {
                    found = Some(Open {
                        pattern: entry.pattern,
                        example: self.view.root.join(&path),
                        at_root: folder.path.is_empty(),
                        taken,
                    });
                }
            }
            open.extend(found.filter(|new| !open.iter().any(|old| old.pattern == new.pattern)));
        }
        let all_closed = open.is_empty();
        if !any_demanded {
            // Nobody has such files until one is there.
            open.clear();
        }
        for leak in &leaks {
            if !open.iter().any(|open| open.pattern == leak.pattern) {
                let example = self.tree().path(leak.node);
                open.push(Open {
                    pattern: leak.pattern,
                    at_root: example.parent() == Some(&self.view.root),
                    example,
                    taken: leak.taken,
                });
            }
        }
        let verdict = match (open.is_empty(), any_demanded) {
            (true, false) if !all_closed => Verdict::Absent,
            (true, _) => Verdict::Covered,
            (false, _) if closed == 0 => Verdict::NotCovered,
            (false, true) => Verdict::Partly,
            (false, false) if closed * 2 >= tried => Verdict::Partly,
            (false, false) => Verdict::NotCovered,
        };
        Coverage {
            category,
            verdict,
            open,
            leaks,
        }
    }

    /// As [`Self::is_on_purpose`] for a made-up path: the part of it that the pattern means is asked for.
    fn is_probe_on_purpose(&self, folder: &Probed, path: &str, pattern: &Pattern) -> bool {
        let ends = path
            .match_indices('/')
            .map(|(at, _)| at)
            .chain([path.len()]);
        ends.map(|end| &path[..end])
            .find(|path| pattern.matches(path))
            .is_some_and(|path| {
                let deciding = || self.decision_below(folder, path).1;
                self.takers.name(path) || self.is_taken_back(path, deciding)
            })
    }
}

/// Whether a pattern is one name at any depth.
fn is_plain(pattern: &str) -> bool {
    let name = pattern.strip_prefix("**/").unwrap_or(pattern);
    !name.contains(['*', '?', '['])
}

/// A path in a folder; the root is empty.
pub(super) fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() {
        name.to_owned()
    } else {
        format!("{folder}/{name}")
    }
}
