//! Which steps run again after a change: what `BuildKit`'s cache does, told beforehand.
//!
//! A step is taken from the cache if it says the same as before, stands on the same steps and takes files of the same
//! content. So an edit of a file runs the first `COPY` again that takes it, and all that stands on that. What is copied
//! from another stage is looked at once that stage is there: only if its files differ, the copy runs again.
//!
//! The state before is known from git ([`Question::before`]); without it every word of a changed Dockerfile may be new.

mod keys;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use camino::{Utf8Path, Utf8PathBuf};

use self::keys::{Keys, StageKeys, is_linked, order, reachable, stage, takes};
use super::folders::Kind;
use super::recipe::{Base, Definition, From, Recipe, Stage, StageReference, Step, StepKind, Take};
use super::taking::{TakenPaths, Taking, linked};
use super::tree::Tree;
use super::walk::View;
use crate::dockerignore;

/// More paths are counted, but not named.
const MAX_PATHS: usize = 20;

/// A path that changed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Change {
    /// From the repository's root.
    pub path: Utf8PathBuf,
    /// How.
    pub kind: ChangeKind,
}

/// How a path changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ChangeKind {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// Its content is another.
    Edited,
    /// Its permissions are others, which belong to the key as the content does.
    Mode,
}

/// An image, or whatever else is built of a Dockerfile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// What it is called.
    pub name: String,
    /// From the repository's root.
    pub dockerfile: Utf8PathBuf,
    /// The stages that are asked for.
    pub stages: Vec<usize>,
}

/// All that is built in a repository, at one time.
#[derive(Clone, Copy, Debug)]
pub struct Builds<'a> {
    /// By Dockerfile.
    pub recipes: &'a BTreeMap<Utf8PathBuf, Recipe>,
    /// The build context of each Dockerfile; the repository's root without an ignore file where none is given.
    pub views: &'a BTreeMap<Utf8PathBuf, View<'a>>,
}

/// What changed, and of what one wants to know whether it is affected.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// Before the change; `None` if nobody knows.
    pub before: Option<Builds<'a>>,
    /// After it.
    pub after: Builds<'a>,
    /// Of what one wants to know.
    pub targets: &'a [Target],
    /// The files that changed. Dockerfiles and ignore files are files, too: a context can hold them.
    pub changes: &'a [Change],
    /// By Dockerfile, files that stayed as they are and that a changed ignore file lets in or leaves out: see
    /// [`admission_changes`].
    pub admissions: &'a BTreeMap<Utf8PathBuf, Vec<Change>>,
    /// What is there after the change, for the symbolic links among the sources.
    pub tree: Option<&'a Tree>,
    /// Files whose change may change anything, such as a manifest of which nobody knows what it said before.
    pub everything: &'a [Utf8PathBuf],
}

/// The answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Affected {
    /// Those that are built anew, in the order of the targets.
    pub images: Vec<AffectedImage>,
}

/// An image that is built anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AffectedImage {
    /// What it is called.
    pub name: String,
    /// Its Dockerfile.
    pub dockerfile: Utf8PathBuf,
    /// Whether it surely is.
    pub certainty: Certainty,
    /// Why, in words.
    pub reason: String,
    /// The steps that run again, those of a stage before those of the stages that need it.
    pub steps: Vec<AffectedStep>,
}

/// A step that is not taken from the cache.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AffectedStep {
    /// Its stage.
    pub stage: StageReference,
    /// The stage's name, or its index as text.
    pub stage_name: String,
    /// Its place in the stage, from 1; 0 is `FROM`.
    pub step: usize,
    /// Where it stands: that of a trigger (`ONBUILD`) is in another stage.
    pub dockerfile: Utf8PathBuf,
    /// From 1.
    pub line: usize,
    /// On one line, as it is written.
    pub text: String,
    /// It is carried out; otherwise it changes the image's configuration alone.
    pub executed: bool,
    /// Whether it surely is not taken from the cache.
    pub certainty: Certainty,
    /// Why; never empty.
    pub because: Vec<Because>,
}

/// Whether something surely runs again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Certainty {
    /// If a step that runs again has another outcome than before, or if something is taken of which nobody knows what
    /// it is.
    Perhaps,
    /// It does.
    Surely,
}

/// Why a step runs again.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Because {
    /// It takes files that changed.
    Files {
        /// The first of them, from the repository's root.
        paths: Vec<Utf8PathBuf>,
        /// How many there are.
        count: usize,
        /// It surely takes them.
        certainty: Certainty,
    },
    /// It says something else than before, or may do so.
    Dockerfile(Certainty),
    /// It takes files of a stage that is built anew: it runs again if those differ.
    Stage {
        /// The stage.
        stage: StageReference,
        /// Its name, or its index as text.
        name: String,
    },
    /// A step before it in its stage, or the stage it starts from, runs again.
    Before,
    /// A file changed that may change anything.
    Everything(Utf8PathBuf),
}

impl Builds<'_> {
    /// The build context of a Dockerfile.
    fn root(&self, dockerfile: &Utf8Path) -> &Utf8Path {
        let view = self.views.get(dockerfile);
        view.map_or(Utf8Path::new(""), |view| view.root)
    }
}

/// The files that one view of a tree lets through and another does not, as if they were added or removed. Views are
/// given by their place in the walk.
#[must_use]
pub fn admission_changes(tree: &Tree, before: usize, after: usize) -> Vec<Change> {
    let mut changes = Vec::new();
    for node in tree.nodes() {
        // A folder counts for what is in it.
        if tree.kind(node) == Kind::Folder && tree.children(node).next().is_some() {
            continue;
        }
        let kind = match (tree.admits(before, node), tree.admits(after, node)) {
            (true, false) => ChangeKind::Removed,
            (false, true) => ChangeKind::Added,
            _ => continue,
        };
        changes.push(Change {
            path: tree.path(node),
            kind,
        });
    }
    changes.sort();
    changes
}

/// Answers.
#[must_use]
pub fn affected(question: &Question<'_>) -> Affected {
    let mut forecast = Forecast {
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
    let images = question.targets.iter();
    Affected {
        images: images.filter_map(|target| forecast.image(target)).collect(),
    }
}

struct Forecast<'q> {
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

/// What becomes of a stage.
#[derive(Clone, Debug, Default)]
struct Fate {
    /// Those of its own steps that are affected.
    steps: Vec<AffectedStep>,
    /// Whether its end is built anew.
    certainty: Option<Certainty>,
    /// What of it can differ.
    touched: Touched,
}

/// Paths of a stage that can differ from before.
#[derive(Clone, Debug, Default)]
enum Touched {
    #[default]
    Nothing,
    /// What is at and below these, absolute.
    Below(BTreeSet<String>),
    Anything,
}

impl Touched {
    fn below(&mut self, path: &str) {
        match self {
            Self::Nothing => *self = Self::Below(BTreeSet::from([path.to_owned()])),
            Self::Below(paths) => {
                paths.insert(path.to_owned());
            }
            Self::Anything => {}
        }
    }

    /// Whether something that is taken from here can differ.
    fn reaches(&self, take: &Take) -> bool {
        match self {
            Self::Nothing => false,
            Self::Anything => true,
            Self::Below(_) if take.unknown => true,
            Self::Below(paths) => take.sources.iter().any(|source| {
                // Up to its first wildcard a source is a path; a link may lead elsewhere, which only a build knows.
                let literal = source.path.split('/');
                let literal = literal.take_while(|part| !part.contains(['*', '?', '[', '\\']));
                let literal: String = literal
                    .filter(|part| *part != ".")
                    .flat_map(|part| ["/", part])
                    .collect();
                let source = literal.trim_end_matches('/');
                paths
                    .iter()
                    .any(|path| is_within(path, source) || is_within(source, path))
            }),
        }
    }
}

/// `path` is `folder` or below it; neither ends with a slash, and the root is empty or `/`.
fn is_within(path: &str, folder: &str) -> bool {
    let rest = path.strip_prefix(folder.trim_end_matches('/'));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

impl Forecast<'_> {
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
        if fate.certainty.is_some() && !is_linked(step) {
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
        let changes = self.question.changes.iter();
        files(changes.filter_map(|change| {
            let inside = change.path.strip_prefix(root).ok()?;
            Some((change.path.clone(), taken.takes(inside.as_str())))
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
            let mut changes = question.changes.iter().map(|change| &change.path);
            changed.rules = changes.find(|path| ignore_files.contains(path)).cloned();
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

    fn image(&self, target: &Target) -> Option<AffectedImage> {
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
        Some(AffectedImage {
            name: target.name.clone(),
            dockerfile: target.dockerfile.clone(),
            certainty: certainty?,
            reason: reason?,
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

impl Fate {
    /// What a stage that starts from this one begins with.
    fn inherited(&self) -> Self {
        Self {
            steps: Vec::new(),
            certainty: self.certainty,
            touched: self.touched.clone(),
        }
    }

    /// Keeps in mind what of the stage can differ once a step is carried out again.
    fn touch(&mut self, step: &Step, because: &[Because]) {
        let is_new_text = because
            .iter()
            .any(|why| matches!(why, Because::Dockerfile(_) | Because::Everything(_)));
        let takes_new = because
            .iter()
            .any(|why| matches!(why, Because::Files { .. } | Because::Stage { .. }));
        match &step.kind {
            _ if is_new_text => self.touched = Touched::Anything,
            StepKind::Run { .. } => self.touched = Touched::Anything,
            StepKind::Copy { destination, .. } if takes_new => match destination {
                Some(path) => self.touched.below(path),
                None => self.touched = Touched::Anything,
            },
            // The same files once more.
            StepKind::Copy { .. } | StepKind::Other => {}
        }
    }
}

impl Because {
    fn certainty(&self) -> Certainty {
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

impl AffectedStep {
    /// Why it runs again, in words.
    #[must_use]
    pub fn reason(&self) -> String {
        let is_sure = |because: &&Because| {
            matches!(because, Because::Before) || because.certainty() == self.certainty
        };
        let because = self.because.iter().find(is_sure);
        because
            .or(self.because.first())
            .map_or_else(String::new, ToString::to_string)
    }
}

impl fmt::Display for Because {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Files {
                paths,
                count,
                certainty,
            } => {
                f.write_str(match certainty {
                    Certainty::Surely => "takes ",
                    Certainty::Perhaps => "may take other files than before, by ",
                })?;
                f.write_str(paths.first().map_or("", |path| path.as_str()))?;
                match count.saturating_sub(1) {
                    0 => Ok(()),
                    more => write!(f, " and {more} more"),
                }
            }
            Self::Dockerfile(Certainty::Surely) => f.write_str("says something else than before"),
            Self::Dockerfile(Certainty::Perhaps) => {
                f.write_str("may say something else than before")
            }
            Self::Stage { name, .. } => {
                write!(f, "takes from stage {name}, if what that makes differs")
            }
            Self::Before => f.write_str("stands on a step that runs again"),
            Self::Everything(path) => write!(f, "{path} may change it"),
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
