//! Images that a changed `package-lock.json` leaves as they are, because nothing that they are made of uses what changed.
//!
//! Only where the manifest says that builds put nothing into images but what sources import. What is not understood
//! counts as used.

mod installed;
mod sources;

use std::collections::{BTreeMap, BTreeSet};

use camino::{Utf8Path, Utf8PathBuf};
use serde_json::Value;

use self::installed::takes_nothing_installed;
use self::sources::Sources;
use super::Surroundings;
use crate::commands::ignore::Answer;
use crate::context::{AffectedImage, Because};
use crate::error::Result;
use crate::git;
use crate::project::reading::stage;
use crate::scan::npm::{Lockfile, MAX_BYTES};
use crate::source::Source;

/// The file that says which packages are installed.
const LOCKFILE: &str = "package-lock.json";
/// The file that names packages.
const PACKAGE: &str = "package.json";

/// The names of images that are affected by nothing but packages that they do not use.
///
/// # Errors
/// Git fails, or a file cannot be read.
pub(super) fn spared(answer: &Answer, surroundings: &Surroundings<'_>) -> Result<Vec<String>> {
    let mut spared = Vec::new();
    let mut changes: BTreeMap<Utf8PathBuf, Option<LockfilePair>> = BTreeMap::new();
    let mut mentions: Option<Mentions> = None;
    for image in answer.images() {
        let Some(folder) = folder_of_lockfile(image) else {
            continue;
        };
        if !takes_nothing_installed(image, &surroundings.looked.contexts.recipes) {
            continue;
        }
        if !changes.contains_key(&folder) {
            let pair = LockfilePair::read(&folder, surroundings)?;
            changes.insert(folder.clone(), pair);
        }
        let Some(Some(pair)) = changes.get(&folder) else {
            continue;
        };
        let all = match mentions.take() {
            Some(known) => known,
            None => Mentions::find(pair, &folder, surroundings)?,
        };
        if pair.is_same_for(&all.used_by(&image.name, pair)) {
            spared.push(image.name.clone());
        }
        mentions = Some(all);
    }
    Ok(spared)
}

/// The folder whose lockfile, with the file that names packages beside it, is all that an image is affected by.
fn folder_of_lockfile(image: &AffectedImage) -> Option<Utf8PathBuf> {
    let mut folder: Option<&Utf8Path> = None;
    for because in image.steps.iter().flat_map(|step| &step.because) {
        match because {
            Because::Files { paths, count, .. } if *count == paths.len() => {
                for path in paths {
                    let is_npm = matches!(path.file_name(), Some(LOCKFILE | PACKAGE));
                    let own = path.parent().unwrap_or(Utf8Path::new(""));
                    if !is_npm || folder.is_some_and(|folder| folder != own) {
                        return None;
                    }
                    folder = Some(own);
                }
            }
            Because::Before | Because::Stage { .. } => {}
            Because::Files { .. } | Because::Dockerfile(_) | Because::Everything(_) => return None,
        }
    }
    folder.map(Utf8Path::to_owned)
}

/// The lockfile before and after.
struct LockfilePair {
    before: Lockfile,
    after: Lockfile,
}

impl LockfilePair {
    /// `None` if one of them is not there or not understood, or if the file that names packages changed in anything else.
    fn read(folder: &Utf8Path, surroundings: &Surroundings<'_>) -> Result<Option<Self>> {
        let now = |name: &str| {
            let path = folder.join(name);
            let root = &surroundings.looked.root;
            Source::read_up_to(root, &path, MAX_BYTES).ok()
        };
        let then = |name: &str| {
            git::text_at(
                surroundings.runner,
                surroundings.repository,
                surroundings.base,
                &folder.join(name),
            )
        };
        let (Some(package_before), Some(lock_before)) = (then(PACKAGE)?, then(LOCKFILE)?) else {
            return Ok(None);
        };
        let (Some(package_after), Some(lock_after)) = (now(PACKAGE), now(LOCKFILE)) else {
            return Ok(None);
        };
        let rest = rest_of_package(&package_before);
        if rest.is_none() || rest != rest_of_package(&package_after) {
            return Ok(None);
        }
        let pair = Lockfile::parse(&lock_before)
            .ok()
            .zip(Lockfile::parse(&lock_after).ok());
        Ok(pair.map(|(before, after)| Self { before, after }))
    }

    fn direct(&self) -> BTreeSet<&str> {
        self.before
            .direct()
            .union(&self.after.direct())
            .copied()
            .collect()
    }

    /// Whether the same is installed for some packages.
    fn is_same_for(&self, names: &BTreeSet<&str>) -> bool {
        self.before.installed_for(names) == self.after.installed_for(names)
    }
}

/// What a `package.json` says besides which packages it asks for; the lockfile says that, too.
fn rest_of_package(source: &Source) -> Option<Value> {
    let mut value: Value = serde_json::from_str(source.text()).ok()?;
    let table = value.as_object_mut()?;
    for key in ["dependencies", "devDependencies", "optionalDependencies"] {
        table.shift_remove(key);
    }
    Some(value)
}

/// Which image's sources name which packages.
struct Mentions {
    by_image: BTreeMap<String, Sources>,
    /// Those that the sources of any image name.
    anywhere: BTreeSet<String>,
}

impl Mentions {
    fn find(
        pair: &LockfilePair,
        folder: &Utf8Path,
        surroundings: &Surroundings<'_>,
    ) -> Result<Self> {
        let Surroundings {
            project,
            plan,
            looked,
            ..
        } = surroundings;
        let names = pair.direct();
        let left_out = [folder.join(LOCKFILE), folder.join(PACKAGE)];
        let mut by_image = BTreeMap::new();
        for image in &project.images {
            let targets = plan
                .targets
                .iter()
                .filter(|target| target.image == image.name);
            let mut sources = Sources::default();
            for target in plan.closure(targets.map(|target| target.name.as_str())) {
                let dockerfile = Utf8Path::new(&target.dockerfile);
                let stage = project
                    .image(&target.image)
                    .and_then(|image| stage(&image.dockerfile, &target.stage));
                let sent = stage.and_then(|stage| looked.contexts.sent(dockerfile, &[stage]));
                let Some(sent) = sent else {
                    sources.is_unknown = true;
                    continue;
                };
                let tree = &looked.contexts.tree;
                let taken = tree.nodes().filter(|node| sent.contains(*node));
                let paths = taken.map(|node| tree.path(node));
                for path in paths.filter(|path| !left_out.contains(path)) {
                    sources.read(&looked.root, &path, &names)?;
                }
            }
            by_image.insert(image.name.clone(), sources);
        }
        let anywhere = by_image
            .values()
            .flat_map(|sources| sources.names.iter().cloned())
            .collect();
        Ok(Self { by_image, anywhere })
    }

    /// What an image may be made with: what its sources name, and what no sources name, which may be a tool.
    fn used_by<'p>(&self, image: &str, pair: &'p LockfilePair) -> BTreeSet<&'p str> {
        let own = self.by_image.get(image);
        let all = pair.direct().into_iter();
        all.filter(|name| {
            !self.anywhere.contains(*name)
                || own.is_none_or(|own| own.is_unknown || own.names.contains(*name))
        })
        .collect()
    }
}
