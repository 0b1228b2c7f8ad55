use crate::finding::Severity;
use crate::lint::build_files::github;
use crate::lint::rule::{Category, Check, Fixability, declare};
use crate::lint::{Diagnostics, Options, Surroundings};

declare! {
    /// ## What it does
    /// Reports `uses:` of an action or a reusable workflow by a tag or a branch.
    ///
    /// ## Why it is bad
    /// A tag can be moved. Whoever takes over the action's repository, or one of its maintainers' accounts, runs code with
    /// the workflow's token and secrets, as happened to widely used actions more than once.
    ///
    /// Only workflows that build, scan or delete images are looked at.
    ///
    /// ## Example
    /// ```yaml path=.github/workflows/build.yml
    /// on: push
    /// jobs:
    ///   build:
    ///     steps:
    ///       - uses: docker/build-push-action@master
    /// ```
    ///
    /// ## Use instead
    /// ```yaml path=.github/workflows/build.yml
    /// on: push
    /// jobs:
    ///   build:
    ///     steps:
    ///       - uses: docker/build-push-action@0123456789abcdef0123456789abcdef01234567 # v6.1.0
    /// ```
    ///
    /// ## References
    /// - <https://docs.github.com/en/actions/reference/security/secure-use#using-third-party-actions>
    pub(super) static RULE = Rule {
        code: "DX3206",
        name: "action-not-pinned",
        aliases: &[],
        severity: Severity::Note,
        enabled: true,
        category: Category::Security,
        summary: "a workflow uses an action by a tag or branch",
        fix: Fixability::None,
        check: Check::Repository(check),
    };
}

fn check(surroundings: &Surroundings, _: &Options, diagnostics: &mut Diagnostics<'_>) {
    for workflow in surroundings.workflows() {
        if !workflow.is_about_images() {
            continue;
        }
        let steps = || workflow.jobs().flat_map(github::Job::steps);
        let jobs = workflow.jobs().map(|job| job.node);
        for node in jobs.chain(steps()) {
            let Some(uses) = node.get("uses") else {
                continue;
            };
            let Some((action, reference)) = uses.as_str().and_then(|text| text.split_once('@'))
            else {
                continue;
            };
            let is_commit =
                reference.len() >= 40 && reference.bytes().all(|b| b.is_ascii_hexdigit());
            // An image by its digest; a folder of this repository.
            if is_commit || reference.starts_with("sha256:") || action.starts_with('.') {
                continue;
            }
            let kind = match reference {
                "main" | "master" | "develop" | "HEAD" => "the branch",
                _ => "the tag",
            };
            diagnostics
                .report_in(
                    &workflow.source,
                    uses.content_span(),
                    format!("`{action}` is used by {kind} `{reference}`, which can be moved"),
                )
                .help("write the commit, and the version as a comment behind it");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::Repository;

    fn found(uses: &str) -> String {
        let text = format!(
            "on: push\njobs:\n  b:\n    steps:\n      - uses: {uses}\n      - uses: docker/x@{}\n",
            "a".repeat(40)
        );
        Repository::new("FROM scratch\n")
            .file(".github/workflows/w.yml", &text)
            .found(&RULE)
    }

    #[test]
    fn tags_and_branches_are_told_from_commits() {
        assert_eq!(
            found("'actions/checkout@v4'"),
            ".github/workflows/w.yml:5:16 `actions/checkout` is used by the tag `v4`, which can be moved"
        );
        assert!(found("a/b@master").contains("the branch"));
        for uses in [
            "./.github/actions/x",
            "./x@v1",
            "docker://alpine@sha256:00",
            "docker://alpine:3",
        ] {
            assert_eq!(found(uses), "", "{uses}");
        }
    }
}
