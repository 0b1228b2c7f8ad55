//! What would have kept more of a build cached.
//!
//! Nothing is advised that cannot be foretold: the builds are taken as they would be with the advice followed, and the
//! edit is foretold for them once more. What no such change helps is needed.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};

use super::file_kind::{FileKind, file_kind, ignore_pattern};
use super::forecast::{Forecast, Rerun, World, forecast};
use crate::context::{
    Because, Builds, Change, Definition, From, Recipe, Source, StageReference, Step, StepKind,
    StepReference, Target,
};

/// What to do about a step that runs again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// Nothing: what changed is what the step is made of.
    Needed,
    /// Leave such files out of the build context.
    Ignore {
        /// The pattern for the ignore file.
        pattern: String,
    },
    /// Copy the manifests and install before the rest is copied.
    Split {
        /// The manifests and lockfiles.
        manifests: Vec<Utf8PathBuf>,
        /// The line of the installation.
        install: usize,
    },
    /// Declare an argument behind the step.
    DeclareLater {
        /// The argument.
        argument: String,
    },
    /// Let a `COPY` into an image stand on nothing, so that its layer stays when what it is laid upon changes.
    Link,
    /// Keep what an installation downloads in a cache mount: it runs again, but faster.
    CacheMount,
}

/// What is said about a step that runs again because of the edit itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Advice {
    /// The step.
    pub step: StepReference,
    /// What to do.
    pub remedy: Remedy,
    /// The share of the whole build that stays cached at least, in percent: as it is.
    pub before: f64,
    /// The same once the advice is followed; `None` where it changes no rate, or nothing can be done.
    pub after: Option<f64>,
}

/// Commands that install what manifests name.
const INSTALLS: &[&str] = &[
    "bun install",
    "bundle install",
    "cargo fetch",
    "composer install",
    "dotnet restore",
    "go mod download",
    "npm ci",
    "npm i",
    "npm install",
    "pip install -r",
    "pip3 install -r",
    "pipenv install",
    "pnpm i",
    "pnpm install",
    "poetry install",
    "uv sync",
    "yarn install",
];

/// Commands that read tests.
const TEST_RUNNERS: &[&str] = &[
    "cargo test",
    "go test",
    "gradle",
    "jest",
    "mvn",
    "npm run test",
    "npm test",
    "nx run-many",
    "nx test",
    "playwright",
    "pnpm test",
    "pytest",
    "vitest",
    "yarn test",
];

impl Advice {
    /// In words, as a clause.
    #[must_use]
    pub fn told(&self) -> String {
        match &self.remedy {
            Remedy::Needed => "needed: the step is made of what changed".to_owned(),
            Remedy::Ignore { pattern } => format!(
                "`{pattern}` in the ignore file keeps such files out, if no step of the build reads them"
            ),
            Remedy::Split { manifests, install } => {
                let names: Vec<&str> = manifests.iter().map(|path| path.as_str()).collect();
                format!(
                    "copy {} first, install (line {install}), and copy the rest behind that",
                    names.join(" and ")
                )
            }
            Remedy::DeclareLater { argument } => {
                format!("declare `ARG {argument}` behind this step, which does not use it")
            }
            Remedy::Link => {
                "`COPY --link` does not stand on the steps before it: the layer stays, and is not pushed again".to_owned()
            }
            Remedy::CacheMount => {
                "needed; a cache mount keeps what was downloaded, so that it takes less time".to_owned()
            }
        }
    }

    /// Whether something can be done that keeps more cached.
    #[must_use]
    pub fn is_avoidable(&self) -> bool {
        self.after.is_some()
    }
}

/// Says something about each step that runs again because of the edit itself, and about installations. `arguments` are the
/// build arguments that differ for each commit.
#[must_use]
pub fn advise(
    world: &World<'_>,
    changes: &[Change],
    found: &Forecast,
    arguments: &[&str],
) -> Vec<Advice> {
    let mut advice = Vec::new();
    for rerun in &found.reruns {
        let advised = if rerun.is_cause() {
            Some(about_cause(world, changes, found, rerun, arguments))
        } else if is_install(&rerun.text) && !rerun.text.contains("type=cache") {
            Some((Remedy::CacheMount, None))
        } else {
            linked(world, changes, found, rerun)
        };
        if let Some((remedy, after)) = advised {
            advice.push(Advice {
                step: rerun.step.clone(),
                remedy,
                before: found.rate.percent(),
                after,
            });
        }
    }
    advice
}

fn about_cause(
    world: &World<'_>,
    changes: &[Change],
    found: &Forecast,
    rerun: &Rerun,
    arguments: &[&str],
) -> (Remedy, Option<f64>) {
    let before = found.rate.percent();
    let better = |share: f64| Some(share).filter(|share| *share > before);
    if rerun.files().next().is_some() {
        if let Some((pattern, left)) = left_out(changes, found, rerun)
            && let Some(after) = better(forecast(world, &left).rate.percent())
        {
            return (Remedy::Ignore { pattern }, Some(after));
        }
        if let Some(split) = split(world, rerun)
            && let Some(after) = better(share_with(world, &split.recipes, changes))
        {
            let remedy = Remedy::Split {
                manifests: split.manifests,
                install: split.install,
            };
            return (remedy, Some(after));
        }
    }
    let is_text = |why: &Because| matches!(why, Because::Dockerfile(_));
    if rerun.because.iter().any(is_text)
        && let Some((argument, recipes)) = declared_later(world, rerun, arguments)
        && let Some(after) = better(share_with(world, &recipes, changes))
    {
        return (Remedy::DeclareLater { argument }, Some(after));
    }
    if is_install(&rerun.text) && !rerun.text.contains("type=cache") {
        return (Remedy::CacheMount, None);
    }
    (Remedy::Needed, None)
}

/// Of a `COPY` of an image's own stage that stands on a step that runs again and takes nothing new itself.
fn linked(
    world: &World<'_>,
    changes: &[Change],
    found: &Forecast,
    rerun: &Rerun,
) -> Option<(Remedy, Option<f64>)> {
    let stage = &rerun.step.stage;
    let is_last = |target: &Target| {
        target.dockerfile == stage.dockerfile && target.stages.contains(&stage.stage)
    };
    let is_before = rerun.because.iter().all(|why| *why == Because::Before);
    // Where the Dockerfile itself changed, nobody writes it anew for that.
    let is_same = std::ptr::eq(world.before.recipes, world.after.recipes);
    if !is_before || !is_same || !world.targets.iter().any(is_last) {
        return None;
    }
    let mut steps = world
        .after
        .recipes
        .get(&stage.dockerfile)?
        .stages
        .get(stage.stage)?
        .steps
        .clone();
    let step = steps.get_mut(rerun.step.step.checked_sub(1)?)?;
    // A name of an account is looked up in what is there before, which such a step does not see.
    if step.is_linked() || !rerun.text.starts_with("COPY ") || has_named_owner(&rerun.text) {
        return None;
    }
    step.text = step.text.replacen("COPY ", "COPY --link ", 1);
    let after = share_with(world, &replaced(world.after.recipes, stage, steps), changes);
    (after > found.rate.percent()).then_some((Remedy::Link, Some(after)))
}

/// Whether a `COPY` gives its files to an account that it calls by name, or by a variable.
fn has_named_owner(text: &str) -> bool {
    let mut owners = text
        .split_whitespace()
        .filter_map(|word| word.strip_prefix("--chown="));
    owners.any(|owner| !owner.chars().all(|c| c.is_ascii_digit() || c == ':'))
}

/// A pattern for files that a build seldom wants, and the changes that are left with it.
fn left_out(changes: &[Change], found: &Forecast, rerun: &Rerun) -> Option<(String, Vec<Change>)> {
    let is_of = |kind: FileKind| rerun.files().all(|path| file_kind(path) == kind);
    let runs = || {
        found
            .reruns
            .iter()
            .filter(|rerun| rerun.text.starts_with("RUN"))
    };
    let kind = if is_of(FileKind::Test) {
        // A build that runs its tests needs them.
        let reads = |rerun: &Rerun| {
            TEST_RUNNERS
                .iter()
                .any(|runner| rerun.text.contains(runner))
        };
        if runs().any(reads) {
            return None;
        }
        FileKind::Test
    } else if is_of(FileKind::Documentation) {
        FileKind::Documentation
    } else {
        return None;
    };
    let pattern = ignore_pattern(rerun.files().next()?);
    let left = changes
        .iter()
        .filter(|change| file_kind(&change.path) != kind);
    Some((pattern, left.cloned().collect()))
}

/// Builds with the manifests copied first.
struct Split {
    recipes: BTreeMap<Utf8PathBuf, Recipe>,
    manifests: Vec<Utf8PathBuf>,
    install: usize,
}

fn split(world: &World<'_>, rerun: &Rerun) -> Option<Split> {
    let stage = &rerun.step.stage;
    let recipe = world.after.recipes.get(&stage.dockerfile)?;
    let steps = &recipe.stages.get(stage.stage)?.steps;
    let at = rerun.step.step.checked_sub(1)?;
    let StepKind::Copy { take, .. } = &steps.get(at)?.kind else {
        return None;
    };
    if take.from != From::Context {
        return None;
    }
    let later = steps.iter().enumerate().skip(at + 1);
    let mut later = later.filter(|(_, step)| matches!(step.kind, StepKind::Run { .. }));
    let (install, step) = later.find(|(_, step)| is_install(&step.text))?;
    let line = step
        .location
        .source
        .line_column(step.location.span.start)
        .line;
    let manifests = manifests(world, &stage.dockerfile, take);
    let is_manifest =
        |path: &Utf8PathBuf| matches!(file_kind(path), FileKind::Manifest | FileKind::Lockfile);
    if manifests.is_empty() || rerun.files().any(is_manifest) {
        return None;
    }
    let location = &take.sources.first()?.location;
    let mut first = steps[at].clone();
    let text = format!("COPY {}", join(&manifests));
    first.definition = Definition::Executed(text.clone());
    first.text = text;
    if let StepKind::Copy { take, .. } = &mut first.kind {
        take.sources = manifests
            .iter()
            .map(|path| Source {
                path: path.to_string(),
                location: location.clone(),
            })
            .collect();
        take.unknown = false;
    }
    let mut changed = steps.clone();
    let moved = changed.remove(install);
    changed.splice(at..at, [first, moved]);
    Some(Split {
        recipes: replaced(world.after.recipes, stage, changed),
        manifests,
        install: line,
    })
}

fn join(paths: &[Utf8PathBuf]) -> String {
    let names: Vec<&str> = paths.iter().map(|path| path.as_str()).collect();
    names.join(" ")
}

/// The manifests and lockfiles that a step takes, from the context's root.
fn manifests(
    world: &World<'_>,
    dockerfile: &Utf8Path,
    take: &crate::context::Take,
) -> Vec<Utf8PathBuf> {
    let Some(view) = world.after.views.get(dockerfile) else {
        return Vec::new();
    };
    let taken = crate::context::TakenPaths::new(take, &[], false);
    let tree = world.tree;
    let mut found = Vec::new();
    for node in tree.nodes() {
        if tree.kind(node) != crate::context::Kind::File {
            continue;
        }
        let path = tree.path(node);
        let Ok(inside) = path.strip_prefix(view.root) else {
            continue;
        };
        let is_there = view
            .patterns
            .is_none_or(|patterns| !patterns.decide(inside).ignored);
        let is_manifest = matches!(file_kind(inside), FileKind::Manifest | FileKind::Lockfile);
        if is_manifest && is_there && taken.takes(inside.as_str()) == crate::context::Taking::Yes {
            found.push(inside.to_owned());
        }
    }
    found.sort();
    found
}

/// Builds in which steps that do not name an argument of commits do not see it.
fn declared_later(
    world: &World<'_>,
    rerun: &Rerun,
    arguments: &[&str],
) -> Option<(String, BTreeMap<Utf8PathBuf, Recipe>)> {
    let stage = &rerun.step.stage;
    let steps = |builds: &Builds<'_>| -> Option<Vec<Step>> {
        let recipe = builds.recipes.get(&stage.dockerfile)?;
        Some(recipe.stages.get(stage.stage)?.steps.clone())
    };
    let (before, mut after) = (steps(&world.before)?, steps(&world.after)?);
    let declared = after.iter().take(rerun.step.step).find_map(|step| {
        let mut words = step.text.split_whitespace();
        let is_argument = words
            .next()
            .is_some_and(|word| word.eq_ignore_ascii_case("ARG"));
        let mut names = words.map(|word| word.split('=').next().unwrap_or(word));
        let name = is_argument.then(|| names.find(|name| arguments.contains(name)))??;
        Some(name.to_owned())
    })?;
    // As it is written: a variable that is made of the argument hides it.
    let uses = |text: &str| {
        text.contains(&format!("${declared}")) || text.contains(&format!("${{{declared}"))
    };
    if uses(&rerun.text) || before.len() != after.len() {
        return None;
    }
    for (step, former) in after.iter_mut().zip(&before) {
        if step.text == former.text && !uses(&step.text) {
            step.definition = former.definition.clone();
        }
    }
    let recipes = replaced(world.after.recipes, stage, after);
    Some((declared, recipes))
}

fn replaced(
    recipes: &BTreeMap<Utf8PathBuf, Recipe>,
    stage: &StageReference,
    steps: Vec<Step>,
) -> BTreeMap<Utf8PathBuf, Recipe> {
    let mut recipes = recipes.clone();
    if let Some(recipe) = recipes.get_mut(&stage.dockerfile)
        && let Some(stage) = recipe.stages.get_mut(stage.stage)
    {
        stage.steps = steps;
    }
    recipes
}

/// The share that stays cached once an advice is followed.
fn share_with(
    world: &World<'_>,
    recipes: &BTreeMap<Utf8PathBuf, Recipe>,
    changes: &[Change],
) -> f64 {
    // An edit of files leaves the Dockerfiles alone, so they are the same before.
    let is_same = std::ptr::eq(world.before.recipes, world.after.recipes);
    let before = if is_same {
        recipes
    } else {
        world.before.recipes
    };
    let advised = World {
        before: Builds {
            recipes: before,
            ..world.before
        },
        after: Builds {
            recipes,
            ..world.after
        },
        ..*world
    };
    forecast(&advised, changes).rate.percent()
}

/// Whether a step installs what manifests name.
fn is_install(text: &str) -> bool {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    text.starts_with("RUN")
        && INSTALLS.iter().any(|command| {
            text.match_indices(command).any(|(at, _)| {
                let before = text[..at].chars().next_back();
                let after = text[at + command.len()..].chars().next();
                let is_end = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric() && c != '-');
                is_end(before) && is_end(after)
            })
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn owners_are_told_by_number_or_by_name() {
        for (text, expected) in [
            ("COPY --chown=1001:1001 a /a", false),
            ("COPY a /a", false),
            ("COPY --chown=node a /a", true),
            ("COPY --chown=${USER}:1 a /a", true),
        ] {
            assert_eq!(has_named_owner(text), expected, "{text}");
        }
    }

    #[test]
    fn installations_are_told_by_whole_words() {
        for (text, expected) in [
            ("RUN npm ci --omit=dev", true),
            (
                "RUN --mount=type=cache,target=/x cd a && pip install -r r.txt",
                true,
            ),
            ("RUN pnpm install", true),
            ("RUN npm circle", false),
            ("RUN npm-ci", false),
            ("COPY npm ci", false),
        ] {
            assert_eq!(is_install(text), expected, "{text}");
        }
    }
}
