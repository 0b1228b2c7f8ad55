use crate::finding::Severity;
use crate::lint::build_files::image_steps::Step;
use crate::lint::build_files::occasion::Occasion;
use crate::lint::rule::{Category, Check, Fixability, declare};
use crate::lint::{Diagnostics, Options, Surroundings};

declare! {
    /// ## What it does
    /// Reports a line of `tags` of `docker/metadata-action` whose prefix or value begins with `{{branch}}` followed by
    /// `-` or `.`, in a step that runs on a pull request or on a pushed git tag.
    ///
    /// ## Why it is bad
    /// On these events there is no branch, and `{{branch}}` is empty: `type=sha,prefix={{branch}}-` makes `-860c190`,
    /// which is no tag. The build stops with "invalid reference format".
    ///
    /// ## Example
    /// ```yaml path=.github/workflows/build.yml
    /// on: [push, pull_request]
    /// jobs:
    ///   build:
    ///     steps:
    ///       - uses: docker/metadata-action@v5
    ///         with:
    ///           images: ghcr.io/example/shop
    ///           tags: |
    ///             type=sha,prefix={{branch}}-
    /// ```
    ///
    /// ## Use instead
    /// ```yaml path=.github/workflows/build.yml
    /// on: [push, pull_request]
    /// jobs:
    ///   build:
    ///     steps:
    ///       - uses: docker/metadata-action@v5
    ///         with:
    ///           images: ghcr.io/example/shop
    ///           tags: |
    ///             type=sha
    ///             type=sha,prefix={{branch}}-,enable=${{ github.event_name == 'push' }}
    /// ```
    ///
    /// ## References
    /// - <https://github.com/docker/metadata-action#typesha>
    pub(super) static RULE = Rule {
        code: "DW1001",
        name: "branch-in-tag-without-branch",
        aliases: &[],
        severity: Severity::Error,
        enabled: true,
        category: Category::Correctness,
        summary: "a tag begins with the name of a branch where there is none",
        fix: Fixability::None,
        check: Check::Repository(check),
    };
}

fn check(surroundings: &Surroundings, _: &Options, diagnostics: &mut Diagnostics<'_>) {
    for workflow in surroundings.workflows() {
        for step in workflow.image_steps() {
            let Some(tags) = step.input("tags") else {
                continue;
            };
            if !step.uses("docker/metadata-action") {
                continue;
            }
            let Some((event, occasion)) = without_branch(step) else {
                continue;
            };
            for line in tags.lines(&workflow.source) {
                let Some(begins) = begins(&line.value) else {
                    continue;
                };
                if may_be_off(step, occasion, &line.value) {
                    continue;
                }
                diagnostics
                    .report_in(
                        &workflow.source,
                        line.span,
                        format!("there is no branch on {event}, and the tag begins with `{begins}`"),
                    )
                    .help("leave `{{branch}}` out, or add `enable=${{ github.event_name == 'push' }}`");
            }
        }
    }
}

/// An event without a branch that the step runs on.
fn without_branch(step: Step<'_>) -> Option<(&'static str, Occasion)> {
    let runs = |occasion: Occasion| step.runs(occasion) != Some(false);
    if runs(Occasion::PullRequest) {
        return Some(("a pull request", Occasion::PullRequest));
    }
    let workflow = step.job.workflow;
    let on_tags = workflow.event("push").and_then(|push| push.get("tags"));
    // A condition may leave tags out, or nothing but tags in.
    let is_open = step.runs(Occasion::Push) == Some(true);
    (on_tags.is_some() && is_open).then_some(("a pushed tag", Occasion::Push))
}

/// The character that a tag begins with, if that cannot be.
fn begins(line: &str) -> Option<char> {
    let values = line.split(',').filter_map(|field| {
        let (key, value) = field.split_once('=')?;
        matches!(key.trim(), "prefix" | "value" | "pattern").then_some(value.trim())
    });
    let mut begins = values.filter_map(|value| value.strip_prefix("{{branch}}")?.chars().next());
    begins.find(|first| matches!(first, '-' | '.'))
}

/// Whether `enable` turns the line off then, or may do so.
fn may_be_off(step: Step<'_>, occasion: Occasion, line: &str) -> bool {
    let enable = line
        .split(',')
        .find_map(|field| field.trim().strip_prefix("enable="));
    let Some(enable) = enable else {
        return false;
    };
    let value = occasion.value(step.job, Some(step.node), enable);
    enable.contains("{{is_default_branch}}") || value.is_none_or(|value| !value.is_true())
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::Repository;

    fn found(on: &str, line: &str) -> String {
        let text = format!(
            "on: {on}\njobs:\n  b:\n    steps:\n      - uses: docker/metadata-action@v5\n        with:\n          tags: |\n            {line}\n"
        );
        Repository::new("FROM scratch\n")
            .file(".github/workflows/w.yml", &text)
            .found(&RULE)
    }

    #[test]
    fn only_where_there_is_no_branch_and_the_tag_is_none() {
        let line = "type=sha,prefix={{branch}}-";
        assert_eq!(
            found("[push, pull_request]", line),
            ".github/workflows/w.yml:8:13 there is no branch on a pull request, and the tag begins with `-`"
        );
        assert!(found("{push: {tags: ['v*']}}", line).contains("a pushed tag"));
        for (on, line) in [
            ("push", line),
            ("pull_request", "type=sha,suffix=-{{branch}}"),
            ("pull_request", "type=sha,prefix={{branch}}"),
            (
                "pull_request",
                "type=raw,value={{branch}}-x,enable={{is_default_branch}}",
            ),
            (
                "pull_request",
                "type=sha,prefix={{branch}}-,enable=${{ github.event_name != 'pull_request' }}",
            ),
            (
                "pull_request",
                "type=sha,prefix={{branch}}-,enable=${{ inputs.x }}",
            ),
        ] {
            assert_eq!(found(on, line), "", "{on} {line}");
        }
    }
}
