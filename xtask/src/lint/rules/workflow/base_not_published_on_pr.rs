use crate::finding::Severity;
use crate::lint::build_files::github::{BuildStep, Job, expressions};
use crate::lint::rule::{Category, Check, Fixability, declare};
use crate::lint::{Diagnostics, Options, Surroundings};
use crate::yaml::Node;

declare! {
    /// ## What it does
    /// Reports a job that builds from an image of another job, where that job does not push it on a pull request.
    ///
    /// ## Why it is bad
    /// Every job runs on a machine of its own. On a pull request the image exists nowhere but on the machine that built
    /// it: the second job asks the registry for it and stops, or finds an older one and builds from that.
    ///
    /// ## Example
    /// ```yaml path=.github/workflows/build.yml
    /// on: [push, pull_request]
    /// jobs:
    ///   base:
    ///     outputs:
    ///       digest: ${{ steps.build.outputs.digest }}
    ///     steps:
    ///       - id: build
    ///         uses: docker/build-push-action@v6
    ///         with:
    ///           push: ${{ github.event_name != 'pull_request' }}
    ///   service:
    ///     needs: base
    ///     steps:
    ///       - uses: docker/build-push-action@v6
    ///         with:
    ///           build-args: |
    ///             BASE_IMAGE=ghcr.io/example/base@${{ needs.base.outputs.digest }}
    /// ```
    ///
    /// ## Use instead
    /// ```yaml path=.github/workflows/build.yml
    /// on: [push, pull_request]
    /// jobs:
    ///   build:
    ///     steps:
    ///       - uses: docker/bake-action@v6
    ///         with:
    ///           push: ${{ github.event_name != 'pull_request' }}
    /// ```
    ///
    /// ## References
    /// - <https://docs.docker.com/build/bake/contexts/>
    pub(super) static RULE = Rule {
        code: "DX3203",
        name: "base-not-published-on-pr",
        aliases: &[],
        severity: Severity::Error,
        enabled: true,
        category: Category::Correctness,
        summary: "a job builds from an image that another job does not push on a pull request",
        fix: Fixability::None,
        check: Check::Repository(check),
    };
}

fn check(surroundings: &Surroundings, _: &Options, diagnostics: &mut Diagnostics<'_>) {
    for workflow in surroundings.workflows() {
        if workflow.event("pull_request").is_none() {
            continue;
        }
        for build in workflow.builds() {
            for needed in build.job.needs() {
                let Some(needed) = workflow.job(needed) else {
                    continue;
                };
                if !runs_on_pull_request(build.job) || !runs_on_pull_request(needed) {
                    continue;
                }
                let Some(push) = needed.builds().find_map(|step| unpushed(&step)) else {
                    continue;
                };
                let Some((input, place)) = uses_output(&build, needed.name) else {
                    continue;
                };
                let line = workflow.source.line_column(push.span.start).line;
                diagnostics
                    .report_in(
                        &workflow.source,
                        place,
                        format!(
                            "`{input}` names the image of `{}`, which is not pushed on a pull request (line {line})",
                            needed.name
                        ),
                    )
                    .help("build both in one job: bake builds a base and what stands on it together");
            }
        }
    }
}

fn runs_on_pull_request(job: Job<'_>) -> bool {
    let condition = job
        .node
        .get("if")
        .and_then(Node::as_str)
        .unwrap_or_default();
    !condition.contains("pull_request")
        && !condition.contains("'push'")
        && !condition.contains("refs/heads/")
}

/// The `push` of a step that keeps the image from the registry on a pull request.
fn unpushed<'w>(step: &BuildStep<'w>) -> Option<&'w Node> {
    let push = step.input("push")?;
    let text = push.as_str()?;
    let quoted = text.contains("'pull_request'") || text.contains("\"pull_request\"");
    let on_push_only = text.contains("github.event_name == 'push'");
    let on_branch_only = text.contains("github.ref == 'refs/heads/");
    let not_on_pr = (quoted && text.contains("!=")) || on_push_only || on_branch_only;
    (not_on_pr && text.contains("${{")).then_some(push)
}

/// The build argument or named context that an output of the job goes into, and its place.
fn uses_output(build: &BuildStep<'_>, job: &str) -> Option<(String, crate::source::Span)> {
    let prefix = format!("needs.{job}.outputs.");
    let names_it = |text: &str| expressions(text).any(|expression| expression.starts_with(&prefix));
    let arg = build
        .build_args()
        .into_iter()
        .find(|arg| names_it(&arg.value));
    if let Some(arg) = arg {
        return Some((arg.name.value, arg.span));
    }
    let contexts = build.input("build-contexts")?;
    let lines = contexts.lines(&build.job.workflow.source);
    let line = lines.into_iter().find(|line| names_it(&line.value))?;
    let name = line.value.split('=').next().unwrap_or_default().to_owned();
    Some((name, line.span))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::Repository;

    fn found(on: &str, push: &str, arg: &str) -> String {
        let text = format!(
            "on: {on}\njobs:\n  base:\n    steps:\n      - uses: docker/build-push-action@v6\n        with:\n          push: {push}\n\
             \x20 build:\n    needs: [base]\n    steps:\n      - uses: docker/build-push-action@v6\n        with:\n          build-args: {arg}\n"
        );
        Repository::new("FROM scratch\n")
            .file(".github/workflows/w.yml", &text)
            .found(&RULE)
    }

    #[test]
    fn only_an_image_that_is_used_and_not_pushed_is_reported() {
        let push = "${{ github.event_name != 'pull_request' }}";
        let arg = "BASE=${{ needs.base.outputs.image }}";
        assert_eq!(
            found("[pull_request]", push, arg),
            ".github/workflows/w.yml:13:23 `BASE` names the image of `base`, which is not pushed on a pull request (line 7)"
        );
        for (on, push, arg) in [
            ("push", push, arg),
            ("[pull_request]", "true", arg),
            ("[pull_request]", push, "BASE=alpine"),
            (
                "[pull_request]",
                push,
                "BASE=${{ needs.other.outputs.image }}",
            ),
            (
                "[pull_request]",
                "${{ github.event_name == 'pull_request' }}",
                arg,
            ),
        ] {
            assert_eq!(found(on, push, arg), "", "{on} {push} {arg}");
        }
    }
}
