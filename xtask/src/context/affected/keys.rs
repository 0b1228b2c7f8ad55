//! What tells steps apart as far as Dockerfiles say it: the keys of `BuildKit`'s cache without the files.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use camino::{Utf8Path, Utf8PathBuf};

use super::Builds;
use crate::context::recipe::{
    Base, Definition, From, Recipe, Stage, StageReference, Step, StepKind, Take,
};

/// The keys of all stages.
#[derive(Debug, Default)]
pub(super) struct Keys {
    /// By stage.
    pub(super) stages: BTreeMap<StageReference, StageKeys>,
    /// Of every start and every executed step.
    pub(super) all: HashSet<u64>,
    /// Of the ends of stages.
    pub(super) ends: HashSet<u64>,
    /// Of the configurations, at every step.
    pub(super) configurations: HashSet<u64>,
    /// Of the configurations that stages end with.
    pub(super) final_configurations: HashSet<u64>,
    /// What single steps say.
    pub(super) definitions: HashSet<Definition>,
}

/// The keys of a stage.
#[derive(Clone, Debug)]
pub(super) struct StageKeys {
    /// Before its first step.
    pub(super) start: u64,
    /// After each step.
    pub(super) steps: Vec<u64>,
    /// Of the configuration after each step.
    pub(super) configurations: Vec<u64>,
    /// After its last step.
    pub(super) end: u64,
    /// Of the configuration after its last step.
    pub(super) final_configuration: u64,
}

impl Keys {
    pub(super) fn of(builds: &Builds<'_>) -> Self {
        let mut keys = Self::default();
        for reference in order(builds.recipes) {
            let Some(stage) = stage(builds.recipes, &reference) else {
                continue;
            };
            let found = keys.stage(stage, builds.root(&reference.dockerfile));
            keys.all.insert(found.start);
            keys.all.extend(&found.steps);
            keys.ends.insert(found.end);
            keys.configurations.extend(&found.configurations);
            keys.final_configurations.insert(found.final_configuration);
            keys.definitions
                .extend(stage.steps.iter().map(|step| step.definition.clone()));
            keys.stages.insert(reference, found);
        }
        keys
    }

    fn stage(&self, stage: &Stage, root: &Utf8Path) -> StageKeys {
        let (start, mut configuration) = match &stage.base {
            Base::Image(name) => {
                let key = key(&(name, &stage.platform));
                (key, key)
            }
            Base::Stage(base) => match self.stages.get(base) {
                Some(base) => (base.end, base.final_configuration),
                None => (key(base), key(base)),
            },
        };
        let mut keys = StageKeys {
            start,
            steps: Vec::with_capacity(stage.steps.len()),
            configurations: Vec::with_capacity(stage.steps.len()),
            end: start,
            final_configuration: configuration,
        };
        for step in &stage.steps {
            match &step.definition {
                Definition::Executed(text) => {
                    let inputs: Vec<u64> = takes(step)
                        .map(|take| self.input(&take.from, root))
                        .collect();
                    let before = if step.is_linked() { 0 } else { keys.end };
                    let own = key(&(before, text, inputs));
                    keys.steps.push(own);
                    keys.end = key(&(keys.end, own));
                }
                Definition::Configuration(text) => {
                    configuration = key(&(configuration, text));
                    keys.steps.push(keys.end);
                }
            }
            keys.configurations.push(configuration);
        }
        keys.final_configuration = configuration;
        keys
    }

    fn input(&self, from: &From, root: &Utf8Path) -> u64 {
        match from {
            From::Context => key(&("context", root)),
            From::Stage(stage) => match self.stages.get(stage) {
                Some(keys) => keys.end,
                None => key(stage),
            },
            From::NamedContext(path) => key(&("named", path)),
            From::Image(name) => key(&("image", name)),
        }
    }
}

fn key(value: &impl Hash) -> u64 {
    // The same in every run.
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// What a step takes, from wherever.
pub(super) fn takes(step: &Step) -> impl Iterator<Item = &Take> {
    let (copied, mounted) = match &step.kind {
        StepKind::Copy { take, .. } => (Some(take), [].as_slice()),
        StepKind::Run { mounts, .. } => (None, mounts.as_slice()),
        StepKind::Workdir(_) | StepKind::Other => (None, [].as_slice()),
    };
    copied.into_iter().chain(mounted)
}

pub(super) fn stage<'r>(
    recipes: &'r BTreeMap<Utf8PathBuf, Recipe>,
    reference: &StageReference,
) -> Option<&'r Stage> {
    recipes
        .get(&reference.dockerfile)?
        .stages
        .get(reference.stage)
}

/// The stages that a stage needs directly.
pub(super) fn needs(stage: &Stage) -> impl Iterator<Item = &StageReference> {
    let base = match &stage.base {
        Base::Stage(base) => Some(base),
        Base::Image(_) => None,
    };
    let taken = stage.steps.iter().flat_map(takes);
    let taken = taken.filter_map(|take| match &take.from {
        From::Stage(stage) => Some(stage),
        _ => None,
    });
    base.into_iter().chain(taken)
}

/// All stages, each after those it needs; where they go round in a circle, some stand before.
pub(super) fn order(recipes: &BTreeMap<Utf8PathBuf, Recipe>) -> Vec<StageReference> {
    let mut order = Vec::new();
    let mut seen = BTreeSet::new();
    for (path, recipe) in recipes {
        for index in 0..recipe.stages.len() {
            let first = StageReference {
                dockerfile: path.clone(),
                stage: index,
            };
            visit(recipes, first, &mut seen, &mut order);
        }
    }
    order
}

/// The stages that some stages need, they themselves included, in the order of [`order`].
pub(super) fn reachable(
    recipes: &BTreeMap<Utf8PathBuf, Recipe>,
    from: impl IntoIterator<Item = StageReference>,
) -> Vec<StageReference> {
    let mut order = Vec::new();
    let mut seen = BTreeSet::new();
    for first in from {
        visit(recipes, first, &mut seen, &mut order);
    }
    order
}

fn visit(
    recipes: &BTreeMap<Utf8PathBuf, Recipe>,
    first: StageReference,
    seen: &mut BTreeSet<StageReference>,
    order: &mut Vec<StageReference>,
) {
    // A stage is left once all it needs was looked at: chains can be long.
    let mut open = vec![(first, false)];
    while let Some((reference, left)) = open.pop() {
        if left {
            order.push(reference);
            continue;
        }
        if !seen.insert(reference.clone()) {
            continue;
        }
        let needed: Vec<StageReference> = stage(recipes, &reference)
            .into_iter()
            .flat_map(needs)
            .filter(|needed| !seen.contains(*needed))
            .cloned()
            .collect();
        open.push((reference, true));
        open.extend(needed.into_iter().rev().map(|needed| (needed, false)));
    }
}
