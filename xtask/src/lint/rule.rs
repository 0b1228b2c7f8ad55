//! What a rule is.

use std::cell::OnceCell;

use crate::edit::Safety;
use crate::finding::Severity;
use crate::lint::diagnostics::Diagnostics;
use crate::lint::model::Model;
use crate::lint::options::Options;
use crate::lint::shell_text::ShellText;
use crate::lint::surroundings::Surroundings;

/// One rule: what it is called, what it means, how it is checked.
#[derive(Debug)]
pub struct Rule {
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
    /// What it does.
    pub check: Check,
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

/// How a rule is checked.
#[derive(Clone, Copy, Debug)]
pub enum Check {
    /// Once for each Dockerfile.
    Dockerfile(fn(&Subject<'_>, &mut Diagnostics<'_>)),
    /// Once for a run that knows its repository: workflows, compose files, `.dockerignore`.
    Repository(fn(&Surroundings, &Options, &mut Diagnostics<'_>)),
    /// By the linter itself (syntax errors, suppressions, an external tool).
    Built,
}

/// What a rule looks at.
#[derive(Debug)]
pub struct Subject<'a> {
    /// The Dockerfile.
    pub model: &'a Model,
    /// What is around it.
    pub surroundings: &'a Surroundings,
    /// What the configuration says.
    pub options: &'a Options,
    shell_text: OnceCell<ShellText<'a>>,
}

impl<'a> Subject<'a> {
    /// A Dockerfile with what is around it.
    #[must_use]
    pub const fn new(
        model: &'a Model,
        surroundings: &'a Surroundings,
        options: &'a Options,
    ) -> Self {
        Self {
            model,
            surroundings,
            options,
            shell_text: OnceCell::new(),
        }
    }

    /// Its shell text.
    pub(super) fn shell_text(&self) -> &ShellText<'a> {
        self.shell_text.get_or_init(|| ShellText::of(self.model))
    }
}

/// Declares a rule: the doc comment is its page.
///
/// ```ignore
/// declare! {
///     /// ## What it does
///     /// …
///     pub(super) static IMAGE_WITHOUT_TAG = Rule {
///         code: "DL3006", name: "image-without-tag", aliases: &[], severity: Severity::Warning, enabled: true,
///         category: Category::Reproducibility, summary: "the base image has no tag", fix: Fixability::None,
///         check: Check::Dockerfile(check),
///     };
/// }
/// ```
macro_rules! declare {
    ($(#[doc = $line:expr])* $visibility:vis static $name:ident = Rule { $($field:ident : $value:expr),* $(,)? };) => {
        $visibility static $name: $crate::lint::Rule = $crate::lint::Rule {
            $($field: $value,)*
            documentation: &[$($line),*],
        };
    };
}
pub(super) use declare;
