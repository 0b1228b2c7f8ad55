use super::categories;
use crate::context::categories::Weight;
use crate::edit::Safety;
use crate::finding::Severity;
use crate::lint::rule::{Category, Check, Fixability, declare};
use crate::lint::{Diagnostics, Options, Surroundings};

declare! {
    /// ## What it does
    /// Reports an ignore file that lets secrets through to a `COPY`: environment files, keys and credentials, the history
    /// of version control. Files that are there are named; in a clean checkout made-up paths are tried, in the context's
    /// root, in its folders and below.
    ///
    /// ## Why it is bad
    /// A `.env` or a key lies on somebody's machine sooner or later, next to the sources that are copied. The image takes
    /// it along, and whoever has the image has it.
    ///
    /// What a Dockerfile copies by its own name is there on purpose and is not reported, nor is what the ignore file takes
    /// back in by its name.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM scratch
    /// COPY apps /apps
    /// ```
    /// ```text path=.dockerignore
    /// **/.env.*
    /// **/*.pem
    /// **/*.key
    /// .git
    /// ```
    /// ```text path=apps/api/.env
    /// text
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM scratch
    /// COPY apps /apps
    /// ```
    /// ```text path=.dockerignore
    /// **/.env
    /// **/.env.*
    /// **/*.pem
    /// **/*.key
    /// .git
    /// ```
    /// ```text path=apps/api/.env
    /// text
    /// ```
    ///
    /// ## Fix safety
    /// Unsafe: a step that runs in the build could want one of the files. The fix adds patterns to a marked block of the
    /// ignore file, and only such that every `COPY` still finds what it names. There is none where all would break one.
    pub(super) static RULE = Rule {
        code: "DX3307",
        name: "secrets-not-ignored",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Security,
        summary: "the ignore file lets secrets enter the build",
        fix: Fixability::Sometimes(Safety::Unsafe),
        check: Check::Repository(check),
    };
}

fn check(surroundings: &Surroundings, _: &Options, diagnostics: &mut Diagnostics<'_>) {
    categories::check(surroundings, Weight::Secret, diagnostics);
}
