//! Which tags are kept: the manifest's rules, made ready for one package.

use std::collections::BTreeSet;

use super::digest::Digest;
use crate::project::manifest::{Retention, TagPattern};
use crate::timestamp::Period;

/// What holds for one package.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    /// Tags that are never removed.
    pub protected: Vec<TagPattern>,
    /// Manifests that are never removed.
    pub digests: BTreeSet<Digest>,
    /// How tags of build caches begin that builds still use: they are never removed.
    pub caches: Vec<String>,
    /// When what no tag leads to is removed; `None` is never.
    pub untagged: Option<Period>,
    /// Nothing younger is removed.
    pub grace: Period,
    /// The first that names a tag decides.
    pub rules: Vec<Rule>,
}

/// One rule.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Its place in the manifest, from 1.
    pub number: usize,
    /// The tags it is about.
    pub tags: Vec<TagPattern>,
    /// Of those, the ones it is not about.
    pub exclude: Vec<TagPattern>,
    /// How many of the newest images are kept.
    pub keep: Option<u32>,
    /// For how long an image is kept.
    pub keep_for: Option<Period>,
}

impl Policy {
    /// The manifest's, for a package. `image` is the service or base whose package it is, `None` one of none.
    #[must_use]
    pub fn of(retention: &Retention, image: Option<&str>, caches: Vec<String>) -> Self {
        let is_about = |images: &[String]| {
            images.is_empty() || image.is_some_and(|image| images.iter().any(|it| it == image))
        };
        let rules = retention.rules.iter().enumerate();
        let rules = rules.filter(|(_, rule)| is_about(&rule.images));
        Self {
            protected: retention.protected.clone(),
            digests: retention
                .digests
                .iter()
                .filter_map(|digest| digest.parse().ok())
                .collect(),
            caches,
            untagged: retention.untagged,
            grace: retention.grace,
            rules: rules
                .map(|(index, rule)| Rule {
                    number: index + 1,
                    tags: rule.tags.clone(),
                    exclude: rule.exclude.clone(),
                    keep: rule.keep,
                    keep_for: rule.keep_for,
                })
                .collect(),
        }
    }

    /// The pattern that protects a tag.
    pub(super) fn protects(&self, tag: &str) -> Option<&TagPattern> {
        self.protected.iter().find(|pattern| pattern.matches(tag))
    }

    /// Whether builds use a cache of that tag.
    pub(super) fn is_cache(&self, tag: &str) -> bool {
        self.caches.iter().any(|start| tag.starts_with(start))
    }

    /// The rule that decides about a tag.
    pub(super) fn rule(&self, tag: &str) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.names(tag))
    }
}

impl Rule {
    fn names(&self, tag: &str) -> bool {
        let any = |patterns: &[TagPattern]| patterns.iter().any(|it| it.matches(tag));
        any(&self.tags) && !any(&self.exclude)
    }
}
