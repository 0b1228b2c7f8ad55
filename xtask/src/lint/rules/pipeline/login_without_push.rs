use crate::finding::Severity;
use crate::lint::build_files::occasion::Occasion;
use crate::lint::rule::{Category, Check, Fixability, declare};
use crate::lint::{Diagnostics, Options, Surroundings};

declare! {
    /// ## What it does
    /// Reports `docker/login-action` that runs on a pull request, in a job that pushes images on other events only.
    ///
    /// ## Why it is bad
    /// Credentials that can write are on the machine that builds what nobody has reviewed yet, for nothing; on a pull
    /// request from a fork they are not even valid.
    ///
    /// ## Example
    /// ```yaml path=.github/workflows/build.yml
    /// on: [push, pull_request]
    /// jobs:
    ///   build:
    ///     steps:
    ///       - uses: docker/login-action@v3
    ///       - uses: docker/build-push-action@v6
    ///         with:
    ///           push: ${{ github.event_name == 'push' }}
    /// ```
    ///
    /// ## Use instead
    /// ```yaml path=.github/workflows/build.yml
    /// on: [push, pull_request]
    /// jobs:
    ///   build:
    ///     steps:
    ///       - uses: docker/login-action@v3
    ///         if: github.event_name == 'push'
    ///       - uses: docker/build-push-action@v6
    ///         with:
    ///           push: ${{ github.event_name == 'push' }}
    /// ```
    pub(super) static RULE = Rule {
        code: "DW3007",
        name: "login-without-push",
        aliases: &[],
        severity: Severity::Style,
        enabled: true,
        category: Category::Security,
        summary: "a pull request logs in to the registry and pushes nothing",
        fix: Fixability::None,
        check: Check::Repository(check),
    };
}

fn check(surroundings: &Surroundings, _: &Options, diagnostics: &mut Diagnostics<'_>) {
    for workflow in surroundings.workflows() {
        for job in workflow.jobs() {
            let mut steps = job.image_steps();
            let pushes_else = steps.any(|step| step.pushes(Occasion::Push) == Some(true));
            let mut steps = job.image_steps();
            let pushes_here = steps.any(|step| step.pushes(Occasion::PullRequest) != Some(false));
            if !pushes_else || pushes_here {
                continue;
            }
            for step in job
                .image_steps()
                .filter(|step| step.uses("docker/login-action"))
            {
                if step.runs(Occasion::PullRequest) == Some(true) {
                    diagnostics
                        .report_in(
                            &workflow.source,
                            step.span(),
                            "a pull request logs in to the registry, and pushes nothing",
                        )
                        .help("add `if: github.event_name != 'pull_request'`, unless private images have to be pulled");
                }
            }
        }
    }
}
