use super::categories;
use crate::context::categories::Weight;
use crate::edit::Safety;
use crate::finding::Severity;
use crate::lint::rule::{Category, Check, Fixability, declare};
use crate::lint::{Diagnostics, Options, Surroundings};

declare! {
    /// ## What it does
    /// Reports tests, documentation, CI configuration and Dockerfiles that a `COPY` takes along.
    ///
    /// ## Why it is bad
    /// An image seldom needs them, and editing one of them makes the steps run again that copy it.
    ///
    /// What a Dockerfile copies by its own name is there on purpose and is not reported.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM scratch
    /// COPY apps /apps
    /// ```
    /// ```text path=.dockerignore
    /// node_modules
    /// ```
    /// ```text path=apps/api/README.md
    /// text
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM scratch
    /// COPY apps /apps
    /// ```
    /// ```text path=.dockerignore
    /// **/*.md
    /// ```
    /// ```text path=apps/api/README.md
    /// text
    /// ```
    ///
    /// ## Fix safety
    /// Unsafe: a step that runs in the build could want one of the files. The fix adds patterns to a marked block of the
    /// ignore file, and only such that every `COPY` still finds what it names. There is none where all would break one.
    pub(super) static RULE = Rule {
        code: "DX3309",
        name: "unneeded-sources-not-ignored",
        aliases: &[],
        severity: Severity::Style,
        enabled: true,
        category: Category::Cache,
        summary: "the ignore file lets tests, documentation and the like enter the build",
        fix: Fixability::Sometimes(Safety::Unsafe),
        check: Check::Repository(check),
    };
}

fn check(surroundings: &Surroundings, _: &Options, diagnostics: &mut Diagnostics<'_>) {
    categories::check(surroundings, Weight::Taste, diagnostics);
}
