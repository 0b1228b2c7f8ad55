//! Which step of which Dockerfile the engine means.
//!
//! The engine calls a step by target, stage and number: `[api builder 2/4] COPY …`. A target that is linked to others
//! reports their steps, too, under its own name, and two stages of different Dockerfiles may be called the same. But a step
//! that is shared has one digest everywhere. So targets are looked at after those that they are linked to, and what is known
//! by its digest by then is theirs.

use std::collections::{BTreeMap, HashMap};

use camino::{Utf8Path, Utf8PathBuf};

use crate::bake::{Plan, Target as PlanTarget};
use crate::caching::{Measured, StepOutcome};
use crate::context::{Recipe, StageReference, StepReference, Target, executed_steps, stages_of};
use crate::engine::events::{Step, StepState, Tally};
use crate::project::Project;
use crate::project::reading::stage;

/// Says of each step what the engine did with it.
pub(super) fn measured(
    tally: &Tally,
    project: &Project,
    plan: &Plan,
    wanted: &[String],
    recipes: &BTreeMap<Utf8PathBuf, Recipe>,
) -> Measured {
    let mut matching = Matching {
        recipes,
        known: HashMap::new(),
        open: Vec::new(),
        measured: Measured::default(),
    };
    for target in ordered(plan, wanted) {
        let image = project.image(&target.image);
        let stage = image.and_then(|image| stage(&image.dockerfile, &target.stage));
        if let Some(stage) = stage {
            matching.target(target, stage, tally.steps(&target.name));
        }
    }
    matching.close()
}

/// The targets that are needed, each after those that it is linked to.
fn ordered<'p>(plan: &'p Plan, wanted: &'p [String]) -> Vec<&'p PlanTarget> {
    let mut open: Vec<&PlanTarget> = plan.closure(wanted.iter().map(String::as_str));
    let mut ordered: Vec<&PlanTarget> = Vec::with_capacity(open.len());
    while !open.is_empty() {
        let is_open = |name: &String| open.iter().any(|target| target.name == *name);
        let (ready, waiting): (Vec<&PlanTarget>, Vec<&PlanTarget>) = open
            .iter()
            .partition(|target| !target.contexts.values().any(is_open));
        if ready.is_empty() {
            // They stand in a circle, which no plan does.
            ordered.extend(waiting);
            break;
        }
        ordered.extend(ready);
        open = waiting;
    }
    ordered
}

struct Matching<'a> {
    recipes: &'a BTreeMap<Utf8PathBuf, Recipe>,
    /// By digest.
    known: HashMap<String, StepReference>,
    /// Steps that no stage of the target has that reported them, each with that target's name.
    open: Vec<(String, Step)>,
    measured: Measured,
}

impl Matching<'_> {
    fn target(&mut self, target: &PlanTarget, stage: usize, steps: &[Step]) {
        let dockerfile = Utf8Path::new(&target.dockerfile);
        // By label and by how many steps the engine counts: a step that two targets share is reported under the name of
        // either, among steps of a stage that is called the same.
        let mut own: BTreeMap<(String, u32), Vec<&Step>> = BTreeMap::new();
        for step in steps {
            // Putting the layer of a `COPY --link` upon the others is no step of its own.
            if step.key.text.starts_with("LINK ") {
                continue;
            }
            if let Some(known) = self.known.get(step.announced_digest()) {
                let known = known.clone();
                self.note(known, step);
            } else {
                let label = step.key.position.stage.clone().unwrap_or_default();
                let key = (label.to_lowercase(), step.key.position.total);
                own.entry(key).or_default().push(step);
            }
        }
        let wanted = Target {
            name: target.name.clone(),
            dockerfile: dockerfile.to_owned(),
            stages: vec![stage],
        };
        for reference in stages_of(self.recipes, &wanted) {
            if reference.dockerfile != dockerfile {
                continue;
            }
            let expected = executed_steps(self.recipes, &reference);
            let label = self.label(&reference);
            let fits = own
                .iter()
                .find(|((of, _), steps)| *of == label && steps.len() == expected.len())
                .map(|(key, _)| key.clone());
            let Some(mut found) = fits.and_then(|key| own.remove(&key)) else {
                continue;
            };
            found.sort_by_key(|step| step.key.position.index);
            for (step, reference) in found.into_iter().zip(expected) {
                let digest = step.announced_digest().to_owned();
                self.known.insert(digest, reference.clone());
                self.note(reference, step);
            }
        }
        let left = own.into_values().flatten();
        self.open
            .extend(left.map(|step| (target.name.clone(), step.clone())));
    }

    /// What is left over belongs to another target that knows it by its digest, or to nobody.
    fn close(mut self) -> Measured {
        for (target, step) in std::mem::take(&mut self.open) {
            if let Some(known) = self.known.get(step.announced_digest()) {
                let known = known.clone();
                self.note(known, &step);
            } else {
                let (position, text) = (&step.key.position, &step.key.text);
                let name = format!("[{target} {position}] {text}");
                self.measured.strange.push(name);
            }
        }
        self.measured
    }

    /// What the engine calls a stage, in lower case: its name, `stage-1`, or nothing where it is the only one.
    fn label(&self, reference: &StageReference) -> String {
        let recipe = self.recipes.get(&reference.dockerfile);
        let stages = recipe
            .map(|recipe| recipe.stages.as_slice())
            .unwrap_or_default();
        let name = stages
            .get(reference.stage)
            .map(|stage| stage.name.to_lowercase())
            .unwrap_or_default();
        let is_named = name != reference.stage.to_string();
        match (is_named, stages.len()) {
            (true, _) => name,
            (false, 1) => String::new(),
            (false, _) => format!("stage-{}", reference.stage),
        }
    }

    fn note(&mut self, reference: StepReference, step: &Step) {
        let outcome = match step.state() {
            StepState::Done | StepState::Running | StepState::Failed => StepOutcome::Ran,
            // One that was never needed: what is made of it was there already.
            StepState::Announced | StepState::Cached | StepState::Canceled => StepOutcome::Cached,
        };
        let noted = self.measured.steps.entry(reference).or_insert(outcome);
        *noted = outcome.max(*noted);
    }
}
