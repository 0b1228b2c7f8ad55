//! What every rule says of itself, whatever it looks at: a Dockerfile, or an image that is built.

use crate::edit::Safety;
use crate::finding::Severity;

/// What a rule is called and what it means.
#[derive(Clone, Copy, Debug)]
pub struct About {
    /// `DL3006`, `DX1001`, `SC2086`, or a check's name where only `BuildKit` has it (`StageNameCasing`).
    pub code: &'static str,
    /// Named for the bad pattern, in kebab case: `allow image-without-tag` reads well.
    pub name: &'static str,
    /// Codes under which other tools know it; accepted wherever the code is.
    pub aliases: &'static [&'static str],
    /// Unless the configuration says otherwise.
    pub severity: Severity,
    /// Whether it is on unless the configuration says otherwise.
    pub enabled: bool,
    /// What it is about.
    pub category: Category,
    /// One lower-case sentence for tables: "the base image has no tag".
    pub summary: &'static str,
    /// Whether its findings carry fixes.
    pub fix: Fixability,
    /// Its page: lines of Markdown, each with the blank that follows `///`.
    pub documentation: &'static [&'static str],
}

/// What a rule is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Category {
    /// The build or the container fails, or does something else than is meant.
    Correctness,
    /// Secrets, privileges, untrusted content.
    Security,
    /// The same file builds another image tomorrow.
    Reproducibility,
    /// Bytes nobody needs.
    Size,
    /// Work that is done again.
    Cache,
    /// How it reads.
    Style,
    /// The linter's own bookkeeping.
    Suppression,
}

/// Whether a rule's findings carry fixes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fixability {
    /// Never.
    None,
    /// Some do, of this safety (or of both: the worse one).
    Sometimes(Safety),
    /// All do.
    Always(Safety),
}

impl Fixability {
    /// The safety of the fix that has to be looked at most.
    #[must_use]
    pub const fn worst(self) -> Option<Safety> {
        match self {
            Self::None => None,
            Self::Sometimes(safety) | Self::Always(safety) => Some(safety),
        }
    }
}
