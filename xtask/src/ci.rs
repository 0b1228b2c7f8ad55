//! The workflow that builds, judges and publishes the images, made from the manifest and the Dockerfiles.
//!
//! It is plain data first ([`Pipeline`]), then text: [`Pipeline::workflow`] and [`Pipeline::action`] are all of their
//! files, so that nothing in them can drift. Every step that does anything is a command that runs on a laptop, too.

mod action;
mod paths;
mod pins;
mod workflow;
mod yaml_text;

#[cfg(test)]
mod tests;

use camino::{Utf8Path, Utf8PathBuf};

pub use paths::{Known, paths};

use crate::error::{Error, Result};
use crate::project::Project;
use crate::project::manifest::CacheBackend;

/// What the workflow says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pipeline {
    /// The manifest, from the root.
    pub manifest: String,
    /// The folder of the action that builds the tool, from the root.
    pub action: String,
    /// What the tool is built from, as patterns.
    pub tool: Vec<String>,
    /// Branches whose pushes are published.
    pub branches: Vec<String>,
    /// Branches whose pull requests are judged.
    pub pull_requests: Vec<String>,
    /// What makes a push start it when it changes, as GitHub's path filters have it; empty for anything.
    pub paths: Vec<String>,
    /// The platforms, each with its runner.
    pub legs: Vec<Leg>,
    /// The name of the builder.
    pub builder: String,
    /// The registry's host.
    pub registry: String,
    /// Variables whose secrets a build cannot do without.
    pub secrets: Vec<String>,
    /// Whether a cache is shared between runs.
    pub has_cache: bool,
    /// Whether what is published is signed without a key.
    pub signs: bool,
    /// How long the build for one platform may take, in minutes.
    pub timeout: u64,
}

/// A platform, and where it is built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leg {
    /// `linux/amd64`.
    pub platform: String,
    /// The runner's label.
    pub runner: String,
}

/// GitHub's own runners.
const RUNNERS: [(&str, &str); 2] = [
    ("linux/amd64", "ubuntu-24.04"),
    ("linux/arm64", "ubuntu-24.04-arm"),
];

impl Pipeline {
    /// What the workflow of a project says. `paths` are those that start it: see [`paths()`].
    ///
    /// # Errors
    /// The manifest lacks what a published image needs: a registry, a builder that can push by digest, a runner for a
    /// platform; or has a cache that commands of a workflow cannot reach. All at once.
    pub fn new(project: &Project, paths: Vec<String>) -> Result<Self> {
        let manifest = &project.manifest;
        let ci = &manifest.ci;
        let mut errors = Vec::new();
        if manifest.registry.host.is_empty() {
            errors.push(
                Error::usage("a workflow that publishes needs a registry")
                    .help("name it as `registry.host`")
                    .at(manifest.key_location(&["ci"])),
            );
        }
        if !manifest.builders.contains_key(&ci.builder) {
            errors.push(
                Error::usage(format!("there is no builder `{}`", ci.builder))
                    .because("the engine's own builder cannot push by digest")
                    .help(format!(
                        "declare it: `[builders.{}]` with `driver = \"docker-container\"`",
                        ci.builder
                    ))
                    .at(manifest.value_location(&["ci", "builder"])),
            );
        }
        if manifest.cache.backend == CacheBackend::Gha {
            errors.push(
                Error::usage(
                    "the cache of GitHub Actions cannot be used by a command of a workflow",
                )
                .because("GitHub gives its address and token to actions alone")
                .help("take `backend = \"registry\"`: it has no limit of 10 GB, either")
                .at(manifest.value_location(&["cache", "backend"])),
            );
        }
        let release = &manifest.platforms.release;
        let default = [RUNNERS[0].0.to_owned()];
        let platforms = if release.is_empty() {
            &default[..]
        } else {
            release
        };
        let mut legs = Vec::new();
        for platform in platforms {
            let own = ci.runners.get(platform).map(String::as_str);
            let hosted = || RUNNERS.iter().find(|(known, _)| known == platform);
            match own.or_else(|| hosted().map(|(_, runner)| *runner)) {
                Some(runner) => legs.push(Leg {
                    platform: platform.clone(),
                    runner: runner.to_owned(),
                }),
                None => errors.push(
                    Error::usage(format!("no runner is known for {platform}"))
                        .help(format!(
                            "name one: `\"{platform}\" = \"<label>\"` in `[ci.runners]`"
                        ))
                        .at(manifest.key_location(&["ci", "runners"])),
                ),
            }
        }
        for platform in ci.runners.keys().filter(|it| !platforms.contains(it)) {
            errors.push(
                Error::usage(format!("{platform} has a runner and is not built"))
                    .help("add it to `platforms.release`, or take the runner away")
                    .at(manifest.key_location(&["ci", "runners", platform])),
            );
        }
        if ci.branches.is_empty() && ci.pull_requests.is_empty() {
            errors.push(
                Error::usage("the workflow would never run")
                    .help("name a branch in `branches` or in `pull_requests`")
                    .at(manifest.key_location(&["ci"])),
            );
        }
        Error::all(errors)?;
        let trust = &manifest.trust;
        Ok(Self {
            manifest: manifest.path().to_string(),
            action: ci.action.to_string(),
            tool: ci.tool.clone(),
            branches: ci.branches.clone(),
            pull_requests: ci.pull_requests.clone(),
            paths,
            legs,
            builder: ci.builder.clone(),
            registry: manifest.registry.host.clone(),
            secrets: manifest
                .secrets
                .values()
                .filter(|secret| !secret.optional)
                .filter_map(|secret| secret.env.clone())
                .collect(),
            has_cache: manifest.cache.backend == CacheBackend::Registry,
            signs: !trust.identities.is_empty() && trust.signing_key.is_none(),
            timeout: ci.timeout.seconds().div_ceil(60).max(1),
        })
    }

    /// The files, from the root, with what is to be in them.
    #[must_use]
    pub fn files(&self, workflow: &Utf8Path) -> Vec<(Utf8PathBuf, String)> {
        vec![
            (workflow.to_owned(), self.workflow()),
            (
                Utf8Path::new(&self.action).join("action.yml"),
                self.action(),
            ),
        ]
    }
}
