use crate::finding::Severity;
use crate::lint::build_files::github::Job;
use crate::lint::build_files::occasion::Occasion;
use crate::lint::rule::{Category, Check, Fixability, declare};
use crate::lint::{Diagnostics, Options, Surroundings};
use crate::yaml::Node;

declare! {
    /// ## What it does
    /// Reports `cancel-in-progress` that also holds for pushes to the repository, where jobs push images.
    ///
    /// ## Why it is bad
    /// A run is canceled wherever it stands. Of a fleet of images some are new then and the others old, and `latest`
    /// means both: the base of one version, services of another.
    ///
    /// ## Example
    /// ```yaml path=.github/workflows/build.yml
    /// on: push
    /// concurrency:
    ///   group: images-${{ github.ref }}
    ///   cancel-in-progress: true
    /// jobs:
    ///   build:
    ///     steps:
    ///       - uses: docker/build-push-action@v6
    ///         with:
    ///           push: true
    /// ```
    ///
    /// ## Use instead
    /// ```yaml path=.github/workflows/build.yml
    /// on: [push, pull_request]
    /// concurrency:
    ///   group: images-${{ github.ref }}
    ///   cancel-in-progress: ${{ github.event_name == 'pull_request' }}
    /// jobs:
    ///   build:
    ///     steps:
    ///       - uses: docker/build-push-action@v6
    ///         with:
    ///           push: ${{ github.event_name == 'push' }}
    /// ```
    pub(super) static RULE = Rule {
        code: "DW4001",
        name: "push-canceled-midway",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Correctness,
        summary: "a newer run cancels one that is pushing images",
        fix: Fixability::None,
        check: Check::Repository(check),
    };
}

fn check(surroundings: &Surroundings, _: &Options, diagnostics: &mut Diagnostics<'_>) {
    for workflow in surroundings.workflows() {
        let pushing: Vec<Job<'_>> = workflow
            .jobs()
            .filter(|job| {
                job.image_steps()
                    .any(|step| step.pushes(Occasion::Push) == Some(true))
            })
            .collect();
        let Some(first) = pushing.first() else {
            continue;
        };
        let of_workflow = workflow.root.get("concurrency").map(|node| (*first, node));
        let of_jobs = pushing
            .iter()
            .filter_map(|job| Some((*job, job.node.get("concurrency")?)));
        for (job, concurrency) in of_workflow.into_iter().chain(of_jobs) {
            let Some(cancel) = concurrency.get("cancel-in-progress") else {
                continue;
            };
            let group = concurrency
                .get("group")
                .and_then(Node::as_str)
                .unwrap_or_default();
            // Each run has a group of its own: there is nothing to cancel.
            if group.contains("github.run_id") || group.contains("github.sha") {
                continue;
            }
            let text = cancel.as_str().unwrap_or_default();
            if Occasion::Push
                .value(job, None, text)
                .is_some_and(|value| value.is_true())
            {
                diagnostics
                    .report_in(
                        &workflow.source,
                        cancel.content_span(),
                        format!("a newer push cancels the job `{}` in the middle of pushing", job.name),
                    )
                    .help("cancel pull requests only: `cancel-in-progress: ${{ github.event_name == 'pull_request' }}`");
            }
        }
    }
}
