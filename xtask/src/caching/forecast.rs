//! What an edit is going to cost.

use std::collections::{BTreeMap, BTreeSet};

use camino::Utf8PathBuf;

use super::distribution::Rate;
use crate::context::{
    Affected, Because, Builds, Certainty, Change, Question, StepReference, Target, Tree, affected,
    executed_steps, stages_of, work_of_steps,
};

/// The builds of a repository before and after an edit.
#[derive(Clone, Copy, Debug)]
pub struct World<'a> {
    /// Before it.
    pub before: Builds<'a>,
    /// After it.
    pub after: Builds<'a>,
    /// What is built.
    pub targets: &'a [Target],
    /// What is there, for the symbolic links among the sources.
    pub tree: &'a Tree,
    /// By Dockerfile, files that a changed ignore file lets in or leaves out.
    pub admissions: &'a BTreeMap<Utf8PathBuf, Vec<Change>>,
    /// Files whose change may change anything.
    pub everything: &'a [Utf8PathBuf],
}

/// What an edit is going to cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forecast {
    /// The steps that run again, those of a stage before those of the stages that need it.
    pub reruns: Vec<Rerun>,
    /// Of all images, in the order of the targets.
    pub images: Vec<ImageRate>,
    /// Of the whole build, each step counted once.
    pub rate: Rate,
    /// Every step of the build, with the number of the work it is; see [`work_of_steps`].
    pub work: BTreeMap<StepReference, u64>,
}

/// A step that is not taken from the cache.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rerun {
    /// Which.
    pub step: StepReference,
    /// The name of its stage, or its index as text.
    pub stage_name: String,
    /// Where it stands: that of a trigger (`ONBUILD`) is in another Dockerfile.
    pub file: Utf8PathBuf,
    /// From 1.
    pub line: usize,
    /// On one line, as it is written.
    pub text: String,
    /// Whether it surely runs again.
    pub certainty: Certainty,
    /// Why; never empty.
    pub because: Vec<Because>,
    /// Why, in words.
    pub reason: String,
}

/// What an edit costs one image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageRate {
    /// What it is called.
    pub name: String,
    /// Of the steps that it needs, be they shared with others or not.
    pub rate: Rate,
    /// Whether it comes out another than before; `None` if it does not.
    pub rebuilt: Option<Certainty>,
}

impl Rerun {
    /// Whether the edit itself is why it runs again, and not a step before it.
    #[must_use]
    pub fn is_cause(&self) -> bool {
        let mut because = self.because.iter();
        because.any(|why| !matches!(why, Because::Before | Because::Stage { .. }))
    }

    /// The changed files that it takes, as far as they are named.
    pub fn files(&self) -> impl Iterator<Item = &Utf8PathBuf> {
        let files = self.because.iter().filter_map(|why| match why {
            Because::Files { paths, .. } => Some(paths),
            _ => None,
        });
        files.flatten()
    }
}

impl Forecast {
    /// The steps that run again for certain, or perhaps.
    #[must_use]
    pub fn certainties(&self) -> BTreeMap<&StepReference, Certainty> {
        let reruns = self.reruns.iter();
        reruns.map(|rerun| (&rerun.step, rerun.certainty)).collect()
    }

    /// How many images come out another than before, or may do so.
    #[must_use]
    pub fn rebuilt(&self) -> usize {
        let images = self.images.iter();
        images.filter(|image| image.rebuilt.is_some()).count()
    }
}

/// Foretells what changed files cost.
#[must_use]
pub fn forecast(world: &World<'_>, changes: &[Change]) -> Forecast {
    let found = affected(&Question {
        before: Some(world.before),
        after: world.after,
        targets: world.targets,
        changes,
        admissions: world.admissions,
        tree: Some(world.tree),
        everything: world.everything,
    });
    let reruns = reruns(&found);
    let certainties: BTreeMap<&StepReference, Certainty> = reruns
        .iter()
        .map(|rerun| (&rerun.step, rerun.certainty))
        .collect();
    let recipes = world.after.recipes;
    let mut all = BTreeSet::new();
    let mut images = Vec::with_capacity(world.targets.len());
    for target in world.targets {
        let stages = stages_of(recipes, target);
        let steps: Vec<StepReference> = stages
            .iter()
            .flat_map(|stage| executed_steps(recipes, stage))
            .collect();
        let image = found.images.iter().find(|image| image.name == target.name);
        images.push(ImageRate {
            name: target.name.clone(),
            rate: rate(steps.iter(), &certainties),
            rebuilt: image.map(|image| image.certainty),
        });
        all.extend(steps);
    }
    let rate = rate(all.iter(), &certainties);
    let mut work = work_of_steps(&world.after);
    work.retain(|step, _| all.contains(step));
    Forecast {
        reruns,
        images,
        rate,
        work,
    }
}

fn rate<'s>(
    steps: impl Iterator<Item = &'s StepReference>,
    certainties: &BTreeMap<&StepReference, Certainty>,
) -> Rate {
    let mut rate = Rate::default();
    for step in steps {
        rate.steps += 1;
        match certainties.get(step) {
            Some(Certainty::Surely) => rate.run += 1,
            Some(Certainty::Perhaps) => rate.perhaps += 1,
            None => {}
        }
    }
    rate
}

/// Each step once, however many images need it.
fn reruns(found: &Affected) -> Vec<Rerun> {
    let images = found.images.iter().map(|image| &image.steps);
    let idle = found.idle.iter().map(|image| &image.steps);
    let mut seen = BTreeSet::new();
    let mut reruns = Vec::new();
    for step in images.chain(idle).flatten() {
        // `FROM` is no step of its own.
        if !step.executed || step.step == 0 {
            continue;
        }
        let reference = StepReference {
            stage: step.stage.clone(),
            step: step.step,
        };
        if !seen.insert(reference.clone()) {
            continue;
        }
        reruns.push(Rerun {
            step: reference,
            stage_name: step.stage_name.clone(),
            file: step.dockerfile.clone(),
            line: step.line,
            text: step.text.clone(),
            certainty: step.certainty,
            because: step.because.clone(),
            reason: step.reason(),
        });
    }
    reruns
}
