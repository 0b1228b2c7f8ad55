//! `docker/docker.toml`: what cannot be read from the Dockerfiles themselves.
//!
//! The text is checked against one table of keys ([`keys`]) that also makes the JSON schema and the reference page.
//! A manifest with a mistake is never used in part: every mistake is reported with its place.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::source::{Location, Source, Span};

mod affected;
mod budget;
mod ceiling;
mod check;
mod ci;
mod deploy;
mod fleet;
mod keys;
mod kind;
mod lint;
mod read;
pub mod reference;
mod report;
mod retention;
mod rollback;
mod scan;
pub mod schema;
mod sections;
mod structure;
mod tags;
mod test;
#[cfg(test)]
mod tests;
mod trust;
mod value;

pub use affected::{Affected, LockfileChange};
pub use budget::{Budget, Exception, ImageLimits, Limits, Measure};
pub use ceiling::{Ceiling, Share};
pub(crate) use check::{Places, read as read_checked};
pub use ci::Ci;
pub use deploy::{Deploy, DeployDefaults, DeployEdge, DeployEnd, DeployEnvironment, DeployService};
pub use fleet::{
    Burst, Fleet, FleetBudgets, Load, Outage, PackageStandIn, Receiver, Scenario, Step,
};
pub(crate) use kind::{Key, Kind, Presence, key};
pub use lint::{Lint, LintOverride};
pub use report::Report;
pub use retention::{Retention, RetentionApi, RetentionRule, TagPattern};
pub use rollback::{Requirement, Rollback, Target as RollbackTarget};
pub use scan::{AdvisoryFiles, Ignore, Remediation, Scan, Trivy, TrivyUse};
pub use sections::{
    Attestations, Base, Build, Builder, Cache, CacheBackend, CacheMode, Driver, Node, Override,
    Overrides, Platforms, ProjectName, Provenance, Registry, Secret, Services, Stages, StandIn,
};
pub use structure::StructureFiles;
pub use tags::Tags;
pub use test::{ConfigurationCase, ImageTest, Test, TestException, TestLimits};
pub(crate) use trust::annotation as check_annotation;
pub use trust::{
    AttestationKind, Audit, BaseImages, Identity, Occasion, RequiredAttestation, Transparency,
    Trust,
};
pub(crate) use value::is_name;

/// The whole manifest, checked.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// 1.
    pub schema_version: u32,
    /// The project.
    pub project: ProjectName,
    /// Where images are pushed to.
    #[serde(default)]
    pub registry: Registry,
    /// The shared images, in the order written.
    #[serde(rename = "base", default, deserialize_with = "read::one_or_more")]
    pub bases: Vec<Base>,
    /// How services are found.
    #[serde(default)]
    pub services: Services,
    /// What stages are called.
    #[serde(default)]
    pub stages: Stages,
    /// For which platforms images are built.
    #[serde(default)]
    pub platforms: Platforms,
    /// How large images may be.
    #[serde(default = "Budget::left_out")]
    pub budget: Budget,
    /// What every build gets.
    #[serde(default)]
    pub build: Build,
    /// Where secrets come from, by id.
    #[serde(default)]
    pub secrets: BTreeMap<String, Secret>,
    /// Where build caches are kept.
    #[serde(default)]
    pub cache: Cache,
    /// What a release build records about itself.
    #[serde(default)]
    pub attestations: Attestations,
    /// Builders beyond this machine, by name.
    #[serde(default)]
    pub builders: BTreeMap<String, Builder>,
    /// Labels of every image, in full or by their short OCI name; `{name}` stands for the image's name.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    /// What cannot be read from a Dockerfile.
    #[serde(default)]
    pub overrides: Overrides,
    /// How Dockerfiles are judged.
    #[serde(default)]
    pub lint: Lint,
    /// Which images are trusted.
    #[serde(default)]
    pub trust: Trust,
    /// The record of what was done.
    #[serde(default)]
    pub audit: Audit,
    /// What images may have wrong with them, and for how long.
    #[serde(default)]
    pub scan: Scan,
    /// What of the images in the registry is kept.
    #[serde(default)]
    pub retention: Retention,
    /// What started images must show.
    #[serde(default)]
    pub test: Test,
    /// How an earlier image is put to work again.
    #[serde(default)]
    pub rollback: Rollback,
    /// What the project set out to reach.
    #[serde(default)]
    pub report: Report,
    /// The workflow that is written.
    #[serde(default)]
    pub ci: Ci,
    /// What images are called.
    #[serde(default)]
    pub tags: Tags,
    /// What may be taken for granted about changes.
    #[serde(default)]
    pub affected: Affected,
    /// How the images are put to work.
    #[serde(default)]
    pub deploy: Deploy,
    /// What stands in for packages of the real base.
    #[serde(default)]
    pub stand_in: StandIn,
    #[serde(skip)]
    file: File,
}

/// The text a manifest was read from, for messages that point into it.
#[derive(Clone, Debug)]
struct File {
    source: Source,
    places: check::Places,
}

impl Default for File {
    fn default() -> Self {
        Self {
            source: Source::new("docker.toml", ""),
            places: check::Places::default(),
        }
    }
}

impl Manifest {
    /// Reads `root/path`.
    ///
    /// # Errors
    /// The file cannot be read, is not TOML, or has keys or values that mean nothing; all mistakes at once.
    pub fn read(root: &Utf8Path, path: &Utf8Path) -> Result<Self> {
        Self::parse(&Source::read(root, path)?)
    }

    /// Reads the text.
    ///
    /// # Errors
    /// As [`Manifest::read`].
    pub fn parse(source: &Source) -> Result<Self> {
        let (places, mut manifest): (_, Self) =
            check::read(source, keys::MANIFEST, "the manifest")?;
        manifest.file = File {
            source: source.clone(),
            places,
        };
        Error::all(manifest.contradictions())?;
        Ok(manifest)
    }

    /// Where a key stands, such as `["build", "args", "NODE_VERSION"]`; the nearest table that holds it if it is not
    /// written.
    #[must_use]
    pub fn key_location(&self, path: &[&str]) -> Location {
        self.nearest(path, |path| self.file.places.key(path))
    }

    /// Where the value of a key stands; see [`Manifest::key_location`].
    #[must_use]
    pub fn value_location(&self, path: &[&str]) -> Location {
        self.nearest(path, |path| self.file.places.value(path))
    }

    /// Whether a key is written, rather than left to its default.
    #[must_use]
    pub fn is_written(&self, path: &[&str]) -> bool {
        self.file.places.key(path).is_some()
    }

    /// The file it was read from.
    #[must_use]
    pub fn path(&self) -> &Utf8Path {
        self.file.source.path()
    }

    fn nearest(&self, path: &[&str], find: impl Fn(&[&str]) -> Option<Span>) -> Location {
        self.file
            .source
            .location(check::Places::nearest(path, find))
    }

    /// Mistakes that only several keys together make.
    fn contradictions(&self) -> Vec<Error> {
        let mut errors = Vec::new();
        for (id, secret) in &self.secrets {
            if secret.file_env.is_empty() == secret.env.is_none() {
                errors.push(
                    Error::usage(format!("the secret `{id}` must come from one place"))
                        .help("give either `file_env` (variables that hold the path of a file) or `env` (a variable that holds the secret)")
                        .at(self.key_location(&["secrets", id])),
                );
            }
        }
        for (name, builder) in &self.builders {
            if builder.driver == Driver::Remote
                && (builder.nodes.is_empty() || builder.nodes.iter().any(|n| n.endpoint.is_none()))
            {
                errors.push(
                    Error::usage(format!(
                        "the builder `{name}` is remote and must say where its nodes are"
                    ))
                    .help("add `[[builders.…nodes]]` with `platforms` and `endpoint`")
                    .at(self.key_location(&["builders", name])),
                );
            }
        }
        if !self.registry.host.is_empty() && self.registry.namespace.is_empty() {
            // `ghcr.io/jts-api` belongs to nobody; a bare host is right for a registry of one's own.
            let host = &self.registry.host;
            if host == "ghcr.io" || host == "docker.io" {
                errors.push(
                    Error::usage(format!(
                        "`registry.namespace` is missing: {host} has no images without one"
                    ))
                    .at(self.key_location(&["registry", "host"])),
                );
            }
        }
        if self.cache.backend == CacheBackend::Registry && self.registry.host.is_empty() {
            errors.push(
                Error::usage(
                    "the cache is to be kept in the registry, and `registry.host` names none",
                )
                .at(self.value_location(&["cache", "backend"])),
            );
        }
        errors.extend(self.trust.contradictions(|path| self.value_location(path)));
        errors.extend(self.budget.contradictions(|path| self.value_location(path)));
        errors.extend(self.scan.contradictions(|path| self.value_location(path)));
        errors.extend(
            self.retention
                .contradictions(|path| self.value_location(path)),
        );
        errors.extend(
            self.rollback
                .contradictions(|path| self.value_location(path)),
        );
        errors.extend(self.report.contradictions(|path| self.value_location(path)));
        errors.extend(self.test.contradictions(|path| self.value_location(path)));
        errors.extend(self.deploy.contradictions(|path| self.value_location(path)));
        let mut names: Vec<&Utf8PathBuf> = Vec::new();
        for (index, base) in self.bases.iter().enumerate() {
            let position = index.to_string();
            if names.contains(&&base.dockerfile) {
                errors.push(
                    Error::usage(format!("{} is a base twice", base.dockerfile))
                        .at(self.value_location(&["base", &position, "dockerfile"])),
                );
            }
            names.push(&base.dockerfile);
        }
        errors
    }
}
