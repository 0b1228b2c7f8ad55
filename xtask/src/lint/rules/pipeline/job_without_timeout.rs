use crate::finding::Severity;
use crate::lint::build_files::image_steps::Step;
use crate::lint::build_files::occasion::Occasion;
use crate::lint::rule::{Category, Check, Fixability, declare};
use crate::lint::{Diagnostics, Options, Surroundings};

declare! {
    /// ## What it does
    /// Reports a job that builds or pushes images, without `timeout-minutes`.
    ///
    /// ## Why it is bad
    /// A registry that does not answer, or an emulated step that hangs, costs six hours of a runner, and keeps every
    /// later run of the same concurrency group waiting.
    ///
    /// ## Example
    /// ```yaml path=.github/workflows/build.yml
    /// on: push
    /// jobs:
    ///   build:
    ///     steps:
    ///       - uses: docker/build-push-action@v6
    /// ```
    ///
    /// ## Use instead
    /// ```yaml path=.github/workflows/build.yml
    /// on: push
    /// jobs:
    ///   build:
    ///     timeout-minutes: 30
    ///     steps:
    ///       - uses: docker/build-push-action@v6
    /// ```
    pub(super) static RULE = Rule {
        code: "DW4003",
        name: "job-without-timeout",
        aliases: &[],
        severity: Severity::Note,
        enabled: true,
        category: Category::Correctness,
        summary: "a job that builds images may run for six hours",
        fix: Fixability::None,
        check: Check::Repository(check),
    };
}

fn check(surroundings: &Surroundings, _: &Options, diagnostics: &mut Diagnostics<'_>) {
    for workflow in surroundings.workflows() {
        for job in workflow.jobs() {
            let works = |step: Step<'_>| step.builds() || step.pushes(Occasion::Push) == Some(true);
            let limited = |step: &Step<'_>| step.node.get("timeout-minutes").is_some();
            let mut working = job.image_steps().filter(|step| works(*step)).peekable();
            if working.peek().is_none() || job.node.get("timeout-minutes").is_some() {
                continue;
            }
            if !working.all(|step| limited(&step)) {
                diagnostics
                    .report_in(
                        &workflow.source,
                        job.name_span(),
                        format!("`{}` builds images and may run for six hours", job.name),
                    )
                    .help("add `timeout-minutes`, two or three times as long as it takes");
            }
        }
    }
}
