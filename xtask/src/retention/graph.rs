//! What needs what.

use std::collections::{BTreeMap, BTreeSet};

use super::digest::Digest;
use super::package::Package;

/// The edges between the manifests of a package, in both directions.
pub(super) struct Graph<'a> {
    package: &'a Package,
    /// Manifests that are about another, by that other.
    attached: BTreeMap<Digest, BTreeSet<&'a Digest>>,
    /// Manifests that an index lists.
    listed: BTreeSet<&'a Digest>,
}

/// How a manifest was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// It is where the walk began.
    Root,
    /// An index lists it.
    Listed,
    /// It is about what was reached before.
    Attached,
    /// What was reached before is about it.
    Subject,
}

/// Where a walk went.
pub(super) struct Reached<'a> {
    /// How each was reached first, and from which root.
    pub(super) ways: BTreeMap<&'a Digest, (Way, &'a Digest)>,
    /// Manifests that are needed and not there, with what lists them.
    pub(super) missing: BTreeMap<&'a Digest, &'a Digest>,
}

impl<'a> Graph<'a> {
    pub(super) fn new(package: &'a Package) -> Self {
        let mut attached: BTreeMap<Digest, BTreeSet<&Digest>> = BTreeMap::new();
        let mut listed = BTreeSet::new();
        for (digest, version) in &package.versions {
            for subject in version.subjects() {
                attached.entry(subject).or_default().insert(digest);
            }
            let children = version.manifest.children.iter();
            listed.extend(children.map(|child| &child.digest));
        }
        Self {
            package,
            attached,
            listed,
        }
    }

    /// Whether an index lists it.
    pub(super) fn is_listed(&self, digest: &Digest) -> bool {
        self.listed.contains(digest)
    }

    /// What a manifest lists, whether it is there or not.
    fn children(&self, digest: &Digest) -> impl Iterator<Item = (&'a Digest, bool)> + use<'a> {
        let version = self.package.versions.get(digest);
        let children = version.into_iter().flat_map(|it| &it.manifest.children);
        children.map(|child| (&child.digest, child.is_manifest))
    }

    fn attached(&self, digest: &Digest) -> impl Iterator<Item = &'a Digest> {
        self.attached.get(digest).into_iter().flatten().copied()
    }

    /// Everything that roots need and that hangs on what they need; with `subjects`, also what these are about.
    pub(super) fn closure(
        &self,
        roots: impl IntoIterator<Item = &'a Digest>,
        subjects: Subjects,
    ) -> Reached<'a> {
        let mut reached = Reached {
            ways: BTreeMap::new(),
            missing: BTreeMap::new(),
        };
        let mut open: Vec<(&Digest, &Digest)> = Vec::new();
        for root in roots {
            if self.package.versions.contains_key(root) {
                reached.ways.insert(root, (Way::Root, root));
                open.push((root, root));
            }
        }
        open.reverse();
        while let Some((digest, root)) = open.pop() {
            let mut next: Vec<(&Digest, Way)> = Vec::new();
            for (child, is_manifest) in self.children(digest) {
                if self.package.versions.contains_key(child) {
                    next.push((child, Way::Listed));
                } else if is_manifest {
                    reached.missing.entry(child).or_insert(digest);
                }
            }
            next.extend(self.attached(digest).map(|it| (it, Way::Attached)));
            if subjects == Subjects::Needed
                && let Some(version) = self.package.versions.get(digest)
            {
                for subject in version.subjects() {
                    if let Some((subject, _)) = self.package.versions.get_key_value(&subject) {
                        next.push((subject, Way::Subject));
                    }
                }
            }
            for (digest, way) in next {
                reached.ways.entry(digest).or_insert_with(|| {
                    open.push((digest, root));
                    (way, root)
                });
            }
        }
        reached
    }

    /// Those of `all`, what needs others before what is needed: whoever is stopped in the middle leaves no index
    /// whose images are gone.
    pub(super) fn top_down(&self, all: &BTreeSet<&'a Digest>) -> Vec<Digest> {
        let mut waiting: BTreeMap<&Digest, usize> = all.iter().map(|digest| (*digest, 0)).collect();
        let below = |digest: &Digest| {
            let children = self.children(digest).map(|(child, _)| child);
            let below: BTreeSet<&Digest> = children.chain(self.attached(digest)).collect();
            below
        };
        for digest in all {
            for needed in below(digest) {
                if needed != *digest
                    && let Some(count) = waiting.get_mut(needed)
                {
                    *count += 1;
                }
            }
        }
        let mut order = Vec::with_capacity(all.len());
        while !waiting.is_empty() {
            let free = waiting.iter().filter(|(_, count)| **count == 0);
            let mut free: Vec<&Digest> = free.map(|(digest, _)| *digest).collect();
            if free.is_empty() {
                // No real manifest can name itself through others; an invented one can. One of those that only each
                // other wait for: it has the fewest above it.
                let above = |of: &&&Digest| {
                    let mut above = BTreeSet::from([**of]);
                    loop {
                        let more =
                            |digest: &&Digest| below(digest).iter().any(|it| above.contains(it));
                        let more: Vec<&Digest> = waiting.keys().copied().filter(more).collect();
                        let known = above.len();
                        above.extend(more);
                        if above.len() == known {
                            return known;
                        }
                    }
                };
                free.extend(waiting.keys().min_by_key(above));
            }
            for digest in free {
                waiting.remove(digest);
                for needed in below(digest) {
                    if let Some(count) = waiting.get_mut(needed) {
                        *count = count.saturating_sub(1);
                    }
                }
                order.push(digest.clone());
            }
        }
        order
    }
}

/// Whether what something is about is needed by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Subjects {
    /// A signature that is kept by its own tag is worth nothing without its image.
    Needed,
    /// A signature that is removed does not take the image along.
    Left,
}
