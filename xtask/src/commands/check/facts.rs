//! What the checks share: the repository is read, parsed, walked and judged once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use camino::{Utf8Path, Utf8PathBuf};

use super::Arguments;
use super::checks::{Check, found_manifest};
use crate::cli::Common;
use crate::commands::bake;
use crate::commands::ignore::Subjects;
use crate::commands::lint::{self, Judgment, Taken};
use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::finding::Finding;
use crate::lint::discovery::is_dockerfile;
use crate::lint::{Input, Outcome, Run, fingerprint, of_build_contexts};
use crate::parallel;
use crate::project::root::{Root, normal};
use crate::project::{Project, root};

/// What is known of the repository.
pub(super) struct Facts {
    /// Settings, Dockerfiles with their meaning, build contexts.
    pub(super) looked: Subjects,
    /// Where there is one.
    pub(super) manifest: Option<Root>,
    /// Why there is a manifest, and no project.
    broken: Option<Error>,
    environment: Environment,
    judged: OnceLock<Result<Judged>>,
}

/// What the rules found.
struct Judged {
    findings: Vec<Finding>,
    suppressed: usize,
    /// What the baseline took away.
    known: Taken,
}

/// Whose rules.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// Of the Dockerfiles and what builds them.
    Dockerfiles,
    /// Of what enters builds.
    BuildContexts,
}

impl Facts {
    /// Reads and walks.
    ///
    /// # Errors
    /// The configuration is wrong, or there is no Dockerfile.
    pub(super) fn gather(
        arguments: &Arguments,
        common: &Common,
        environment: &Environment,
    ) -> Result<Self> {
        let told = lint::Arguments {
            fail_on: arguments.fail_on,
            ..lint::Arguments::default()
        };
        let manifest = found_manifest(common, environment)?;
        let found = lint::dockerfiles(&told, common, environment, None)?;
        let broken = match &manifest {
            // The settings do without it; here it is what one wants to know.
            Some(root) if found.settings.project.is_none() => Project::load(root).err(),
            _ => None,
        };
        Ok(Self {
            looked: Subjects::of(found, &[], &BTreeMap::new())?,
            manifest,
            broken,
            environment: environment.clone(),
            judged: OnceLock::new(),
        })
    }

    /// The project; `None` without a manifest.
    pub(super) fn project(&self) -> Result<Option<&Project>> {
        match &self.broken {
            Some(error) => Err(error.clone()),
            None => Ok(self.looked.settings.project.as_ref()),
        }
    }

    /// Paths of the command line, from the root; a folder also stands for what is to be looked at in it.
    ///
    /// # Errors
    /// One lies outside of the repository.
    pub(super) fn inside(
        &self,
        paths: &[Utf8PathBuf],
        environment: &Environment,
    ) -> Result<Vec<Utf8PathBuf>> {
        let root = &self.looked.root;
        let mut inside = Vec::new();
        for path in paths {
            let full = normal(&environment.current_dir.join(path));
            match full.strip_prefix(root) {
                Ok(path) => {
                    inside.push(path.to_owned());
                    let known = self.known_files().filter(|file| file.starts_with(path));
                    inside.extend(known);
                }
                // A repository may hold more than what the manifest is about.
                Err(_) if repository_of(root) == repository_of(&full) => {}
                Err(_) => {
                    return Err(Error::usage(format!("{path} is not in the repository"))
                        .because(format!("the repository is {root}")));
                }
            }
        }
        Ok(inside)
    }

    /// The files that are looked at in any case.
    fn known_files(&self) -> impl Iterator<Item = Utf8PathBuf> {
        let manifest = self.manifest.iter();
        let own = manifest.flat_map(|root| {
            let generated = bake::generated_paths(root);
            generated.into_iter().chain([root.manifest.clone()])
        });
        let dockerfiles = &self.looked.surroundings.dockerfiles;
        dockerfiles.keys().cloned().chain(own)
    }

    /// Those of the checks that one of the paths matters to.
    pub(super) fn touched(
        &self,
        checks: &[&'static Check],
        paths: &[Utf8PathBuf],
    ) -> Vec<&'static Check> {
        let is_touched = |check: &&&Check| paths.iter().any(|path| (check.touched)(self, path));
        checks.iter().filter(is_touched).copied().collect()
    }

    /// What the rules found, without what a baseline knows.
    pub(super) fn judged(&self, part: Part) -> Result<Vec<Finding>> {
        let judged = self.judged.get_or_init(|| self.judge());
        let judged = judged.as_ref().map_err(Clone::clone)?;
        let of_contexts: BTreeSet<&str> =
            of_build_contexts().iter().map(|rule| rule.code).collect();
        let is_meant = |finding: &&Finding| {
            of_contexts.contains(finding.code.as_ref()) == (part == Part::BuildContexts)
        };
        Ok(judged.findings.iter().filter(is_meant).cloned().collect())
    }

    fn judge(&self) -> Result<Judged> {
        let surroundings = &self.looked.surroundings;
        let settings = &self.looked.settings;
        let models = surroundings.dockerfiles.values().cloned();
        let Outcome {
            mut findings,
            suppressed,
        } = Run {
            surroundings,
            inputs: models.map(Input::Model).collect(),
            configuration: &settings.configuration,
            repository: true,
            external: None,
            threads: parallel::threads(),
        }
        .carry_out();
        let told = lint::Arguments::default();
        if lint::has_baseline(&told, settings) {
            let is_ours = |path: &str| surroundings.dockerfiles.contains_key(Utf8Path::new(path));
            fingerprint::assign(&mut findings, &is_ours);
        }
        let mut judgment = Judgment {
            findings,
            files: surroundings
                .dockerfiles
                .keys()
                .map(ToString::to_string)
                .collect(),
            whole: true,
            ..Judgment::default()
        };
        let known = lint::compare(&told, settings, &mut judgment, &self.environment)?;
        Ok(Judged {
            findings: judgment.findings,
            suppressed,
            known,
        })
    }

    /// How many findings comments kept back, of the rules that were asked.
    pub(super) fn suppressed(&self) -> usize {
        self.outcome().map_or(0, |judged| judged.suppressed)
    }

    /// How many findings the baseline knows.
    pub(super) fn known(&self) -> usize {
        self.outcome().map_or(0, |judged| judged.known.count)
    }

    /// What is to be said about entries of the baseline that are of no use any more.
    pub(super) fn stale(&self) -> Vec<String> {
        let known = self.outcome().map(|judged| judged.known.stale.clone());
        known.unwrap_or_default()
    }

    fn outcome(&self) -> Option<&Judged> {
        self.judged.get()?.as_ref().ok()
    }

    /// The manifest, or a Dockerfile: what the plan of the build is made from.
    pub(super) fn is_plan_input(&self, path: &Utf8Path) -> bool {
        self.is_manifest(path) || self.is_dockerfile(path)
    }

    fn is_manifest(&self, path: &Utf8Path) -> bool {
        let manifest = self.manifest.as_ref();
        manifest.is_some_and(|root| root.manifest == path) || path == root::DEFAULT_MANIFEST
    }

    fn is_dockerfile(&self, path: &Utf8Path) -> bool {
        let dockerfiles = &self.looked.surroundings.dockerfiles;
        dockerfiles.contains_key(path) || path.file_name().is_some_and(is_dockerfile)
    }

    /// A file that is written by `docker-bake --write`.
    pub(super) fn is_generated(&self, path: &Utf8Path) -> bool {
        self.manifest
            .as_ref()
            .is_some_and(|root| bake::generated_paths(root).iter().any(|own| own == path))
    }

    /// A file of a kustomization that is judged, or that is written for one.
    pub(super) fn is_deployed(&self, path: &Utf8Path) -> bool {
        let project = self.looked.settings.project.as_ref();
        project.is_some_and(|project| {
            let deploy = &project.manifest.deploy;
            let folders = deploy.environments.iter().map(|one| &one.path);
            let mut places = folders.chain(&deploy.base).chain(&deploy.falco);
            places.any(|place| path.starts_with(place)) || deploy.compose.as_deref() == Some(path)
        })
    }

    /// A file that says how something is built, or how that is judged. One that is gone is recognized by its name.
    pub(super) fn is_build_file(&self, path: &Utf8Path) -> bool {
        let name = path.file_name().unwrap_or_default();
        let is_yaml = matches!(path.extension(), Some("yml" | "yaml"));
        let baseline = &self.looked.settings.configuration.baseline;
        self.is_plan_input(path)
            || self.is_generated(path)
            || name.ends_with(".dockerignore")
            || name == ".gitignore"
            || (is_yaml && path.starts_with(".github/workflows"))
            || (is_yaml && name.contains("compose"))
            || name.starts_with("docker-bake")
            || name.starts_with(".hadolint.")
            || baseline.as_deref() == Some(path)
    }

    /// What an ignore file lets through, or would if it was still there.
    pub(super) fn enters_a_build(&self, path: &Utf8Path) -> bool {
        let contexts = &self.looked.contexts;
        contexts.views.iter().any(|view| {
            let Ok(inside) = path.strip_prefix(&view.root) else {
                return false;
            };
            match (contexts.tree.find(path), &view.ignore) {
                (Some(node), _) => view.admitted.contains(node),
                (None, Some(ignore)) => !ignore.patterns.decide(inside).ignored,
                (None, None) => true,
            }
        })
    }
}

fn repository_of(path: &Utf8Path) -> Option<&Utf8Path> {
    path.ancestors().find(|folder| folder.join(".git").exists())
}
