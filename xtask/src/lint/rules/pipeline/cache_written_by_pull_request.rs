use crate::finding::Severity;
use crate::lint::build_files::occasion::Occasion;
use crate::lint::rule::{Category, Check, Fixability, declare};
use crate::lint::{Diagnostics, Options, Surroundings};
use crate::yaml::Node;

declare! {
    /// ## What it does
    /// Reports `cache-to` of GitHub's cache or of a registry in a step that runs on a pull request, in a workflow that
    /// also pushes images.
    ///
    /// ## Why it is bad
    /// GitHub keeps what a pull request writes for that pull request alone, and takes it from the 10 GB that the
    /// repository has: the caches of the main branch are thrown out first. In a registry it replaces what the main
    /// branch has written, with layers that nobody has reviewed.
    ///
    /// ## Example
    /// ```yaml path=.github/workflows/build.yml
    /// on: [push, pull_request]
    /// jobs:
    ///   build:
    ///     steps:
    ///       - uses: docker/build-push-action@v6
    ///         with:
    ///           push: ${{ github.event_name == 'push' }}
    ///           cache-from: type=gha
    ///           cache-to: type=gha,mode=max
    /// ```
    ///
    /// ## Use instead
    /// ```yaml path=.github/workflows/build.yml
    /// on: [push, pull_request]
    /// jobs:
    ///   build:
    ///     steps:
    ///       - uses: docker/build-push-action@v6
    ///         with:
    ///           push: ${{ github.event_name == 'push' }}
    ///           cache-from: type=gha
    ///           cache-to: ${{ github.event_name == 'push' && 'type=gha,mode=max' || '' }}
    /// ```
    ///
    /// ## References
    /// - <https://docs.github.com/en/actions/reference/workflows-and-actions/dependency-caching#usage-limits-and-eviction-policy>
    pub(super) static RULE = Rule {
        code: "DW2002",
        name: "cache-written-by-pull-request",
        aliases: &[],
        severity: Severity::Note,
        enabled: true,
        category: Category::Cache,
        summary: "a pull request writes the build cache",
        fix: Fixability::None,
        check: Check::Repository(check),
    };
}

fn check(surroundings: &Surroundings, _: &Options, diagnostics: &mut Diagnostics<'_>) {
    for workflow in surroundings.workflows() {
        let mut pushes = workflow.image_steps();
        if !pushes.any(|step| step.pushes(Occasion::Push) == Some(true)) {
            continue;
        }
        for step in workflow.image_steps() {
            let input = step
                .input("cache-to")
                .filter(|_| step.uses("docker/build-push-action"));
            let Some(text) = input.and_then(Node::as_str) else {
                continue;
            };
            let occasion = Occasion::PullRequest;
            let value = occasion.value(step.job, Some(step.node), text);
            let writes = |text: &str| text.contains("type=gha") || text.contains("type=registry");
            // A scope by branch or by service is not known, the kind of cache is.
            let is_written = match value {
                Some(value) => writes(&value.shown()),
                None => writes(text) && !text.trim().starts_with("${{"),
            };
            if is_written && step.runs(occasion) == Some(true) {
                diagnostics
                    .report_in(
                        &workflow.source,
                        step.input_span("cache-to"),
                        "a pull request writes the build cache, too",
                    )
                    .help("let only pushes write it: `${{ github.event_name == 'push' && 'type=gha,…' || '' }}`");
            }
        }
    }
}
