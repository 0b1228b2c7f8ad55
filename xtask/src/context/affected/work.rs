//! The steps that builds need, and which of them are the same work under several names.

use std::collections::BTreeMap;

use camino::Utf8PathBuf;

use super::keys::{Keys, reachable, stage};
use super::{Builds, Target};
use crate::context::recipe::{Definition, Recipe, StageReference};

/// A step of a stage of this repository.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StepReference {
    /// Its stage.
    pub stage: StageReference,
    /// Its place there, from 1; 0 is `FROM`.
    pub step: usize,
}

/// The stages that a target is made of, those it needs before those that need them.
#[must_use]
pub fn stages_of(recipes: &BTreeMap<Utf8PathBuf, Recipe>, target: &Target) -> Vec<StageReference> {
    let wanted = target.stages.iter().map(|stage| StageReference {
        dockerfile: target.dockerfile.clone(),
        stage: *stage,
    });
    reachable(recipes, wanted)
}

/// The steps of a stage that are carried out (`RUN`, `COPY`, `ADD`, `WORKDIR`), in order. Others change the configuration
/// alone, and `FROM` is no step.
#[must_use]
pub fn executed_steps(
    recipes: &BTreeMap<Utf8PathBuf, Recipe>,
    reference: &StageReference,
) -> Vec<StepReference> {
    let steps = stage(recipes, reference).into_iter();
    let steps = steps.flat_map(|stage| stage.steps.iter().enumerate());
    let executed = steps.filter(|(_, step)| matches!(step.definition, Definition::Executed(_)));
    executed
        .map(|(index, _)| StepReference {
            stage: reference.clone(),
            step: index + 1,
        })
        .collect()
}

/// A number for each step that is carried out: steps of one number say the same and stand on the same, so the engine does
/// their work once and gives all of them the result.
#[must_use]
pub fn work_of_steps(builds: &Builds<'_>) -> BTreeMap<StepReference, u64> {
    let keys = Keys::of(builds);
    let mut work = BTreeMap::new();
    for (reference, stage_keys) in &keys.stages {
        for step in executed_steps(builds.recipes, reference) {
            let key = stage_keys.steps[step.step - 1];
            work.insert(step, key);
        }
    }
    work
}
