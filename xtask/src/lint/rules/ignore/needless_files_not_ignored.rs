use super::categories;
use crate::context::categories::Weight;
use crate::edit::Safety;
use crate::finding::Severity;
use crate::lint::rule::{Category, Check, Fixability, declare};
use crate::lint::{Diagnostics, Options, Surroundings};

declare! {
    /// ## What it does
    /// Reports an ignore file that lets files through to a `COPY` which are made on a machine and belong nowhere else:
    /// installed dependencies, build output, logs, caches, settings of editors, files of the operating system, large
    /// media. Files that are there are named; in a clean checkout made-up paths are tried.
    ///
    /// ## Why it is bad
    /// They make the context large, they change with every command so that steps run again, and `node_modules` of another
    /// platform hides the one that the image installs.
    ///
    /// Which tools are in use is read from the context: `package.json`, `pyproject.toml`, `Cargo.toml` and so on.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM scratch
    /// COPY apps /apps
    /// ```
    /// ```text path=.dockerignore
    /// **/.cache
    /// **/.DS_Store
    /// **/.idea
    /// **/.vscode
    /// ```
    /// ```text path=apps/api/server.log
    /// text
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM scratch
    /// COPY apps /apps
    /// ```
    /// ```text path=.dockerignore
    /// **/*.log
    /// **/.cache
    /// **/.DS_Store
    /// **/.idea
    /// **/.vscode
    /// ```
    /// ```text path=apps/api/server.log
    /// text
    /// ```
    ///
    /// ## Fix safety
    /// Unsafe: a step that runs in the build could want one of the files. The fix adds patterns to a marked block of the
    /// ignore file, and only such that every `COPY` still finds what it names. There is none where all would break one.
    pub(super) static RULE = Rule {
        code: "DX3308",
        name: "needless-files-not-ignored",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Cache,
        summary: "the ignore file lets files enter the build that no build wants",
        fix: Fixability::Sometimes(Safety::Unsafe),
        check: Check::Repository(check),
    };
}

fn check(surroundings: &Surroundings, _: &Options, diagnostics: &mut Diagnostics<'_>) {
    categories::check(surroundings, Weight::Waste, diagnostics);
}
