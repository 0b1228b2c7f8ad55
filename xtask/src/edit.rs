//! Changes to text: what a fix would replace, and carrying it out.

use crate::source::{Source, Span};

/// Replaces a span of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// The file.
    pub source: Source,
    /// What is replaced; empty to insert.
    pub span: Span,
    /// What stands there afterwards.
    pub replacement: String,
}

/// Whether a fix can change what an image does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Safety {
    /// The build's result means the same, and what was reported is gone.
    Safe,
    /// The result may differ: someone has to look at it.
    Unsafe,
}

/// A way to mend what a finding reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// An imperative: "add `--no-cache`".
    pub message: String,
    /// Whether it can be applied without looking.
    pub safety: Safety,
    /// All of it or nothing. They do not overlap.
    pub edits: Vec<Edit>,
}
