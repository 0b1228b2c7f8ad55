use crate::finding::Severity;
use crate::lint::build_files::github::expressions;
use crate::lint::rule::{Category, Check, Fixability, declare};
use crate::lint::{Diagnostics, Options, Surroundings};

declare! {
    /// ## What it does
    /// Reports `actions/delete-package-versions` whose `package-name` is `owner/repository`, such as `${{
    /// github.repository }}`.
    ///
    /// ## Why it is bad
    /// A package is called as its image is below the owner: `shop-api`, not `example/shop`. The API answers 404, and
    /// the cleanup has never deleted anything. Where a repository has several images, each is a package of its own.
    ///
    /// ## Example
    /// ```yaml path=.github/workflows/build.yml
    /// on: workflow_dispatch
    /// concurrency: cleanup
    /// jobs:
    ///   cleanup:
    ///     steps:
    ///       - uses: actions/delete-package-versions@v5
    ///         with:
    ///           package-type: container
    ///           package-name: ${{ github.repository }}
    ///           delete-only-untagged-versions: false
    /// ```
    ///
    /// ## Use instead
    /// ```yaml path=.github/workflows/build.yml
    /// on: workflow_dispatch
    /// concurrency: cleanup
    /// jobs:
    ///   cleanup:
    ///     steps:
    ///       - uses: actions/delete-package-versions@v5
    ///         with:
    ///           package-type: container
    ///           package-name: shop-api
    ///           delete-only-untagged-versions: false
    /// ```
    pub(super) static RULE = Rule {
        code: "DW5001",
        name: "cleanup-of-unknown-package",
        aliases: &[],
        severity: Severity::Error,
        enabled: true,
        category: Category::Correctness,
        summary: "a cleanup names a package that cannot be there",
        fix: Fixability::None,
        check: Check::Repository(check),
    };
}

fn check(surroundings: &Surroundings, _: &Options, diagnostics: &mut Diagnostics<'_>) {
    for workflow in surroundings.workflows() {
        for step in workflow.image_steps().filter(|step| step.cleans()) {
            let Some(name) = step.input("package-name") else {
                continue;
            };
            let text = name.as_str().unwrap_or_default().trim();
            // The owner in front of anything, or the whole name of the repository with or without more behind it.
            let whole = expressions(text).any(|it| it == "github.repository");
            let literal = !text.contains("${{") && text.contains('/');
            let owner = text.starts_with("${{ github.repository_owner }}/");
            if whole || literal || owner {
                diagnostics
                    .report_in(
                        &workflow.source,
                        name.content_span(),
                        format!("`{text}` has the owner in it, and no package is called so"),
                    )
                    .help("name the package as the registry lists it, one step for each image");
            }
        }
    }
}
