use super::is_many;
use crate::finding::Severity;
use crate::lint::build_files::occasion::Occasion;
use crate::lint::rule::{Category, Check, Fixability, declare};
use crate::lint::{Diagnostics, Options, Surroundings};

declare! {
    /// ## What it does
    /// Reports a matrix whose jobs push images, without `fail-fast: false`.
    ///
    /// ## Why it is bad
    /// By default the first job of a matrix that fails cancels all the others. Those that were quick have pushed their
    /// image, the others have not: half a fleet is published, and which half is chance.
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
    ///       - uses: docker/build-push-action@v6
    ///         with:
    ///           push: true
    /// ```
    ///
    /// ## Use instead
    /// ```yaml path=.github/workflows/build.yml
    /// on: push
    /// jobs:
    ///   build:
    ///     strategy:
    ///       fail-fast: false
    ///       matrix:
    ///         service: [shop, stock]
    ///     steps:
    ///       - uses: docker/build-push-action@v6
    ///         with:
    ///           push: true
    /// ```
    pub(super) static RULE = Rule {
        code: "DW4002",
        name: "fail-fast-while-pushing",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Correctness,
        summary: "one image that fails cancels the others in the middle of pushing",
        fix: Fixability::None,
        check: Check::Repository(check),
    };
}

fn check(surroundings: &Surroundings, _: &Options, diagnostics: &mut Diagnostics<'_>) {
    for workflow in surroundings.workflows() {
        for job in workflow.jobs().filter(|job| is_many(*job)) {
            let Some(strategy) = job.node.get("strategy") else {
                continue;
            };
            let fails_fast = match strategy.get("fail-fast") {
                None => true,
                Some(node) => node.as_bool() == Some(true),
            };
            let mut steps = job.image_steps();
            if fails_fast && steps.any(|step| step.pushes(Occasion::Push) == Some(true)) {
                let matrix = strategy.entry("matrix");
                diagnostics
                    .report_in(
                        &workflow.source,
                        matrix.map_or(strategy.span, |entry| entry.key.span),
                        format!("one job of `{}` that fails cancels the others while they push", job.name),
                    )
                    .help("add `fail-fast: false`, or push by digest and set the tags in a job that needs all of them");
            }
        }
    }
}
