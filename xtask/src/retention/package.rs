//! What a registry has under one name.

use std::collections::{BTreeMap, BTreeSet};

use super::attachment::Attachment;
use super::digest::Digest;
use super::manifest::Manifest;
use crate::timestamp::Timestamp;

/// All that is known of what a registry has under one name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Package {
    /// With the registry: `ghcr.io/acme/shop-api`.
    pub name: String,
    /// Manifests that are there.
    pub versions: BTreeMap<Digest, Version>,
    /// Manifests that something refers to, and that the registry says it does not have.
    pub missing: BTreeSet<Digest>,
    /// What could not be read, by tag or digest, and why. Of such a package nothing is removed.
    pub unreadable: BTreeMap<String, String>,
}

/// A manifest that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// What the packages API calls it.
    pub id: Option<u64>,
    /// The tags that mean it.
    pub tags: BTreeSet<String>,
    /// When it came to the registry, or was built if the registry does not tell.
    pub created: Option<Timestamp>,
    /// When its tags changed the last time, where the registry tells.
    pub updated: Option<Timestamp>,
    /// What it says.
    pub manifest: Manifest,
}

impl Version {
    /// What its age is counted from: the later of the two moments, so that an image that was given a new tag is young.
    #[must_use]
    pub fn moment(&self) -> Option<Timestamp> {
        self.created.max(self.updated)
    }

    /// Tags that are names of images.
    pub fn names(&self) -> impl Iterator<Item = &String> {
        self.tags.iter().filter(|tag| Attachment::of(tag).is_none())
    }

    /// What its tags and its `subject` say it is about.
    pub fn subjects(&self) -> impl Iterator<Item = Digest> {
        let by_tag = self.tags.iter().filter_map(|tag| Attachment::of(tag));
        let by_tag = by_tag.map(|attachment| attachment.subject);
        by_tag.chain(self.manifest.subject.clone())
    }
}

impl Package {
    /// For people: a tag of a digest, or the first digits of it.
    #[must_use]
    pub fn called(&self, digest: &Digest) -> String {
        let version = self.versions.get(digest);
        let tag = version.and_then(|version| {
            let mut names = version.names();
            names.next().or_else(|| version.tags.first())
        });
        tag.cloned().unwrap_or_else(|| digest.short().to_owned())
    }
}
