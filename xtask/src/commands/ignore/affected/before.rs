//! The repository's builds as they were at a commit.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};

use super::Facts;
use crate::context::{
    Change, ChangeKind, DiskFolders, IgnoreFile, Recipe, View, Walk, admission_changes,
};
use crate::dockerfile::{Dockerfile, parse};
use crate::dockerignore;
use crate::error::Result;
use crate::git;
use crate::lint::Surroundings;
use crate::parallel;
use crate::process::Runner;
use crate::project::{Manifest, Project};

/// What was before the change.
pub(super) struct Before {
    pub(super) recipes: BTreeMap<Utf8PathBuf, Recipe>,
    /// The ignore files that were others, by Dockerfile.
    ignores: BTreeMap<Utf8PathBuf, Option<IgnoreFile>>,
    /// By Dockerfile, what its ignore file lets in or leaves out that it did not before.
    pub(super) admissions: BTreeMap<Utf8PathBuf, Vec<Change>>,
    /// The manifest changed in nothing, or in what the recipes tell.
    pub(super) manifest_is_known: bool,
}

impl Before {
    /// Reads what changed since a commit as it was there.
    pub(super) fn read(
        facts: &Facts<'_>,
        commit: &str,
        changes: &[Change],
        runner: &dyn Runner,
    ) -> Result<Self> {
        let was = |path: &Utf8Path| match changes.iter().find(|change| change.path == path) {
            None => Was::Same,
            Some(change) if change.kind == ChangeKind::Added => Was::Nothing,
            Some(_) => Was::Other,
        };
        let text = |path: &Utf8Path| git::text_at(runner, facts.repository, commit, path);
        let mut dockerfiles: Vec<Dockerfile> = Vec::new();
        for (path, model) in &facts.surroundings.dockerfiles {
            match was(path) {
                Was::Same => dockerfiles.push((*model.file).clone()),
                Was::Nothing => {}
                Was::Other => dockerfiles.extend(text(path)?.as_ref().map(parse)),
            }
        }
        let mut ignores = BTreeMap::new();
        for path in facts.surroundings.dockerfiles.keys() {
            let context = facts.surroundings.context(path);
            let candidates = dockerignore::candidates(path, context);
            if candidates.iter().all(|path| matches!(was(path), Was::Same)) {
                continue;
            }
            let mut found = None;
            for candidate in &candidates {
                found = match was(candidate) {
                    Was::Same if facts.root.join(candidate).symlink_metadata().is_ok() => {
                        let source = crate::source::Source::read(facts.root, candidate)?;
                        Some(IgnoreFile::parse(source))
                    }
                    Was::Other => text(candidate)?.map(IgnoreFile::parse),
                    Was::Same | Was::Nothing => None,
                };
                if found.is_some() {
                    break;
                }
            }
            ignores.insert(path.clone(), found);
        }
        let manifest = match facts.manifest.map(|path| (path, was(path))) {
            Some((_, Was::Same)) | None => None,
            Some((path, _)) => text(path)?,
        };
        let (project, manifest_is_known) = match (facts.project, &manifest) {
            (Some(project), Some(source)) => match former_project(project, source) {
                Some(former) => (Some(former), true),
                None => (None, false),
            },
            (_, None) => (
                None,
                facts
                    .manifest
                    .is_none_or(|path| matches!(was(path), Was::Same)),
            ),
            (None, Some(_)) => (None, false),
        };
        let project = project.as_ref().or(facts.project);
        let recipes = Surroundings::gather(None, dockerfiles, project).recipes();
        let mut before = Self {
            recipes,
            ignores,
            admissions: BTreeMap::new(),
            manifest_is_known,
        };
        before.admissions = before.admissions(facts);
        Ok(before)
    }

    /// How contexts were looked at, given how they are now.
    pub(super) fn views<'v>(
        &'v self,
        now: &BTreeMap<Utf8PathBuf, View<'v>>,
    ) -> BTreeMap<Utf8PathBuf, View<'v>> {
        let view = |(path, view): (&Utf8PathBuf, &View<'v>)| {
            let patterns = match self.ignores.get(path) {
                Some(ignore) => ignore.as_ref().map(|ignore| &ignore.patterns),
                None => view.patterns,
            };
            (path.clone(), View { patterns, ..*view })
        };
        now.iter().map(view).collect()
    }

    /// Walks once more, as folders that are left out now were not looked into.
    fn admissions(&self, facts: &Facts<'_>) -> BTreeMap<Utf8PathBuf, Vec<Change>> {
        let now = facts.views();
        let others: Vec<(&Utf8PathBuf, View<'_>, View<'_>)> = self
            .views(&now)
            .into_iter()
            .filter(|(path, _)| self.ignores.contains_key(path))
            .filter_map(|(path, before)| {
                let (path, after) = now.get_key_value(&path)?;
                Some((path, before, *after))
            })
            .collect();
        if others.is_empty() {
            return BTreeMap::new();
        }
        let views: Vec<View<'_>> = others
            .iter()
            .flat_map(|(_, before, after)| [*before, *after])
            .collect();
        let tree = Walk {
            folders: &DiskFolders::new(facts.root),
            views: &views,
            measure: false,
            threads: parallel::threads(),
        }
        .carry_out();
        let dockerfiles = others.iter().enumerate();
        dockerfiles
            .map(|(at, (path, ..))| {
                let changes = admission_changes(&tree, 2 * at, 2 * at + 1);
                ((*path).clone(), changes)
            })
            .collect()
    }
}

/// What a file was before the change.
enum Was {
    Same,
    Other,
    Nothing,
}

/// The project under its former manifest, if what differs shows in the recipes, or in no image at all.
fn former_project(project: &Project, source: &crate::source::Source) -> Option<Project> {
    let former = Manifest::parse(source).ok()?;
    let significant = |manifest: &Manifest| {
        let mut value = serde_json::to_value(manifest).ok()?;
        let table = value.as_object_mut()?;
        for key in [
            "affected", "audit", "budget", "builders", "cache", "lint", "scan", "secrets", "tags",
            "trust",
        ] {
            table.remove(key);
        }
        table.get_mut("build")?.as_object_mut()?.remove("args");
        Some(value)
    };
    let is_like_now =
        significant(&former).is_some_and(|former| Some(former) == significant(&project.manifest));
    is_like_now.then(|| Project {
        manifest: former,
        ..project.clone()
    })
}
