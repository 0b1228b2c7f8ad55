use crate::expression::parse;
use crate::finding::Severity;
use crate::lint::build_files::image_steps::SARIF_UPLOAD;
use crate::lint::rule::{Category, Check, Fixability, declare};
use crate::lint::{Diagnostics, Options, Surroundings};

declare! {
    /// ## What it does
    /// Reports `github/codeql-action/upload-sarif` under `always()` alone, in a job that scans or builds images.
    ///
    /// ## Why it is bad
    /// Where the build fails, there is no report yet: the upload fails, too, and its error stands last in the log, in
    /// front of the one that matters.
    ///
    /// ## Example
    /// ```yaml path=.github/workflows/build.yml
    /// on: push
    /// jobs:
    ///   build:
    ///     steps:
    ///       - uses: docker/build-push-action@v6
    ///       - uses: aquasecurity/trivy-action@v0.33.1
    ///         with:
    ///           image-ref: ghcr.io/example/shop:main
    ///           output: trivy.sarif
    ///       - uses: github/codeql-action/upload-sarif@v3
    ///         if: always()
    ///         with:
    ///           sarif_file: trivy.sarif
    /// ```
    ///
    /// ## Use instead
    /// ```yaml path=.github/workflows/build.yml
    /// on: push
    /// jobs:
    ///   build:
    ///     steps:
    ///       - uses: docker/build-push-action@v6
    ///       - uses: aquasecurity/trivy-action@v0.33.1
    ///         with:
    ///           image-ref: ghcr.io/example/shop:main
    ///           output: trivy.sarif
    ///       - uses: github/codeql-action/upload-sarif@v3
    ///         if: ${{ !cancelled() && hashFiles('trivy.sarif') != '' }}
    ///         with:
    ///           sarif_file: trivy.sarif
    /// ```
    pub(super) static RULE = Rule {
        code: "DW3004",
        name: "sarif-upload-without-file",
        aliases: &[],
        severity: Severity::Note,
        enabled: true,
        category: Category::Correctness,
        summary: "a report is uploaded even where no step has written it",
        fix: Fixability::None,
        check: Check::Repository(check),
    };
}

fn check(surroundings: &Surroundings, _: &Options, diagnostics: &mut Diagnostics<'_>) {
    for workflow in surroundings.workflows() {
        for job in workflow.jobs() {
            if !job.image_steps().any(|step| step.builds() || step.scans()) {
                continue;
            }
            for step in job.image_steps().filter(|step| step.uses(SARIF_UPLOAD)) {
                let Some(condition) = step.node.get("if") else {
                    continue;
                };
                let text = condition.as_str().unwrap_or_default().trim();
                let inner = text
                    .strip_prefix("${{")
                    .and_then(|it| it.strip_suffix("}}"));
                let Ok(expression) = parse(inner.unwrap_or(text)) else {
                    continue;
                };
                let asks = expression.calls("hashfiles")
                    || expression
                        .contexts()
                        .iter()
                        .any(|name| name.starts_with("steps."));
                let goes_on = step.node.get("continue-on-error").is_some();
                if expression.calls("always") && !asks && !goes_on {
                    diagnostics
                        .report_in(
                            &workflow.source,
                            condition.content_span(),
                            "`always()` uploads a report that is not there when an earlier step has failed",
                        )
                        .help("ask for the file: `!cancelled() && hashFiles('FILE') != ''`");
                }
            }
        }
    }
}
