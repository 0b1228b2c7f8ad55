use crate::finding::Severity;
use crate::lint::rule::{Category, Check, Fixability, declare};
use crate::lint::{Diagnostics, Options, Surroundings};

declare! {
    /// ## What it does
    /// Reports a workflow that deletes versions of packages without `concurrency`.
    ///
    /// ## Why it is bad
    /// A run that is started by hand beside the scheduled one works on a list that the other has changed: what one
    /// keeps as the tenth newest is the eleventh for the other.
    ///
    /// ## Example
    /// ```yaml path=.github/workflows/build.yml
    /// on:
    ///   schedule:
    ///     - cron: '23 2 * * 0'
    ///   workflow_dispatch:
    /// jobs:
    ///   cleanup:
    ///     steps:
    ///       - run: cargo xtask docker-clean --apply
    /// ```
    ///
    /// ## Use instead
    /// ```yaml path=.github/workflows/build.yml
    /// on:
    ///   schedule:
    ///     - cron: '23 2 * * 0'
    ///   workflow_dispatch:
    /// concurrency:
    ///   group: cleanup
    ///   cancel-in-progress: false
    /// jobs:
    ///   cleanup:
    ///     steps:
    ///       - run: cargo xtask docker-clean --apply
    /// ```
    pub(super) static RULE = Rule {
        code: "DW5003",
        name: "cleanup-runs-at-once",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Correctness,
        summary: "two cleanups may run at the same time",
        fix: Fixability::None,
        check: Check::Repository(check),
    };
}

fn check(surroundings: &Surroundings, _: &Options, diagnostics: &mut Diagnostics<'_>) {
    for workflow in surroundings.workflows() {
        if workflow.root.get("concurrency").is_some() {
            continue;
        }
        for job in workflow.jobs() {
            if job.node.get("concurrency").is_some() {
                continue;
            }
            if let Some(step) = job.image_steps().find(|step| step.cleans()) {
                diagnostics
                    .report_in(
                        &workflow.source,
                        step.span(),
                        "two runs of this cleanup may delete at the same time",
                    )
                    .help(
                        "add `concurrency` with a group of its own and `cancel-in-progress: false`",
                    );
            }
        }
    }
}
