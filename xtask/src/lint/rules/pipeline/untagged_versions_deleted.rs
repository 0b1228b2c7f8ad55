use crate::finding::Severity;
use crate::lint::rule::{Category, Check, Fixability, declare};
use crate::lint::{Diagnostics, Options, Surroundings};
use crate::yaml::Node;

declare! {
    /// ## What it does
    /// Reports `actions/delete-package-versions` of container packages, above all with `delete-only-untagged-versions`.
    ///
    /// ## Why it is bad
    /// It never reads a manifest. The images of each platform, attestations and signatures are stored as versions
    /// without a tag: they are what it deletes, the oldest first. The tags stay, and pulling them ends with "manifest
    /// unknown". What was pushed with provenance has such parts, also for one platform. Tags of pull requests stay for
    /// ever, so that hardly anything is saved.
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
    ///           package-name: shop-api
    ///           delete-only-untagged-versions: true
    /// ```
    ///
    /// ## Use instead
    /// ```yaml path=.github/workflows/build.yml
    /// on: workflow_dispatch
    /// concurrency: cleanup
    /// jobs:
    ///   cleanup:
    ///     steps:
    ///       - run: cargo xtask docker-clean --apply
    /// ```
    ///
    /// ## References
    /// - <https://github.com/actions/delete-package-versions/issues/90>
    pub(super) static RULE = Rule {
        code: "DW5002",
        name: "untagged-versions-deleted",
        aliases: &[],
        severity: Severity::Error,
        enabled: true,
        category: Category::Correctness,
        summary: "a cleanup deletes parts of images that are still tagged",
        fix: Fixability::None,
        check: Check::Repository(check),
    };
}

fn check(surroundings: &Surroundings, _: &Options, diagnostics: &mut Diagnostics<'_>) {
    for workflow in surroundings.workflows() {
        for step in workflow.image_steps().filter(|step| step.cleans()) {
            let input = |name: &str| step.input(name).and_then(Node::as_str);
            if input("package-type") != Some("container") {
                continue;
            }
            let (span, what) = if input("delete-only-untagged-versions") == Some("true") {
                let span = step.input_span("delete-only-untagged-versions");
                (
                    span,
                    "platforms, attestations and signatures of tagged images are versions without a tag, and are deleted",
                )
            } else {
                (
                    step.span(),
                    "versions are deleted without a look at which images are made of them",
                )
            };
            diagnostics
                .report_in(&workflow.source, span, what)
                .help("use a tool that reads manifests and keeps what kept tags are made of");
        }
    }
}
