//! Whether what npm installs can get into an image other than by what a build makes of it.

use std::collections::{BTreeMap, BTreeSet};

use camino::{Utf8Path, Utf8PathBuf};

use super::{LOCKFILE, PACKAGE};
use crate::context::{AffectedImage, Base, Because, From, Recipe, StageReference, StepKind, Take};

/// Whether the image takes none of the folders that packages are installed in. `false` also where that is not known.
pub(super) fn takes_nothing_installed(
    image: &AffectedImage,
    recipes: &BTreeMap<Utf8PathBuf, Recipe>,
) -> bool {
    let stages: BTreeSet<&StageReference> = image.steps.iter().map(|step| &step.stage).collect();
    let own = stages
        .iter()
        .filter(|stage| stage.dockerfile == image.dockerfile);
    // The stage that is asked for stands on the last one that is built again, or takes from it.
    let Some(last) = own.map(|stage| stage.stage).max() else {
        return false;
    };
    let last = StageReference {
        dockerfile: image.dockerfile.clone(),
        stage: last,
    };
    let Some(lineage) = lineage(&last, recipes) else {
        return false;
    };
    let Some(folders) = installed_in(image, recipes) else {
        return false;
    };
    let takes = |reference: &StageReference| {
        recipes
            .get(&reference.dockerfile)
            .and_then(|recipe| recipe.stages.get(reference.stage))
    };
    for reference in &stages {
        let Some(stage) = takes(reference) else {
            return false;
        };
        let is_final = lineage.contains(*reference);
        for (index, step) in stage.steps.iter().enumerate() {
            let told = image
                .steps
                .iter()
                .find(|one| one.stage == **reference && one.step == index + 1);
            // The lockfile itself in the image.
            let has_files = told.is_some_and(|one| {
                one.because
                    .iter()
                    .any(|why| matches!(why, Because::Files { .. }))
            });
            let is_bad = match &step.kind {
                _ if is_final && has_files => true,
                StepKind::Run { mounts, .. } => is_final && (told.is_some() || !mounts.is_empty()),
                // Where it goes on from there, nobody follows.
                StepKind::Copy { take, .. } => reaches(take, &folders),
                StepKind::Workdir(_) | StepKind::Other => false,
            };
            if is_bad {
                return false;
            }
        }
    }
    true
}

/// The stages that a stage stands on, itself included.
fn lineage(
    last: &StageReference,
    recipes: &BTreeMap<Utf8PathBuf, Recipe>,
) -> Option<BTreeSet<StageReference>> {
    let mut lineage = BTreeSet::new();
    let mut at = last.clone();
    while lineage.insert(at.clone()) {
        let stage = recipes.get(&at.dockerfile)?.stages.get(at.stage)?;
        match &stage.base {
            Base::Stage(base) => at = base.clone(),
            Base::Image(_) => break,
        }
    }
    Some(lineage)
}

/// The folders that the lockfile is put into; `None` if one is not known.
fn installed_in(
    image: &AffectedImage,
    recipes: &BTreeMap<Utf8PathBuf, Recipe>,
) -> Option<BTreeSet<Utf8PathBuf>> {
    let mut folders = BTreeSet::new();
    let is_taking = |because: &Because| matches!(because, Because::Files { .. });
    for step in image
        .steps
        .iter()
        .filter(|step| step.because.iter().any(is_taking))
    {
        let stage = recipes
            .get(&step.stage.dockerfile)?
            .stages
            .get(step.stage.stage)?;
        let StepKind::Copy { destination, .. } = &stage.steps.get(step.step.checked_sub(1)?)?.kind
        else {
            return None;
        };
        let destination = Utf8Path::new(destination.as_deref()?);
        let folder = match destination.file_name() {
            Some(LOCKFILE | PACKAGE) => destination.parent()?,
            _ => destination,
        };
        folders.insert(folder.to_owned());
    }
    (!folders.is_empty()).then_some(folders)
}

/// Whether something is taken of another stage that holds, or lies in, a folder of packages.
fn reaches(take: &Take, folders: &BTreeSet<Utf8PathBuf>) -> bool {
    if !matches!(take.from, From::Stage(_)) {
        return false;
    }
    take.unknown
        || take.sources.iter().any(|source| {
            let source = Utf8Path::new("/").join(source.path.trim_matches('/'));
            let has_pattern = source.as_str().contains(['*', '?', '[', '\\']);
            has_pattern
                || source
                    .components()
                    .any(|part| part.as_str() == "node_modules")
                || folders.iter().any(|folder| folder.starts_with(&source))
        })
}
