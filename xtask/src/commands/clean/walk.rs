//! A registry lists tags only: everything else is found by walking from them.

use std::collections::{BTreeMap, BTreeSet};

use super::gathering::{Gathered, Gatherer, Outcome};
use crate::distribution::Fetched;
use crate::error::Result;
use crate::retention::{Attachment, Digest, Kind, Manifest, Package, Version};
use crate::timestamp::Timestamp;

/// Why a manifest is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Wanted {
    /// It may be there: something is about it, or an earlier run was going to remove it.
    Perhaps,
    /// An index lists it.
    Listed,
    /// A tag means it.
    Tagged,
}

/// One walk through a package.
pub(super) struct Walk<'a> {
    gatherer: &'a Gatherer<'a>,
    package: Package,
    /// What is still to be asked for.
    open: BTreeMap<Digest, Wanted>,
    tags: BTreeMap<Digest, BTreeSet<String>>,
    /// Manifests whose age decides about something.
    aged: BTreeSet<Digest>,
    /// Whether the registry may still turn out to have no API for referrers.
    asks_for_referrers: bool,
}

impl<'a> Walk<'a> {
    pub(super) fn new(gatherer: &'a Gatherer<'a>) -> Self {
        Self {
            gatherer,
            package: gatherer.empty(),
            open: BTreeMap::new(),
            tags: BTreeMap::new(),
            aged: BTreeSet::new(),
            asks_for_referrers: true,
        }
    }

    pub(super) fn package(mut self, begun: &BTreeSet<Digest>) -> Result<Gathered> {
        let path = &self.gatherer.target.path;
        let tags = self.gatherer.registry.tags(path)?;
        let is_there = tags.is_some();
        self.resolve(&tags.unwrap_or_default())?;
        for digest in begun {
            self.want(digest, Wanted::Perhaps);
            self.aged.insert(digest.clone());
        }
        while !self.open.is_empty() {
            self.step()?;
        }
        self.date()?;
        Ok(Gathered {
            package: self.package,
            place: None,
            is_there,
            trouble: None,
        })
    }

    /// What the tags mean.
    fn resolve(&mut self, tags: &[String]) -> Result<()> {
        let registry = &self.gatherer.registry;
        let path = &self.gatherer.target.path;
        for (tag, digest) in tags.iter().zip(registry.digests(path, tags)?) {
            match digest {
                Ok(Some(digest)) => {
                    self.want(&digest, Wanted::Tagged);
                    self.aged.insert(digest.clone());
                    self.tags.entry(digest).or_default().insert(tag.clone());
                }
                // It went away since they were listed.
                Ok(None) => {}
                Err(why) => {
                    self.package.unreadable.insert(tag.clone(), why);
                }
            }
            if let Some(attachment) = Attachment::of(tag) {
                self.want(&attachment.subject, Wanted::Perhaps);
                self.aged.insert(attachment.subject);
            }
        }
        Ok(())
    }

    fn want(&mut self, digest: &Digest, wanted: Wanted) {
        if self.package.versions.contains_key(digest) {
            return;
        }
        if self.package.missing.contains(digest) {
            return;
        }
        let entry = self.open.entry(digest.clone()).or_insert(wanted);
        *entry = (*entry).max(wanted);
    }

    /// Reads what is open, and finds what that leads to.
    fn step(&mut self) -> Result<()> {
        let open: Vec<(Digest, Wanted)> = std::mem::take(&mut self.open).into_iter().collect();
        let digests: Vec<Digest> = open.iter().map(|(digest, _)| digest.clone()).collect();
        let outcomes = self.gatherer.manifests(&digests)?;
        let mut found = Vec::new();
        for ((digest, wanted), outcome) in open.into_iter().zip(outcomes) {
            match (outcome, wanted) {
                (Outcome::Read(read), _) => {
                    let version = Version {
                        id: None,
                        tags: self.tags.get(&digest).cloned().unwrap_or_default(),
                        created: read.manifest.created,
                        updated: None,
                        manifest: read.manifest,
                    };
                    self.package.versions.insert(digest.clone(), version);
                    found.push(digest);
                }
                (Outcome::Absent, Wanted::Perhaps) => {}
                (Outcome::Absent, Wanted::Listed) => {
                    self.package.missing.insert(digest);
                }
                (Outcome::Absent, Wanted::Tagged) => {
                    let why = "a tag means it, and the registry does not have it";
                    self.package
                        .unreadable
                        .insert(digest.to_string(), why.to_owned());
                }
                (Outcome::Unreadable(why), _) => {
                    self.package.unreadable.insert(digest.to_string(), why);
                }
            }
        }
        for digest in &found {
            let Some(version) = self.package.versions.get(digest) else {
                continue;
            };
            let children = version.manifest.children.iter();
            let children: Vec<Digest> = children
                .filter(|child| child.is_manifest)
                .map(|child| child.digest.clone())
                .collect();
            let subject = version.manifest.subject.clone();
            for child in children {
                self.want(&child, Wanted::Listed);
            }
            if let Some(subject) = subject {
                self.aged.insert(subject.clone());
                self.want(&subject, Wanted::Perhaps);
            }
        }
        self.ask_for_referrers(&found)
    }

    fn ask_for_referrers(&mut self, found: &[Digest]) -> Result<()> {
        if !self.asks_for_referrers || found.is_empty() {
            return Ok(());
        }
        let path = &self.gatherer.target.path;
        match self.gatherer.registry.referrers(path, found)? {
            None => self.asks_for_referrers = false,
            Some(all) => {
                for digest in all.into_iter().flatten() {
                    // The list may name what is gone.
                    self.want(&digest, Wanted::Perhaps);
                }
            }
        }
        Ok(())
    }

    /// When the images were made: a registry does not tell when they came to it.
    fn date(&mut self) -> Result<()> {
        let mut configurations: BTreeMap<Digest, Vec<Digest>> = BTreeMap::new();
        for digest in &self.aged {
            let Some(version) = self.package.versions.get(digest) else {
                continue;
            };
            if version.created.is_none()
                && let Some(configuration) = self.configuration(&version.manifest, 3)
            {
                configurations
                    .entry(configuration)
                    .or_default()
                    .push(digest.clone());
            }
        }
        let asked: Vec<Digest> = configurations.keys().cloned().collect();
        let path = &self.gatherer.target.path;
        let fetched = self.gatherer.registry.blobs(path, &asked)?;
        for (configuration, fetched) in asked.iter().zip(fetched) {
            // Without an age an image is kept.
            let created: Option<Timestamp> = match fetched {
                Fetched::Found(_, bytes) => Manifest::created_by_config(&bytes),
                Fetched::Absent | Fetched::Unreadable(_) => None,
            };
            for digest in configurations.get(configuration).into_iter().flatten() {
                if let Some(version) = self.package.versions.get_mut(digest) {
                    version.created = created;
                }
            }
        }
        Ok(())
    }

    /// The configuration of an image, or of the first one in an index.
    fn configuration(&self, manifest: &Manifest, depth: usize) -> Option<Digest> {
        if manifest.kind == Kind::Image {
            return manifest.config.clone();
        }
        let depth = depth.checked_sub(1)?;
        let mut children = manifest.children.iter();
        children.find_map(|child| {
            let version = self.package.versions.get(&child.digest)?;
            self.configuration(&version.manifest, depth)
        })
    }
}
