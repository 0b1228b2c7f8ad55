//! What the steps of a Dockerfile take, and which builds on which: plain data, read from its model elsewhere.

use camino::Utf8PathBuf;

use crate::source::Location;

/// A Dockerfile, as far as build contexts are concerned.
#[derive(Clone, Debug)]
pub struct Recipe {
    /// From the repository's root.
    pub dockerfile: Utf8PathBuf,
    /// Its stages, in order.
    pub stages: Vec<Stage>,
}

/// A stage of a [`Recipe`].
#[derive(Clone, Debug)]
pub struct Stage {
    /// Its name, or its index as text.
    pub name: String,
    /// Its `FROM`.
    pub location: Location,
    /// Its `FROM` on one line, as it is written.
    pub text: String,
    /// What it starts from.
    pub base: Base,
    /// `--platform` of its `FROM`, expanded where that is known.
    pub platform: Option<String>,
    /// Every instruction, in order; those that `ONBUILD` of its base adds come first.
    pub steps: Vec<Step>,
}

/// A stage of some Dockerfile of the repository.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StageReference {
    /// Its Dockerfile, from the repository's root.
    pub dockerfile: Utf8PathBuf,
    /// Its place there.
    pub stage: usize,
}

/// What a stage starts from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Base {
    /// A stage of this repository, of the same Dockerfile or of another.
    Stage(StageReference),
    /// An image from outside, as it is written and expanded, or `scratch`.
    Image(String),
}

/// One instruction.
#[derive(Clone, Debug)]
pub struct Step {
    /// Where it stands. One that a base's `ONBUILD` adds stands there.
    pub location: Location,
    /// On one line, as it is written: `COPY apps/api /app`.
    pub text: String,
    /// What it does.
    pub kind: StepKind,
    /// What it depends on besides the steps before it and the files it takes.
    pub definition: Definition,
}

/// What a step says, with variables expanded: two steps of equal definition that take the same and stand on the same
/// are one to `BuildKit`'s cache. What is not known is as it is written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Definition {
    /// `RUN`, `COPY`, `ADD`, `WORKDIR`: it is carried out, or taken from the cache. A `RUN` depends on the variables,
    /// the user, the shell and the folder in force, too.
    Executed(String),
    /// Anything else: it changes the image's configuration alone, and no later step runs again for it.
    Configuration(String),
}

/// What a step does, as far as contexts and caches are concerned.
#[derive(Clone, Debug)]
pub enum StepKind {
    /// `COPY` or `ADD`: what it takes and where it puts it.
    Copy {
        /// From where, and what.
        take: Take,
        /// Absolute and clean; `None` where it is not known.
        destination: Option<String>,
        /// The destination is a folder by its spelling (`/` at its end, `.`) or by the number of sources.
        into_folder: bool,
    },
    /// `RUN` with what its bind mounts show to it.
    Run {
        /// Bind mounts (`--mount=type=bind`), cache mounts with `from`.
        mounts: Vec<Take>,
        /// Paths that it removes for certain (absolute): they stay in the layers below, but nothing later sees them.
        removed: Vec<String>,
    },
    /// `WORKDIR`: a folder that is made if it is not there, absolute and clean; `None` where it is not known.
    Workdir(Option<String>),
    /// Anything else (ENV, LABEL …).
    Other,
}

impl Step {
    /// Whether it is a `COPY --link`: it neither looks at what was built before it nor depends on it.
    #[must_use]
    pub fn is_linked(&self) -> bool {
        let words = self.text.split_whitespace();
        let mut flags = words
            .skip_while(|word| !word.starts_with("--"))
            .take_while(|word| word.starts_with("--"));
        matches!(self.kind, StepKind::Copy { .. })
            && flags.any(|flag| matches!(flag, "--link" | "--link=true" | "--link=1"))
    }
}

/// What a step takes from somewhere.
#[derive(Clone, Debug)]
pub struct Take {
    /// From where.
    pub from: From,
    /// Paths or patterns (Go's `filepath.Match`), expanded, from that root, without slash at the start and the end; the
    /// root itself is empty. Heredocs and remote sources of `ADD` are left out. With `--parents` a `/./` stays: what
    /// stands before it is not made in the destination.
    pub sources: Vec<Source>,
    /// A source could not be expanded: it may take anything.
    pub unknown: bool,
    /// `--exclude`, in order (patterns of the ignore file's language).
    pub excludes: Vec<String>,
    /// `--parents`.
    pub parents: bool,
}

/// One source of a [`Take`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The path or pattern.
    pub path: String,
    /// Where it stands.
    pub location: Location,
}

/// Where a step takes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum From {
    /// The build context.
    Context,
    /// A stage of this repository.
    Stage(StageReference),
    /// A named context that is a folder, from the repository's root.
    NamedContext(Utf8PathBuf),
    /// An image from outside.
    Image(String),
}
