use super::is_many;
use crate::finding::Severity;
use crate::lint::build_files::github::BuildStep;
use crate::lint::rule::{Category, Check, Fixability, declare};
use crate::lint::{Diagnostics, Options, Surroundings};
use crate::yaml::Node;

declare! {
    /// ## What it does
    /// Reports `docker/metadata-action` in a job that builds several images by a matrix, where its labels are used and
    /// nothing sets `org.opencontainers.image.title`.
    ///
    /// ## Why it is bad
    /// The labels come from the repository: every image of it has the same title and description, whatever is in it.
    ///
    /// ## Example
    /// ```yaml path=.github/workflows/build.yml
    /// on: push
    /// jobs:
    ///   build:
    ///     strategy:
    ///       matrix:
    ///         service: [shop, stock]
    ///     steps:
    ///       - id: meta
    ///         uses: docker/metadata-action@v5
    ///         with:
    ///           images: ghcr.io/example/${{ matrix.service }}
    ///       - uses: docker/build-push-action@v6
    ///         with:
    ///           labels: ${{ steps.meta.outputs.labels }}
    /// ```
    ///
    /// ## Use instead
    /// ```yaml path=.github/workflows/build.yml
    /// on: push
    /// jobs:
    ///   build:
    ///     strategy:
    ///       matrix:
    ///         service: [shop, stock]
    ///     steps:
    ///       - id: meta
    ///         uses: docker/metadata-action@v5
    ///         with:
    ///           images: ghcr.io/example/${{ matrix.service }}
    ///           labels: |
    ///             org.opencontainers.image.title=${{ matrix.service }}
    ///       - uses: docker/build-push-action@v6
    ///         with:
    ///           labels: ${{ steps.meta.outputs.labels }}
    /// ```
    pub(super) static RULE = Rule {
        code: "DW1005",
        name: "image-title-shared",
        aliases: &[],
        severity: Severity::Note,
        enabled: true,
        category: Category::Correctness,
        summary: "several images get one title and description",
        fix: Fixability::None,
        check: Check::Repository(check),
    };
}

fn check(surroundings: &Surroundings, _: &Options, diagnostics: &mut Diagnostics<'_>) {
    for workflow in surroundings.workflows() {
        for job in workflow.jobs().filter(|job| is_many(*job)) {
            for step in job.image_steps() {
                let id = step.node.get("id").and_then(Node::as_str);
                let (true, Some(id)) = (step.uses("docker/metadata-action"), id) else {
                    continue;
                };
                // A matrix of platforms makes one image.
                let images = step.input("images").and_then(Node::as_str);
                if !images.is_some_and(|images| images.contains("matrix.")) {
                    continue;
                }
                let given = step
                    .input("labels")
                    .and_then(Node::as_str)
                    .unwrap_or_default();
                if given.contains("org.opencontainers.image.title") {
                    continue;
                }
                let output = format!("steps.{id}.outputs.labels");
                let takes = |build: &BuildStep<'_>| {
                    let labels = build
                        .input("labels")
                        .and_then(Node::as_str)
                        .unwrap_or_default();
                    labels.contains(&output) && !labels.contains("org.opencontainers.image.title")
                };
                if job.builds().any(|build| takes(&build)) {
                    diagnostics
                        .report_in(
                            &workflow.source,
                            step.span(),
                            "the title and the description are those of the repository, for every image of the matrix",
                        )
                        .help("set `org.opencontainers.image.title` in `labels`");
                }
            }
        }
    }
}
