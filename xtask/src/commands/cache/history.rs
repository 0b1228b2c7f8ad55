//! What the last commits cost.
//!
//! Each commit is foretold as a change of its own: the files that it changed, in the builds of today. So the numbers tell
//! how today's Dockerfiles stand up to the changes that people make. Where a commit changed a Dockerfile, an ignore file or
//! the manifest, these are as they were before and after it, and all else is as it is today.

use std::collections::{BTreeMap, BTreeSet};

use camino::{Utf8Path, Utf8PathBuf};

use super::gathered::{Gathered, Recipes, commit_arguments};
use crate::caching::{Distribution, FileKind, Forecast, World, file_kind, forecast};
use crate::context::{
    Builds, Certainty, Change, DiskFolders, IgnoreFile, StepReference, View, Walk,
    admission_changes,
};
use crate::environment::Environment;
use crate::error::Result;
use crate::git::{self, Commit};
use crate::parallel;
use crate::process::Runner;
use crate::project::Manifest;
use crate::source::Source;

/// What the last commits cost.
pub(super) struct History {
    /// The latest first.
    pub(super) commits: Vec<CommitCost>,
    /// The clone lacks a part of its history.
    pub(super) is_shallow: bool,
}

/// What a commit costs.
pub(super) struct CommitCost {
    pub(super) commit: Commit,
    /// The share of the build that stays cached at least, in percent.
    pub(super) percent: f64,
    /// The steps that run again.
    pub(super) reruns: BTreeMap<StepReference, Certainty>,
    /// The files among its changes that a step takes, or that decide on the builds.
    pub(super) first_cause: Option<String>,
    /// What kinds of effects its files have; see [`Effects`].
    pub(super) effects: BTreeSet<Effect>,
    /// The manifest changed so that nobody can tell what it means for the builds.
    pub(super) is_unknown: bool,
}

/// What a file can do to a build: the same effect means the same cost.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Effect {
    /// These steps take it.
    Taken(BTreeSet<StepReference>, FileKind),
    /// It decides on builds.
    Decides(Utf8PathBuf),
    /// No build takes it.
    Nothing(FileKind),
}

/// Which effect each file has.
pub(super) struct Effects {
    takers: BTreeMap<Utf8PathBuf, BTreeSet<StepReference>>,
    deciding: BTreeSet<Utf8PathBuf>,
}

impl Effects {
    pub(super) fn of(gathered: &Gathered) -> Self {
        let contexts = &gathered.looked.contexts;
        let ignores = contexts
            .views
            .iter()
            .filter_map(|view| view.ignore.as_ref());
        let deciding = ignores
            .map(IgnoreFile::path)
            .chain(contexts.recipes.keys().cloned())
            .chain([gathered.project.manifest.path().to_owned()]);
        Self {
            takers: gathered.inventory(&[]).takers(),
            deciding: deciding.collect(),
        }
    }

    pub(super) fn effect(&self, path: &Utf8Path) -> Effect {
        if self.deciding.contains(path) {
            return Effect::Decides(path.to_owned());
        }
        match self.takers.get(path) {
            Some(takers) => Effect::Taken(takers.clone(), file_kind(path)),
            None => Effect::Nothing(file_kind(path)),
        }
    }
}

impl History {
    /// Looks at the last commits; `None` without git.
    ///
    /// # Errors
    /// Git fails.
    pub(super) fn read(
        gathered: &Gathered,
        most: usize,
        since: Option<&str>,
        effects: &Effects,
        environment: &Environment,
    ) -> Result<Option<Self>> {
        if most == 0 || gathered.without_git.is_some() {
            return Ok(None);
        }
        let runner = environment.runner.as_ref();
        let root = &gathered.project.root;
        let commits = git::commits(runner, root, most, since)?;
        let reader = Reader::new(gathered, runner);
        let mut costs = Vec::with_capacity(commits.len());
        for commit in commits {
            // Of the first one nobody knows what was before.
            let Some(parent) = commit.parent.clone() else {
                continue;
            };
            let (found, is_unknown) = reader.foretold(&commit, &parent)?;
            let changed = commit.changes.iter();
            let first_cause = found
                .reruns
                .iter()
                .find(|rerun| rerun.is_cause())
                .map(|rerun| format!("{}:{} {}", rerun.file, rerun.line, rerun.reason));
            costs.push(CommitCost {
                percent: found.rate.percent(),
                reruns: found
                    .certainties()
                    .into_iter()
                    .map(|(step, certainty)| (step.clone(), certainty))
                    .collect(),
                first_cause,
                effects: changed.map(|change| effects.effect(&change.path)).collect(),
                is_unknown,
                commit,
            });
        }
        Ok(Some(Self {
            commits: costs,
            is_shallow: git::is_shallow(runner, root),
        }))
    }

    /// The shares of all commits.
    pub(super) fn all(&self) -> Distribution {
        Distribution::of(self.commits.iter().map(|cost| cost.percent))
    }

    /// The shares of those that run any step again.
    pub(super) fn building(&self) -> Distribution {
        let building = self.commits.iter().filter(|cost| !cost.reruns.is_empty());
        Distribution::of(building.map(|cost| cost.percent))
    }

    /// The commits that keep least, those first; of equals the latest first.
    pub(super) fn worst(&self, count: usize) -> Vec<&CommitCost> {
        let mut costs: Vec<&CommitCost> = self
            .commits
            .iter()
            .filter(|cost| !cost.reruns.is_empty())
            .collect();
        costs.sort_by(|a, b| a.percent.total_cmp(&b.percent));
        costs.truncate(count);
        costs
    }
}

/// Foretells commit after commit.
struct Reader<'a> {
    gathered: &'a Gathered,
    runner: &'a dyn Runner,
    views: BTreeMap<Utf8PathBuf, View<'a>>,
    named: BTreeMap<Utf8PathBuf, View<'a>>,
    /// For commits that change no Dockerfile.
    before: Recipes,
    after: Recipes,
}

impl<'a> Reader<'a> {
    fn new(gathered: &'a Gathered, runner: &'a dyn Runner) -> Self {
        let none = BTreeMap::new();
        Self {
            gathered,
            runner,
            views: gathered.views(),
            named: gathered.named_views(),
            before: gathered.recipes(&none, &commit_arguments("before")),
            after: gathered.recipes(&none, &commit_arguments("after")),
        }
    }

    /// What a commit costs, and whether a part of that is not known.
    fn foretold(&self, commit: &Commit, parent: &str) -> Result<(Forecast, bool)> {
        let gathered = self.gathered;
        let changed: BTreeSet<&Utf8Path> = commit
            .changes
            .iter()
            .map(|change| change.path.as_path())
            .collect();
        let (mut texts_before, mut texts_after) = (BTreeMap::new(), BTreeMap::new());
        for path in gathered.looked.contexts.recipes.keys() {
            if changed.contains(path.as_path()) {
                texts_before.insert(path.clone(), self.text(parent, path)?);
                texts_after.insert(path.clone(), self.text(&commit.hash, path)?);
            }
        }
        let manifest = self.manifest(commit, parent, &changed)?;
        let ignores = self.ignores(commit, parent, &changed)?;
        let is_same = texts_before.is_empty() && manifest.arguments.is_none();
        let (before, after);
        let (before, after) = if is_same {
            (&self.before, &self.after)
        } else {
            let (arguments_before, arguments_after) = manifest.arguments.unwrap_or_default();
            let recipes = |texts, mut arguments: BTreeMap<String, String>, value: &str| {
                arguments.extend(commit_arguments(value));
                gathered.recipes(texts, &arguments)
            };
            before = recipes(&texts_before, arguments_before, "before");
            after = recipes(&texts_after, arguments_after, "after");
            (&before, &after)
        };
        let project;
        let targets = if texts_after.is_empty() {
            &gathered.targets
        } else {
            project = gathered.targets_of(&gathered.project_with(&texts_after, &BTreeMap::new()));
            &project
        };
        let views_before = views_with(&self.views, &ignores, |(before, _)| before.as_ref());
        let views_after = views_with(&self.views, &ignores, |(_, after)| after.as_ref());
        let admissions = self.admissions(&ignores);
        let everything: Vec<Utf8PathBuf> = manifest.unknown.into_iter().collect();
        let world = World {
            before: Builds {
                recipes: before,
                views: &views_before,
                named: &self.named,
            },
            after: Builds {
                recipes: after,
                views: &views_after,
                named: &self.named,
            },
            targets,
            tree: &gathered.looked.contexts.tree,
            admissions: &admissions,
            everything: &everything,
        };
        Ok((forecast(&world, &commit.changes), !everything.is_empty()))
    }

    fn text(&self, commit: &str, path: &Utf8Path) -> Result<Option<String>> {
        let found = git::text_at(self.runner, &self.gathered.project.root, commit, path)?;
        Ok(found.map(|source| source.text().to_owned()))
    }

    /// What a changed manifest means for the builds.
    fn manifest(
        &self,
        commit: &Commit,
        parent: &str,
        changed: &BTreeSet<&Utf8Path>,
    ) -> Result<ManifestChange> {
        let path = self.gathered.project.manifest.path();
        let mut change = ManifestChange::default();
        if !changed.contains(path) {
            return Ok(change);
        }
        let read = |commit: &str| -> Result<Option<Manifest>> {
            let text = self.text(commit, path)?;
            Ok(text.and_then(|text| Manifest::parse(&Source::new(path, text)).ok()))
        };
        match (read(parent)?, read(&commit.hash)?) {
            (Some(before), Some(after)) if significant(&before) == significant(&after) => {
                let (before, after) = (before.build.args, after.build.args);
                if before != after {
                    change.arguments = Some((before, after));
                }
            }
            _ => change.unknown = Some(path.to_owned()),
        }
        Ok(change)
    }

    /// The ignore files that a commit changed, before and after it, by Dockerfile.
    fn ignores(
        &self,
        commit: &Commit,
        parent: &str,
        changed: &BTreeSet<&Utf8Path>,
    ) -> Result<Ignores> {
        let contexts = &self.gathered.looked.contexts;
        let mut ignores = Ignores::new();
        for dockerfile in contexts.recipes.keys() {
            let view = contexts
                .view_of(dockerfile)
                .map(|view| &contexts.views[view]);
            let Some(file) = view.and_then(|view| view.ignore.as_ref()) else {
                continue;
            };
            let path = file.path();
            if !changed.contains(path.as_path()) {
                continue;
            }
            let read = |commit: &str| -> Result<Option<IgnoreFile>> {
                let text = self.text(commit, &path)?;
                Ok(text.map(|text| IgnoreFile::parse(Source::new(&path, text))))
            };
            ignores.insert(dockerfile.clone(), (read(parent)?, read(&commit.hash)?));
        }
        Ok(ignores)
    }

    /// The files of today that a changed ignore file lets in or leaves out.
    fn admissions(&self, ignores: &Ignores) -> BTreeMap<Utf8PathBuf, Vec<Change>> {
        if ignores.is_empty() {
            return BTreeMap::new();
        }
        let patterns = |file: &'_ Option<IgnoreFile>| file.clone().map(|file| file.patterns);
        let owned: Vec<_> = ignores
            .iter()
            .filter_map(|(path, (before, after))| {
                let view = self.views.get(path)?;
                Some((path, view.root, patterns(before), patterns(after)))
            })
            .collect();
        let views: Vec<View<'_>> = owned
            .iter()
            .flat_map(|(_, root, before, after)| {
                [before, after].map(|patterns| View {
                    root,
                    patterns: patterns.as_ref(),
                })
            })
            .collect();
        let tree = Walk {
            folders: &DiskFolders::new(&self.gathered.project.root),
            views: &views,
            measure: false,
            threads: parallel::threads(),
        }
        .carry_out();
        let each = owned.iter().enumerate();
        each.map(|(at, (path, ..))| {
            let changes = admission_changes(&tree, 2 * at, 2 * at + 1);
            ((*path).clone(), changes)
        })
        .collect()
    }
}

/// Ignore files before and after a commit, by Dockerfile.
type Ignores = BTreeMap<Utf8PathBuf, (Option<IgnoreFile>, Option<IgnoreFile>)>;

/// What a changed manifest means for the builds.
#[derive(Default)]
struct ManifestChange {
    /// The build arguments before and after it, if they differ.
    arguments: Option<(BTreeMap<String, String>, BTreeMap<String, String>)>,
    /// Its path, if nobody can tell.
    unknown: Option<Utf8PathBuf>,
}

fn views_with<'v>(
    views: &BTreeMap<Utf8PathBuf, View<'v>>,
    ignores: &'v Ignores,
    choose: impl Fn(&'v (Option<IgnoreFile>, Option<IgnoreFile>)) -> Option<&'v IgnoreFile>,
) -> BTreeMap<Utf8PathBuf, View<'v>> {
    let view = |(path, view): (&Utf8PathBuf, &View<'v>)| {
        let patterns = match ignores.get(path) {
            Some(both) => choose(both).map(|ignore| &ignore.patterns),
            None => view.patterns,
        };
        (path.clone(), View { patterns, ..*view })
    };
    views.iter().map(view).collect()
}

/// What of a manifest shows in the steps of builds, besides the values of build arguments.
fn significant(manifest: &Manifest) -> Option<serde_json::Value> {
    let mut value = serde_json::to_value(manifest).ok()?;
    let table = value.as_object_mut()?;
    for key in [
        "affected",
        "attestations",
        "audit",
        "budget",
        "builders",
        "cache",
        "ci",
        "deploy",
        "labels",
        "lint",
        "platforms",
        "retention",
        "rollback",
        "scan",
        "secrets",
        "stand_in",
        "tags",
        "test",
        "trust",
    ] {
        table.remove(key);
    }
    table.get_mut("build")?.as_object_mut()?.remove("args");
    Some(value)
}
