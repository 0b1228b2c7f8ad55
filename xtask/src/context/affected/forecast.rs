//! What becomes of each stage and each step.

use std::collections::{BTreeMap, BTreeSet};

use camino::{Utf8Path, Utf8PathBuf};

use super::fate::{Fate, Touched};
use super::keys::{Keys, StageKeys, order, reachable, stage, takes};
use super::{
    Affected, AffectedImage, AffectedStep, Because, Builds, Certainty, ChangeKind, IdleImage,
    Question, Target,
};
use crate::context::recipe::{
    Base, Definition, From, Recipe, Stage, StageReference, Step, StepKind, Take,
};
use crate::context::taking::{TakenPaths, Taking, linked};
use crate::dockerignore;

/// More paths are counted, but not named.
const MAX_PATHS: usize = 20;

/// What is found out, stage after stage.
pub(super) struct Forecast<'q> {
    question: &'q Question<'q>,
    before: Option<Keys>,
    after: Keys,
    /// By Dockerfile, what changed in its build context.
    changed: BTreeMap<Utf8PathBuf, ContextChanges>,
    fates: BTreeMap<StageReference, Fate>,
}

/// What changed in a build context.
#[derive(Debug, Default)]
struct ContextChanges {
    /// From the context's root, sorted.
    paths: Vec<String>,
    /// The ignore file, if it changed and nobody knows what it said before: anything may be let in or left out by it.
    rules: Option<Utf8PathBuf>,
}

impl<'q> Forecast<'q> {
    /// Answers.
    pub(super) fn answer(question: &'q Question<'q>) -> Affected {
        let mut forecast = Self {
            question,
            before: question.before.as_ref().map(Keys::of),
            after: Keys::of(&question.after),
            changed: BTreeMap::new(),
            fates: BTreeMap::new(),
        };
        for reference in order(question.after.recipes) {
            if let Some(stage) = stage(question.after.recipes, &reference) {
                let fate = forecast.stage(&reference, stage);
                forecast.fates.insert(reference, fate);
            }
        }
        let mut affected = Affected::default();
        for target in question.targets {
            match forecast.image(target) {
                Ok(image) => affected.images.push(image),
                Err(steps) if steps.iter().any(|step| step.executed) => {
                    affected.idle.push(IdleImage {
                        name: target.name.clone(),
                        dockerfile: target.dockerfile.clone(),
                        steps,
                    });
                }
                Err(_) => {}
            }
        }
        affected
    }

    /// What became of a stage's own text: whether nobody knows, because its Dockerfile changed and what it said before
    /// is not known.
    fn is_text_unknown(&self, dockerfile: &Utf8Path) -> bool {
        let mut changes = self.question.changes.iter();
        self.before.is_none() && changes.any(|change| change.path == dockerfile)
    }

    fn stage(&mut self, reference: &StageReference, stage: &Stage) -> Fate {
        self.find_changes(&reference.dockerfile);
        let mut fate = match &stage.base {
            Base::Stage(base) => self
                .fates
                .get(base)
                .map_or_else(Fate::default, Fate::inherited),
            Base::Image(_) => Fate::default(),
        };
        let Some(keys) = self.after.stages.get(reference) else {
            return fate;
        };
        if let Some(because) = self.start(reference, stage, keys) {
            let certainty = because.certainty();
            fate.certainty = fate.certainty.max(Some(certainty));
            fate.touched = Touched::Anything;
            fate.steps.push(AffectedStep {
                stage: reference.clone(),
                stage_name: stage.name.clone(),
                step: 0,
                dockerfile: reference.dockerfile.clone(),
                line: line(&stage.location),
                text: stage.text.clone(),
                executed: true,
                certainty,
                because: vec![because],
            });
        }
        let mut told_configuration = false;
        for (index, step) in stage.steps.iter().enumerate() {
            let executed = matches!(step.definition, Definition::Executed(_));
            let because = if executed {
                self.reasons(reference, step, index, keys, &fate)
            } else {
                let known = self.before.as_ref();
                let changed = !told_configuration
                    && known.is_some_and(|before| {
                        !before.configurations.contains(&keys.configurations[index])
                            && !before.definitions.contains(&step.definition)
                    });
                told_configuration |= changed;
                let because = changed.then_some(Because::Dockerfile(Certainty::Surely));
                because.into_iter().collect()
            };
            let Some(certainty) = because.iter().map(|why| why.certainty_after(&fate)).max() else {
                continue;
            };
            if executed {
                fate.touch(step, &because);
                fate.certainty = fate.certainty.max(Some(certainty));
            }
            fate.steps.push(AffectedStep {
                stage: reference.clone(),
                stage_name: stage.name.clone(),
                step: index + 1,
                dockerfile: step.location.source.path().to_owned(),
                line: line(&step.location),
                text: step.text.clone(),
                executed,
                certainty,
                because,
            });
        }
        // A step that is gone leaves no other trace.
        if let Some(before) = &self.before
            && !before.ends.contains(&keys.end)
        {
            fate.touched = Touched::Anything;
        }
        fate
    }

    /// Why a stage starts from something else than before.
    fn start(
        &self,
        reference: &StageReference,
        stage: &Stage,
        keys: &StageKeys,
    ) -> Option<Because> {
        if let Some(path) = self.question.everything.first() {
            return Some(Because::Everything(path.clone()));
        }
        if self.is_text_unknown(&reference.dockerfile) {
            return Some(Because::Dockerfile(Certainty::Perhaps));
        }
        let before = self.before.as_ref()?;
        let is_new = matches!(stage.base, Base::Image(_)) && !before.all.contains(&keys.start);
        is_new.then_some(Because::Dockerfile(Certainty::Surely))
    }

    /// Why a step is carried out again; empty if it is not.
    fn reasons(
        &self,
        reference: &StageReference,
        step: &Step,
        index: usize,
        keys: &StageKeys,
        fate: &Fate,
    ) -> Vec<Because> {
        let mut because = Vec::new();
        let mut input_is_new = false;
        for take in takes(step) {
            match &take.from {
                From::Context => because.extend(self.taken(&reference.dockerfile, step, take)),
                From::Stage(from) => {
                    let Some(other) = self.fates.get(from) else {
                        continue;
                    };
                    input_is_new |= self.is_new_end(from);
                    if other.touched.reaches(take) {
                        let stage = stage(self.question.after.recipes, from);
                        because.push(Because::Stage {
                            stage: from.clone(),
                            name: stage.map_or_else(String::new, |stage| stage.name.clone()),
                        });
                    }
                }
                From::NamedContext(root) => because.extend(self.taken_of_named(root, step, take)),
                From::Image(_) => {}
            }
        }
        if let Some(before) = &self.before {
            let own = keys.steps[index];
            let previous = match index.checked_sub(1) {
                Some(previous) => keys.steps[previous],
                None => keys.start,
            };
            let says_else = !before.definitions.contains(&step.definition);
            let follows_else =
                !before.all.contains(&own) && before.all.contains(&previous) && !input_is_new;
            if says_else || follows_else && fate.certainty != Some(Certainty::Surely) {
                because.push(Because::Dockerfile(Certainty::Surely));
            }
        }
        if fate.certainty.is_some() && !step.is_linked() {
            because.push(Because::Before);
        }
        because.dedup();
        because
    }

    fn is_new_end(&self, stage: &StageReference) -> bool {
        let keys = self.after.stages.get(stage);
        self.before
            .as_ref()
            .zip(keys)
            .is_some_and(|(before, keys)| !before.ends.contains(&keys.end))
    }

    /// The changed files of the build context that a step takes.
    fn taken(&self, dockerfile: &Utf8Path, step: &Step, take: &Take) -> Option<Because> {
        let root = self.question.after.root(dockerfile);
        let taken = self.taken_paths(root, step, take);
        let changes = self.changed.get(dockerfile)?;
        let paths = changes
            .paths
            .iter()
            .map(|path| (root.join(path), taken.takes(path)));
        let rules = changes
            .rules
            .iter()
            .map(|file| (file.clone(), Taking::Perhaps));
        files(paths.chain(rules))
    }

    fn taken_of_named(&self, root: &Utf8Path, step: &Step, take: &Take) -> Option<Because> {
        let taken = self.taken_paths(root, step, take);
        let lets_in = |builds: &Builds<'_>, path: &Utf8Path| {
            let patterns = builds.named.get(root).and_then(|view| view.patterns);
            patterns.is_none_or(|patterns| !patterns.decide(path).ignored)
        };
        let before = self.question.before.unwrap_or(self.question.after);
        let ignore_file = root.join(".dockerignore");
        let changes = self.question.changes.iter();
        files(changes.filter_map(|change| {
            let inside = change.path.strip_prefix(root).ok()?;
            let was = change.kind != ChangeKind::Added && lets_in(&before, inside);
            let is = change.kind != ChangeKind::Removed && lets_in(&self.question.after, inside);
            let taking = if was || is {
                taken.takes(inside.as_str())
            } else {
                Taking::No
            };
            // Another ignore file may let other files in.
            let taking = match taking {
                Taking::No if change.path == ignore_file => Taking::Perhaps,
                taking => taking,
            };
            Some((change.path.clone(), taking))
        }))
    }

    /// Finds out, once for each Dockerfile, what changed in its build context.
    fn find_changes(&mut self, dockerfile: &Utf8Path) {
        if self.changed.contains_key(dockerfile) {
            return;
        }
        let question = self.question;
        let root = question.after.root(dockerfile);
        let lets_in = |builds: &Builds<'_>, path: &Utf8Path| {
            let patterns = builds.views.get(dockerfile).and_then(|view| view.patterns);
            patterns.is_none_or(|patterns| !patterns.decide(path).ignored)
        };
        let before = question.before.unwrap_or(question.after);
        let mut changed = ContextChanges::default();
        if question.before.is_none() {
            let ignore_files = dockerignore::candidates(dockerfile, root);
            let mut paths = question.changes.iter().map(|change| &change.path);
            changed.rules = paths.find(|path| ignore_files.contains(path)).cloned();
        }
        for change in question.changes {
            let Ok(path) = change.path.strip_prefix(root) else {
                continue;
            };
            let was = change.kind != ChangeKind::Added && lets_in(&before, path);
            let is = change.kind != ChangeKind::Removed && lets_in(&question.after, path);
            if was || is {
                changed.paths.push(path.to_string());
            }
        }
        let admissions = question.admissions.get(dockerfile).into_iter().flatten();
        let inside = admissions.filter_map(|change| change.path.strip_prefix(root).ok());
        changed.paths.extend(inside.map(Utf8Path::to_string));
        changed.paths.sort();
        changed.paths.dedup();
        self.changed.insert(dockerfile.to_owned(), changed);
    }

    fn taken_paths(&self, root: &Utf8Path, step: &Step, take: &Take) -> TakenPaths {
        let linked = self.question.tree.map(|tree| linked(tree, root, take));
        let literally = matches!(step.kind, StepKind::Run { .. });
        TakenPaths::new(take, &linked.unwrap_or_default(), literally)
    }

    /// The image, if it is built anew; otherwise the steps that run again for nothing.
    fn image(&self, target: &Target) -> Result<AffectedImage, Vec<AffectedStep>> {
        let recipes = self.question.after.recipes;
        let wanted = target.stages.iter().map(|stage| StageReference {
            dockerfile: target.dockerfile.clone(),
            stage: *stage,
        });
        let wanted: Vec<StageReference> = wanted.collect();
        let lineage = lineage(recipes, &wanted);
        let mut steps = Vec::new();
        for reference in reachable(recipes, wanted.iter().cloned()) {
            let fate = self.fates.get(&reference);
            let own = fate.into_iter().flat_map(|fate| &fate.steps);
            // What another stage's configuration says stays there.
            let counts = |step: &&AffectedStep| step.executed || lineage.contains(&reference);
            steps.extend(own.filter(counts).cloned());
        }
        // Other stages may run again for it, and yet nothing of that arrives.
        let ends = wanted
            .iter()
            .filter_map(|stage| self.fates.get(stage)?.certainty);
        let configured = steps.iter().filter(|step| !step.executed);
        let mut certainty = ends.chain(configured.map(|step| step.certainty)).max();
        let most = steps.iter().map(|step| step.certainty).max();
        let first = steps.iter().find(|step| Some(step.certainty) == most);
        let mut reason = first.map(AffectedStep::reason);
        if certainty != Some(Certainty::Surely) && wanted.iter().any(|stage| self.lost(stage)) {
            certainty = Some(Certainty::Surely);
            reason = Some("an instruction is gone".to_owned());
        }
        let (Some(certainty), Some(reason)) = (certainty, reason) else {
            return Err(steps);
        };
        Ok(AffectedImage {
            name: target.name.clone(),
            dockerfile: target.dockerfile.clone(),
            certainty,
            reason,
            steps,
        })
    }

    /// Whether a stage ends otherwise than any stage did before, be it that a step is gone.
    fn lost(&self, reference: &StageReference) -> bool {
        let keys = self.after.stages.get(reference);
        self.before
            .as_ref()
            .zip(keys)
            .is_some_and(|(before, keys)| {
                // What stands on a stage that may be the same is told apart by its steps.
                let fate = self.fates.get(reference);
                let is_told = fate.is_some_and(|fate| fate.certainty.is_some());
                !is_told && !before.ends.contains(&keys.end)
                    || !before
                        .final_configurations
                        .contains(&keys.final_configuration)
            })
    }
}

impl Because {
    pub(super) fn certainty(&self) -> Certainty {
        match self {
            Self::Files { certainty, .. } | Self::Dockerfile(certainty) => *certainty,
            Self::Stage { .. } | Self::Everything(_) | Self::Before => Certainty::Perhaps,
        }
    }

    /// As what is before it in its stage lets it be.
    fn certainty_after(&self, fate: &Fate) -> Certainty {
        match self {
            Self::Before => fate.certainty.unwrap_or(Certainty::Perhaps),
            other => other.certainty(),
        }
    }
}

fn line(location: &crate::source::Location) -> usize {
    location.source.line_column(location.span.start).line
}

fn files(taken: impl Iterator<Item = (Utf8PathBuf, Taking)>) -> Option<Because> {
    let mut taken: Vec<(Utf8PathBuf, Taking)> =
        taken.filter(|(_, taking)| *taking != Taking::No).collect();
    // What is certain comes first.
    taken.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    taken.dedup();
    let certainty = match taken.first()?.1 {
        Taking::Yes => Certainty::Surely,
        Taking::No | Taking::Perhaps => Certainty::Perhaps,
    };
    let count = taken.len();
    let paths = taken.into_iter().take(MAX_PATHS);
    Some(Because::Files {
        paths: paths.map(|(path, _)| path).collect(),
        count,
        certainty,
    })
}

/// The stages that some stages start from, they themselves included.
fn lineage(
    recipes: &BTreeMap<Utf8PathBuf, Recipe>,
    stages: &[StageReference],
) -> BTreeSet<StageReference> {
    let mut lineage = BTreeSet::new();
    for first in stages {
        let mut at = Some(first);
        while let Some(reference) = at {
            if !lineage.insert(reference.clone()) {
                break;
            }
            at = match stage(recipes, reference).map(|stage| &stage.base) {
                Some(Base::Stage(base)) => Some(base),
                _ => None,
            };
        }
    }
    lineage
}
