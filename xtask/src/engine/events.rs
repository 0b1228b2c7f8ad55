//! What BuildKit tells while it builds, as typed events.
//!
//! `docker buildx bake --progress=rawjson` writes one JSON object per line to standard error; between them stand
//! plain lines of buildx itself (errors, the excerpt of the Dockerfile that failed). [`Stream`] turns lines into
//! [`BuildEvent`]s, [`Collector`] keeps count and ends in a [`Summary`], `crate::progress` shows it.
//!
//! Seen on buildx 0.29.1 with Docker 28.5.2 and relied on here:
//! - A step that several targets need is reported once per target, with the same digest and the target's own name in
//!   front. Its log comes once, known by the digest only.
//! - All steps of a target are announced before the first one starts, so totals are exact without the Dockerfile.
//!   `m` of `n/m` counts `FROM` even where a named context replaces it and no such step exists.
//! - One step may be reported under two digests (once its inputs are known BuildKit finds it equal to a running
//!   one); the second is then marked cached although the work was done. Steps are therefore told apart by target,
//!   platform, stage, number and text, and count as cached only if none of their digests was executed.
//! - A bake of a single target has no target names at all.

use std::sync::Arc;
use std::time::Duration;

mod excerpt;
mod logs;
mod name;
mod stream;
mod summary;
mod tally;
mod time;
mod wire;

pub use excerpt::Excerpt;
pub use logs::LogStore;
pub use stream::Stream;
pub use summary::{Collector, Failure, Outcome, Summary, TargetSummary};
pub use tally::{ExpectedStep, Progress, Step, StepKey, StepState, Tally};
pub use time::Timestamp;

/// What a vertex of the build graph does.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum VertexKind {
    /// An instruction of a Dockerfile that does work: `RUN`, `COPY`, `ADD`, `WORKDIR`.
    Step(Position),
    /// A `FROM` that fetches an image. Not counted as a step: it exists only where no named context replaces it.
    Base(Position),
    /// BuildKit's own work, such as loading the build context.
    Internal,
    /// A named context.
    Context,
    /// Authentication with a registry.
    Auth,
    /// Writing the result: exporting, pushing, cache export.
    Export,
    /// Anything else.
    Other,
}

/// Where an instruction stands: `stage n/m`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// The stage, as BuildKit calls it (`stage-1` if unnamed among several, `None` if it is the only one).
    pub stage: Option<String>,
    /// From 1.
    pub index: u32,
    /// How many the stage has; a replaced `FROM` is counted in.
    pub total: u32,
}

/// A node of the build graph as one target sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vertex {
    /// BuildKit's digest; the same for every target that shares it.
    pub digest: String,
    /// The bake target, `None` if only one is built without its name being known.
    pub target: Option<String>,
    /// Given in multi-platform builds, such as `linux/arm64` or `linux/amd64->arm64`.
    pub platform: Option<String>,
    /// What it does.
    pub kind: VertexKind,
    /// The instruction with variables expanded, or BuildKit's description.
    pub text: String,
}

impl Vertex {
    /// The place in the Dockerfile, for instructions that do work.
    #[must_use]
    pub fn step(&self) -> Option<&Position> {
        match &self.kind {
            VertexKind::Step(position) => Some(position),
            _ => None,
        }
    }

    /// `stage n/m` or `n/m`; empty for what is no instruction.
    #[must_use]
    pub fn place(&self) -> String {
        match &self.kind {
            VertexKind::Step(position) | VertexKind::Base(position) => position.to_string(),
            _ => String::new(),
        }
    }
}

impl std::fmt::Display for Position {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(stage) = &self.stage {
            write!(f, "{stage} ")?;
        }
        write!(f, "{}/{}", self.index, self.total)
    }
}

/// Which output of a step a log came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogChannel {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// A warning of a build check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuildWarning {
    /// The target whose Dockerfile it is, where known.
    pub target: Option<String>,
    /// One line, such as `FromAsCasing: 'AS' and 'from' keywords' casing do not match (line 2)`.
    pub text: String,
    /// More lines.
    pub details: Vec<String>,
    /// Where it is explained.
    pub url: Option<String>,
    /// The file, as BuildKit calls it.
    pub file: Option<String>,
    /// First and last line, from 1.
    pub lines: Option<(u32, u32)>,
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BuildEvent {
    /// A vertex of the graph is known; it may run later or never.
    Announced(Arc<Vertex>),
    /// It runs.
    Started(Arc<Vertex>, Timestamp),
    /// Its result was known already.
    Cached(Arc<Vertex>, Option<Timestamp>),
    /// It ran and is done.
    Completed {
        /// Which.
        vertex: Arc<Vertex>,
        /// When.
        at: Timestamp,
        /// How long it ran, pauses left out.
        duration: Duration,
    },
    /// It failed.
    Failed {
        /// Which.
        vertex: Arc<Vertex>,
        /// When.
        at: Option<Timestamp>,
        /// BuildKit's message.
        error: String,
    },
    /// It was stopped because another step failed or the user asked for it.
    Canceled(Arc<Vertex>, Option<Timestamp>),
    /// A piece of what a step printed; not always whole lines.
    Log {
        /// One of the targets' views of the step.
        vertex: Arc<Vertex>,
        /// Which output.
        channel: LogChannel,
        /// The text, as printed.
        text: String,
    },
    /// How far a transfer is.
    Transfer {
        /// The vertex it belongs to.
        vertex: Arc<Vertex>,
        /// What is transferred.
        what: String,
        /// Units done, bytes mostly.
        current: u64,
        /// Units to do, 0 if not known.
        total: u64,
    },
    /// A build check found something.
    Warning(BuildWarning),
    /// The part of a Dockerfile that failed.
    Excerpt(Excerpt),
    /// buildx gave up; the text is without `ERROR: ` and `target X: `.
    Error {
        /// The target it names.
        target: Option<String>,
        /// Why.
        text: String,
    },
    /// Any other line buildx printed.
    Message(String),
}
