//! What is kept and what is removed, and why.

use std::collections::{BTreeMap, BTreeSet};

use super::digest::Digest;
use super::findings::{Problem, ProblemKind};
use super::graph::{Graph, Reached, Subjects, Way};
use super::package::{Package, Version};
use super::policy::{Policy, Rule};
use super::reason::{Keeping, Reason, Removing};
use super::storage::{Storage, blobs_of};
use crate::timestamp::{Period, Timestamp};

/// What else is known when a plan is made.
#[derive(Clone, Debug)]
pub struct Situation {
    /// What time it is.
    pub now: Timestamp,
    /// What a run that ended too early, or this one before it looked again, was going to remove: what it belonged to
    /// may be gone already. Where there is such a run, everything else is kept.
    pub begun: Option<BTreeSet<Digest>>,
    /// What was pushed or tagged since the plan was made that is carried out.
    pub changed: BTreeSet<Digest>,
}

impl Situation {
    /// Nothing was begun, and nothing changed.
    #[must_use]
    pub const fn at(now: Timestamp) -> Self {
        Self {
            now,
            begun: None,
            changed: BTreeSet::new(),
        }
    }
}

/// What becomes of a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The package.
    pub package: String,
    /// What becomes of every manifest that is there, and why.
    pub decisions: BTreeMap<Digest, Reason>,
    /// What is removed, in this order: what lists others before what it lists.
    pub removals: Vec<Digest>,
    /// Why nothing is removed. Empty if nothing stands in the way.
    pub problems: Vec<Problem>,
    /// Bytes now and afterwards.
    pub storage: Storage,
}

impl Plan {
    /// Makes the plan. Where anything is not known, it removes nothing and says what.
    #[must_use]
    pub fn new(package: &Package, policy: &Policy, situation: &Situation) -> Self {
        let graph = Graph::new(package);
        let judge = Judge {
            package,
            policy,
            situation,
            graph: &graph,
        };
        let mut roots = judge.roots();
        let doomed = reached(&graph, &roots, Subjects::Left);
        let kept = reached(&graph, &roots, Subjects::Needed);
        for digest in package.versions.keys() {
            // Invented manifests that lead to each other lead from nowhere.
            if !doomed.ways.contains_key(digest) && !kept.ways.contains_key(digest) {
                roots.insert(digest, Reason::Keep(Keeping::Unreached));
            }
        }
        let kept = reached(&graph, &roots, Subjects::Needed);
        let mut decisions = BTreeMap::new();
        let mut removed = BTreeSet::new();
        for digest in package.versions.keys() {
            let reason = match (kept.ways.get(digest), doomed.ways.get(digest)) {
                (Some((Way::Root, _)), _) | (None, Some((Way::Root, _))) => {
                    roots.get(digest).cloned()
                }
                (Some((way, root)), _) => Some(Reason::Keep(judge.keeping(*way, root))),
                (None, Some((way, root))) => Some(Reason::Remove(judge.removing(*way, root))),
                (None, None) => None,
            };
            let reason = reason.unwrap_or(Reason::Keep(Keeping::Unreached));
            if !reason.keeps() {
                removed.insert(digest);
            }
            decisions.insert(digest.clone(), reason);
        }
        let removals = graph.top_down(&removed);
        let mut plan = Self {
            package: package.name.clone(),
            problems: problems(package, &kept, removed.len()),
            storage: Storage::default(),
            decisions,
            removals,
        };
        plan.hold_back();
        plan.storage = plan.storage_of(package);
        plan
    }

    /// Whether a manifest is kept.
    #[must_use]
    pub fn keeps(&self, digest: &Digest) -> bool {
        self.decisions.get(digest).is_none_or(Reason::keeps)
    }

    /// What is kept of a package.
    pub fn kept<'a>(
        &'a self,
        package: &'a Package,
    ) -> impl Iterator<Item = (&'a Digest, &'a Version)> {
        package
            .versions
            .iter()
            .filter(|(digest, _)| self.keeps(digest))
    }

    /// Fails closed.
    fn hold_back(&mut self) {
        if self.problems.is_empty() {
            return;
        }
        self.removals.clear();
        for reason in self.decisions.values_mut() {
            if !reason.keeps() {
                *reason = Reason::Keep(Keeping::Obstructed);
            }
        }
    }

    fn storage_of(&self, package: &Package) -> Storage {
        Storage::of(&blobs_of(&package.versions), &blobs_of(self.kept(package)))
    }
}

/// All that is kept, or all that would go with what is removed.
fn reached<'a>(
    graph: &Graph<'a>,
    roots: &BTreeMap<&'a Digest, Reason>,
    subjects: Subjects,
) -> Reached<'a> {
    let keeps = subjects == Subjects::Needed;
    let roots = roots.iter().filter(|(_, reason)| reason.keeps() == keeps);
    graph.closure(roots.map(|(digest, _)| *digest), subjects)
}

fn problems(package: &Package, kept: &Reached<'_>, removed: usize) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (what, why) in &package.unreadable {
        problems.push(Problem::new(
            ProblemKind::Unreadable,
            &package.name,
            format!("{what} cannot be read: {why}"),
        ));
    }
    for (missing, by) in &kept.missing {
        problems.push(Problem::new(
            ProblemKind::Broken,
            &package.name,
            format!(
                "{} is kept and broken: the registry does not have {missing}, which it lists",
                package.called(by),
            ),
        ));
    }
    if removed > 0 && removed == package.versions.len() {
        problems.push(Problem::new(
            ProblemKind::Emptied,
            &package.name,
            "the rules keep nothing of it".to_owned(),
        ));
    }
    problems
}

/// Decides about what nothing else decides about.
struct Judge<'a> {
    package: &'a Package,
    policy: &'a Policy,
    situation: &'a Situation,
    graph: &'a Graph<'a>,
}

impl<'a> Judge<'a> {
    /// What stands for itself: images with a name, and what belongs to nothing that is there.
    fn roots(&self) -> BTreeMap<&'a Digest, Reason> {
        let newest = self.newest();
        let mut roots = BTreeMap::new();
        for (digest, version) in &self.package.versions {
            if let Some(reason) = self.root(digest, version, &newest) {
                roots.insert(digest, reason);
            }
        }
        roots
    }

    fn root(
        &self,
        digest: &'a Digest,
        version: &Version,
        newest: &BTreeSet<(usize, &'a Digest)>,
    ) -> Option<Reason> {
        let keep = |keeping| Some(Reason::Keep(keeping));
        if self.situation.changed.contains(digest) {
            return keep(Keeping::Changed);
        }
        if self.policy.digests.contains(digest) {
            return keep(Keeping::Pinned);
        }
        let begun = self.situation.begun.as_ref();
        let is_begun = begun.is_some_and(|begun| begun.contains(digest));
        if begun.is_some() && !is_begun {
            return keep(Keeping::Later);
        }
        let mut expired = None;
        for tag in version.names() {
            match self.tag(tag, digest, version, newest) {
                // The one tag that keeps it keeps the manifest, with all its tags.
                Reason::Keep(keeping) => return keep(keeping),
                removing @ Reason::Remove(_) => expired = expired.or(Some(removing)),
            }
        }
        let mut subjects = version.subjects().peekable();
        let is_about_something = subjects.peek().is_some();
        let is_needed = self.graph.is_listed(digest)
            || subjects
                .any(|subject| subject != *digest && self.package.versions.contains_key(&subject));
        if expired.is_none() && is_needed {
            // It stays and goes with what it belongs to.
            return None;
        }
        let age = self.age(version);
        // The images of an index are pushed before the index is.
        if !is_begun && age.is_some_and(|age| age < self.policy.grace) {
            return keep(Keeping::Grace(self.policy.grace));
        }
        if expired.is_some() {
            return expired;
        }
        if is_begun {
            return Some(Reason::Remove(Removing::Begun));
        }
        let Some(age) = age else {
            return keep(Keeping::AgeUnknown);
        };
        match self.policy.untagged {
            None => keep(Keeping::Untagged),
            Some(span) if age < span => keep(Keeping::UntaggedYoung(span)),
            Some(_) if is_about_something => Some(Reason::Remove(Removing::Dangling(age))),
            Some(_) => Some(Reason::Remove(Removing::Untagged(age))),
        }
    }

    fn tag(
        &self,
        tag: &str,
        digest: &'a Digest,
        version: &Version,
        newest: &BTreeSet<(usize, &'a Digest)>,
    ) -> Reason {
        if let Some(pattern) = self.policy.protects(tag) {
            return Reason::Keep(Keeping::Protected(pattern.to_string()));
        }
        if self.policy.is_cache(tag) {
            return Reason::Keep(Keeping::Cache);
        }
        let Some(rule) = self.policy.rule(tag) else {
            return Reason::Keep(Keeping::NoRule(tag.to_owned()));
        };
        let Some(age) = self.age(version) else {
            return Reason::Keep(Keeping::AgeUnknown);
        };
        let number = rule.number;
        if let Some(keep) = rule.keep.filter(|_| newest.contains(&(number, digest))) {
            return Reason::Keep(Keeping::Newest { rule: number, keep });
        }
        match rule.keep_for {
            Some(keep_for) if age < keep_for => Reason::Keep(Keeping::Young {
                rule: number,
                keep_for,
            }),
            _ => Reason::Remove(Removing::Expired { rule: number, age }),
        }
    }

    /// The newest images of each rule that counts, as many as it keeps.
    fn newest(&self) -> BTreeSet<(usize, &'a Digest)> {
        let mut newest = BTreeSet::new();
        for rule in &self.policy.rules {
            let Some(keep) = rule.keep else { continue };
            let mut named: Vec<(&Digest, &Version)> = self
                .package
                .versions
                .iter()
                .filter(|(_, version)| self.counts(rule, version))
                .collect();
            // The same moment twice is decided by the order in which they came, and in the end by the digest: two runs
            // decide alike.
            named.sort_by_key(|(digest, version)| {
                (version.moment(), version.created, version.id, *digest)
            });
            let keep = usize::try_from(keep).unwrap_or(usize::MAX);
            let last = named.into_iter().rev().take(keep);
            newest.extend(last.map(|(digest, _)| (rule.number, digest)));
        }
        newest
    }

    /// Whether an image takes one of the places of a rule.
    fn counts(&self, rule: &Rule, version: &Version) -> bool {
        let decides = |tag: &String| {
            self.policy.protects(tag).is_none()
                && !self.policy.is_cache(tag)
                && self
                    .policy
                    .rule(tag)
                    .is_some_and(|it| it.number == rule.number)
        };
        version.moment().is_some() && version.names().any(decides)
    }

    fn age(&self, version: &Version) -> Option<Period> {
        version
            .moment()
            .map(|moment| self.situation.now.since(moment))
    }

    fn keeping(&self, way: Way, root: &Digest) -> Keeping {
        let root = self.package.called(root);
        match way {
            Way::Root | Way::Listed => Keeping::Listed(root),
            Way::Attached => Keeping::Attached(root),
            Way::Subject => Keeping::Subject(root),
        }
    }

    fn removing(&self, way: Way, root: &Digest) -> Removing {
        let root = self.package.called(root);
        match way {
            Way::Root | Way::Listed | Way::Subject => Removing::Listed(root),
            Way::Attached => Removing::Attached(root),
        }
    }
}
