use crate::finding::Severity;
use crate::lint::build_files::image_steps::SARIF_UPLOAD;
use crate::lint::build_files::occasion::Occasion;
use crate::lint::rule::{Category, Check, Fixability, declare};
use crate::lint::{Diagnostics, Options, Surroundings};

declare! {
    /// ## What it does
    /// Reports `github/codeql-action/upload-sarif` that runs on a pull request from a fork, in a workflow that builds
    /// or scans images.
    ///
    /// ## Why it is bad
    /// The token of such a run can only read, whatever `permissions` says: `security-events: write` is not granted. The
    /// upload ends with 403, and who sends a first contribution sees a failure that is none of theirs.
    ///
    /// ## Example
    /// ```yaml path=.github/workflows/build.yml
    /// on: pull_request
    /// jobs:
    ///   build:
    ///     permissions:
    ///       security-events: write
    ///     steps:
    ///       - uses: docker/build-push-action@v6
    ///       - uses: github/codeql-action/upload-sarif@v3
    ///         with:
    ///           sarif_file: trivy.sarif
    /// ```
    ///
    /// ## Use instead
    /// ```yaml path=.github/workflows/build.yml
    /// on: pull_request
    /// jobs:
    ///   build:
    ///     permissions:
    ///       security-events: write
    ///     steps:
    ///       - uses: docker/build-push-action@v6
    ///       - uses: github/codeql-action/upload-sarif@v3
    ///         if: github.event.pull_request.head.repo.full_name == github.repository
    ///         with:
    ///           sarif_file: trivy.sarif
    /// ```
    ///
    /// ## References
    /// - <https://docs.github.com/en/actions/concepts/security/github_token>
    pub(super) static RULE = Rule {
        code: "DW3006",
        name: "sarif-upload-from-fork",
        aliases: &[],
        severity: Severity::Note,
        enabled: true,
        category: Category::Correctness,
        summary: "a pull request from a fork uploads a report, which it may not",
        fix: Fixability::None,
        check: Check::Repository(check),
    };
}

fn check(surroundings: &Surroundings, _: &Options, diagnostics: &mut Diagnostics<'_>) {
    for workflow in surroundings.workflows() {
        if !workflow.is_about_images() {
            continue;
        }
        for step in workflow
            .image_steps()
            .filter(|step| step.uses(SARIF_UPLOAD))
        {
            let goes_on = step.node.get("continue-on-error").is_some();
            if step.runs(Occasion::PullRequestOfFork) == Some(true) && !goes_on {
                diagnostics
                    .report_in(
                        &workflow.source,
                        step.span(),
                        "a pull request from a fork may not upload this report",
                    )
                    .help("leave it out there: `github.event.pull_request.head.repo.full_name == github.repository`, and show the report in the summary of the job");
            }
        }
    }
}
