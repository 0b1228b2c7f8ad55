//! Vulnerabilities that do not count, and who says so: `[[scan.ignores]]`, files of Trivy, and VEX.

use camino::Utf8Path;

use super::purl::PackageUrl;
use super::vulnerability::Vulnerability;
use crate::date::Date;
use crate::project::manifest::Manifest;
use crate::source::Location;

mod judgment;
#[cfg(test)]
mod tests;

pub use judgment::{Use, findings};

/// What is said about a vulnerability.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Statement {
    /// It is there, and accepted for a time.
    Accepted,
    /// The image is not affected.
    NotAffected,
    /// It is mended in the image, whatever the version says.
    Fixed,
    /// Nobody knows yet. It counts.
    UnderInvestigation,
    /// It is there. It counts.
    Affected,
}

impl Statement {
    /// Whether the vulnerability does not count then.
    #[must_use]
    pub const fn exempts(self) -> bool {
        matches!(self, Self::Accepted | Self::NotAffected | Self::Fixed)
    }

    /// As a sentence has it: "the vulnerability is …".
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::NotAffected => "not affecting the image",
            Self::Fixed => "mended in the image",
            Self::UnderInvestigation => "being looked at",
            Self::Affected => "affecting the image",
        }
    }
}

/// Where it is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Voice {
    /// In `[[scan.ignores]]`.
    Manifest,
    /// In a `.trivyignore`.
    Trivy,
    /// In a VEX document.
    Vex,
}

/// Something that is said about a vulnerability.
#[derive(Clone, Debug)]
pub struct Exemption {
    /// The names of the vulnerability.
    pub ids: Vec<String>,
    /// What.
    pub statement: Statement,
    /// Where.
    pub voice: Voice,
    /// The place, as exact as the file allows.
    pub location: Location,
    /// The package, or what it was built from; any if it is not said.
    pub package: Option<String>,
    /// The packages by URL; any if there are none.
    pub purls: Vec<PackageUrl>,
    /// Where the package lies, as patterns; anywhere if there are none.
    pub paths: Vec<String>,
    /// The images of the manifest by name; all if there are none.
    pub images: Vec<String>,
    /// The images by URL; all if there are none.
    pub image_purls: Vec<PackageUrl>,
    /// Why.
    pub reason: Option<String>,
    /// Who answers for it.
    pub owner: Option<String>,
    /// The last day it holds.
    pub expires: Option<Date>,
}

/// The image that a vulnerability is in.
#[derive(Clone, Debug, Default)]
pub struct Subject {
    /// What it is called: by the manifest, and in registries.
    pub names: Vec<String>,
    /// Its digests.
    pub digests: Vec<String>,
}

impl Exemption {
    /// Everything that a manifest says.
    #[must_use]
    pub fn of_manifest(manifest: &Manifest) -> Vec<Self> {
        let ignores = manifest.scan.ignores.iter().enumerate();
        ignores
            .map(|(index, ignore)| Self {
                ids: vec![ignore.id.clone()],
                statement: Statement::Accepted,
                voice: Voice::Manifest,
                location: manifest.value_location(&["scan", "ignores", &index.to_string(), "id"]),
                package: ignore.package.clone(),
                purls: ignore
                    .purls
                    .iter()
                    .filter_map(|purl| PackageUrl::parse(purl))
                    .collect(),
                paths: ignore.paths.clone(),
                images: ignore.images.clone(),
                image_purls: Vec::new(),
                reason: Some(ignore.reason.clone()),
                owner: Some(ignore.owner.clone()),
                expires: Some(ignore.expires),
            })
            .collect()
    }

    /// Whether its last day has passed.
    #[must_use]
    pub fn is_expired(&self, today: Date) -> bool {
        self.expires.is_some_and(|last| last < today)
    }

    /// Whether it is about this vulnerability of a package of an image, expired or not.
    #[must_use]
    pub fn is_about(&self, vulnerability: &Vulnerability, subject: &Subject) -> bool {
        self.is_about_image(subject)
            && self.ids.iter().any(|id| vulnerability.is_called(id))
            && self.is_about_package(vulnerability)
    }

    fn is_about_image(&self, subject: &Subject) -> bool {
        let named = self.images.iter().any(|name| subject.names.contains(name));
        let linked = self
            .image_purls
            .iter()
            .any(|purl| purl.means_image(&subject.names, &subject.digests));
        (self.images.is_empty() && self.image_purls.is_empty()) || named || linked
    }

    fn is_about_package(&self, vulnerability: &Vulnerability) -> bool {
        let package = &vulnerability.package;
        let is_named = self.package.as_ref().is_none_or(|name| {
            let source = package.source.as_ref();
            *name == package.name || source.is_some_and(|source| source.name == *name)
        });
        let is_linked = self.purls.is_empty() || self.purls.iter().any(|purl| purl.means(package));
        let record = Utf8Path::new(package.record.trim_start_matches('/'));
        let lies_there = |pattern: &String| {
            crate::project::glob::matches(pattern.trim_start_matches('/'), record)
        };
        let is_there = self.paths.is_empty() || self.paths.iter().any(lies_there);
        is_named && is_linked && is_there
    }

    /// Whether it says which package it is about.
    #[must_use]
    pub fn names_package(&self) -> bool {
        self.package.is_some() || !self.purls.is_empty() || !self.paths.is_empty()
    }
}

/// The one that decides about a vulnerability, of those that hold today: what is said last in VEX, else the first.
#[must_use]
pub fn deciding(
    exemptions: &[Exemption],
    vulnerability: &Vulnerability,
    subject: &Subject,
    today: Date,
) -> Option<usize> {
    let about: Vec<usize> = exemptions
        .iter()
        .enumerate()
        .filter(|(_, one)| !one.is_expired(today) && one.is_about(vulnerability, subject))
        .map(|(index, _)| index)
        .collect();
    let own = about
        .iter()
        .find(|index| exemptions[**index].voice != Voice::Vex);
    // A later statement replaces earlier ones of the same document.
    own.or_else(|| about.last()).copied()
}
