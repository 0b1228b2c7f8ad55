use crate::finding::Severity;
use crate::lint::build_files::github::expressions;
use crate::lint::rule::{Category, Check, Fixability, declare};
use crate::lint::{Diagnostics, Options, Surroundings};

declare! {
    /// ## What it does
    /// Reports a scanner whose image is the `tags` output of `docker/metadata-action`, directly or through an output of
    /// a job.
    ///
    /// ## Why it is bad
    /// The output has a line for each tag, and no line is left out: what the scanner gets is no name of an image. The
    /// step fails, or scans nothing.
    ///
    /// ## Example
    /// ```yaml path=.github/workflows/build.yml
    /// on: push
    /// jobs:
    ///   build:
    ///     steps:
    ///       - id: meta
    ///         uses: docker/metadata-action@v5
    ///       - uses: aquasecurity/trivy-action@v0.33.1
    ///         with:
    ///           image-ref: ${{ steps.meta.outputs.tags }}
    /// ```
    ///
    /// ## Use instead
    /// ```yaml path=.github/workflows/build.yml
    /// on: push
    /// jobs:
    ///   build:
    ///     steps:
    ///       - id: build
    ///         uses: docker/build-push-action@v6
    ///       - uses: aquasecurity/trivy-action@v0.33.1
    ///         with:
    ///           image-ref: ghcr.io/example/shop@${{ steps.build.outputs.digest }}
    /// ```
    pub(super) static RULE = Rule {
        code: "DW1002",
        name: "image-input-multiline",
        aliases: &[],
        severity: Severity::Error,
        enabled: true,
        category: Category::Correctness,
        summary: "a step that takes one image gets an output of several lines",
        fix: Fixability::None,
        check: Check::Repository(check),
    };
}

fn check(surroundings: &Surroundings, _: &Options, diagnostics: &mut Diagnostics<'_>) {
    for workflow in surroundings.workflows() {
        for step in workflow.image_steps() {
            let Some((input, node)) = step.scanned() else {
                continue;
            };
            let text = node.as_str().unwrap_or_default();
            let Some(output) = expressions(text).find(|it| step.job.is_multiline(it)) else {
                continue;
            };
            diagnostics
                .report_in(
                    &workflow.source,
                    node.content_span(),
                    format!("`{input}` takes one image, and `{output}` has a line for each tag"),
                )
                .help("name the image by its digest: `name@${{ steps.ID.outputs.digest }}` of the step that built it");
        }
    }
}
