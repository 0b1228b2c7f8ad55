//! A Dockerfile as rules see it: stages, steps, and what is known at each moment of the build.
//!
//! Facts are recorded once, as they change; a [`Moment`] looks them up, through parent stages, through other
//! Dockerfiles of the repository, down to what is known about common base images. What is not known is
//! [`Known::Unknown`]: a rule must not guess.

mod accounts;
mod base_image;
mod base_images;
mod contents;
mod declarations;
mod distributions;
mod effects;
mod facts;
mod installed;
mod knowledge;
mod moment;
mod other_registries;
mod paths;
mod programs;
mod recording;
mod reference;
mod steps;
#[cfg(test)]
mod tests;
mod unix_runs;
mod variables;

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

pub use base_image::BaseFacts;
pub(super) use base_image::external_bases;
pub use effects::{Created, Effects, Removed};
pub use knowledge::{Account, Inherited, Known, Origin, Package, ShellKind, Variable};
pub use moment::Moment;
pub use steps::{StageModel, Step};

use self::declarations::Declarations;
use self::facts::StageFacts;
use self::steps::Steps;
use self::unix_runs::UnixRuns;
use self::variables::Globals;
use crate::dockerfile::{Dockerfile, StageGraph};
use crate::lint::packages::CallWords;
use crate::shell::{Invocation, Script};

/// A Dockerfile with all that can be known about it without building it.
#[derive(Debug)]
pub struct Model {
    /// The file.
    pub file: Arc<Dockerfile>,
    /// Its stages and what they need.
    pub graph: Arc<StageGraph>,
    /// Build arguments that are set from outside, and the platform's.
    pub arguments: Arc<BTreeMap<String, String>>,
    /// What each stage starts from.
    pub parents: Arc<Vec<Parent>>,
    /// By stage, the stage of this file that it starts from in the end, which may be itself.
    roots: Arc<Vec<usize>>,
    /// By stage, then by step; read when somebody asks.
    scripts: Vec<Vec<OnceLock<StepScript>>>,
    globals: Arc<Globals>,
    /// By stage.
    facts: Arc<Vec<StageFacts>>,
    /// By stage, what the shell is before each step and at the end.
    shells: Arc<Vec<Vec<ShellKind>>>,
    declarations: OnceLock<Declarations>,
    /// By stage and step, the `RUN`s that no shell of Windows runs: most rules go through them.
    unix_runs: OnceLock<UnixRuns>,
}

/// What a stage starts from.
#[derive(Clone, Debug)]
pub enum Parent {
    /// `FROM scratch`.
    Scratch,
    /// An earlier stage of the file.
    Stage(usize),
    /// A stage of another Dockerfile of this repository.
    Own {
        /// The other file.
        model: Arc<Model>,
        /// Its stage.
        stage: usize,
    },
    /// An image from outside, with what is known about it.
    Image(Box<BaseFacts>),
}

/// The shell text of one step, read once.
#[derive(Debug, Default)]
struct StepScript {
    scripts: Vec<Script>,
    invocations: Vec<Invocation>,
    /// Which of the invocations call a package manager, and how: some forty rules ask.
    calls: Vec<(usize, CallWords)>,
}

/// Finds the stage of this repository that an image reference means.
pub type Resolve<'r> = &'r dyn Fn(&str) -> Option<(Arc<Model>, usize)>;

impl Model {
    /// Reads a file's meaning. `arguments` are build arguments from outside and the platform's; `resolve` knows the
    /// other Dockerfiles of the repository.
    #[must_use]
    pub fn new(
        file: Dockerfile,
        arguments: BTreeMap<String, String>,
        resolve: Resolve<'_>,
    ) -> Self {
        Self::read(file, Arc::new(arguments), resolve).unread()
    }

    /// As [`Model::new`], with the shell text that was read for it.
    pub(super) fn read(
        file: Dockerfile,
        arguments: Arc<BTreeMap<String, String>>,
        resolve: Resolve<'_>,
    ) -> Self {
        let graph = file.graph(&arguments);
        let globals = Globals::new(&file, &arguments);
        let parents = base_image::parents(&file, &graph, &globals, resolve);
        let mut model = Self {
            facts: Arc::new(Vec::with_capacity(file.stages.len())),
            shells: Arc::default(),
            scripts: steps::unread(&file),
            file: Arc::new(file),
            graph: Arc::new(graph),
            arguments,
            roots: Arc::new(roots(&parents)),
            parents: Arc::new(parents),
            globals: Arc::new(globals),
            declarations: OnceLock::new(),
            unix_runs: OnceLock::new(),
        };
        recording::record(&mut model);
        model.shells = Arc::new(recording::shells(&model));
        model
    }

    /// The same without the shell text that was read: most of a model's memory. It is read again when somebody asks.
    #[must_use]
    pub fn unread(&self) -> Self {
        Self {
            file: Arc::clone(&self.file),
            graph: Arc::clone(&self.graph),
            arguments: Arc::clone(&self.arguments),
            parents: Arc::clone(&self.parents),
            roots: Arc::clone(&self.roots),
            scripts: steps::unread(&self.file),
            globals: Arc::clone(&self.globals),
            facts: Arc::clone(&self.facts),
            shells: Arc::clone(&self.shells),
            declarations: OnceLock::new(),
            unix_runs: OnceLock::new(),
        }
    }

    /// The stages, in order.
    pub fn stages(&self) -> impl Iterator<Item = StageModel<'_>> {
        (0..self.file.stages.len()).map(|index| StageModel { model: self, index })
    }

    /// A text of a `FROM` with the global arguments replaced; unknown if one of them has no value here.
    #[must_use]
    pub fn expand_global(&self, text: &str) -> Known<String> {
        self.globals.expand(text, self.file.escape)
    }

    /// The steps of all stages, in order.
    pub fn steps(&self) -> impl Iterator<Item = Step<'_>> {
        Steps::of(self)
    }

    /// The stage that is built unless another is asked for.
    #[must_use]
    pub fn final_stage(&self) -> Option<StageModel<'_>> {
        self.stages().last()
    }
}

/// By stage, where its line of parents begins. A parent stands before its heirs.
fn roots(parents: &[Parent]) -> Vec<usize> {
    let mut roots: Vec<usize> = Vec::with_capacity(parents.len());
    for (index, parent) in parents.iter().enumerate() {
        let root = match parent {
            Parent::Stage(parent) => roots.get(*parent).copied(),
            Parent::Scratch | Parent::Own { .. } | Parent::Image(_) => None,
        };
        roots.push(root.unwrap_or(index));
    }
    roots
}
