use crate::finding::Severity;
use crate::lint::build_files::github::expressions;
use crate::lint::rule::{Category, Check, Fixability, declare};
use crate::lint::{Diagnostics, Options, Surroundings};

declare! {
    /// ## What it does
    /// Reports a line of `build-args` whose value is the `tags`, `labels` or `annotations` output of
    /// `docker/metadata-action`, directly or through a job's output.
    ///
    /// ## Why it is bad
    /// These outputs have a line for each tag. The first line becomes the argument's value, every other line a build
    /// argument of its own that nobody declares: nothing fails, and which tag came first decides what is built. With a
    /// tag for a base image it is a moving one, too.
    ///
    /// ## Example
    /// ```yaml path=.github/workflows/build.yml
    /// on: push
    /// jobs:
    ///   build:
    ///     steps:
    ///       - id: meta
    ///         uses: docker/metadata-action@v5
    ///       - uses: docker/build-push-action@v6
    ///         with:
    ///           build-args: |
    ///             BASE_IMAGE=${{ steps.meta.outputs.tags }}
    /// ```
    ///
    /// ## Use instead
    /// ```yaml path=.github/workflows/build.yml
    /// on: push
    /// jobs:
    ///   build:
    ///     steps:
    ///       - id: base
    ///         uses: docker/build-push-action@v6
    ///       - uses: docker/build-push-action@v6
    ///         with:
    ///           build-args: |
    ///             BASE_IMAGE=ghcr.io/example/base@${{ steps.base.outputs.digest }}
    /// ```
    pub(super) static RULE = Rule {
        code: "DX3202",
        name: "build-arg-multiline",
        aliases: &[],
        severity: Severity::Error,
        enabled: true,
        category: Category::Correctness,
        summary: "a build argument gets an output of several lines",
        fix: Fixability::None,
        check: Check::Repository(check),
    };
}

fn check(surroundings: &Surroundings, _: &Options, diagnostics: &mut Diagnostics<'_>) {
    for workflow in surroundings.workflows() {
        for build in workflow.builds() {
            for arg in build.build_args() {
                let Some(output) = expressions(&arg.value).find(|e| build.job.is_multiline(e))
                else {
                    continue;
                };
                diagnostics
                    .report_in(
                        &workflow.source,
                        arg.span,
                        format!("`{}` gets `{output}`, which has a line for each tag or label", arg.name.value),
                    )
                    .help("pass one image by its digest: `name@${{ steps.ID.outputs.digest }}` of the step that pushed it");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::Repository;

    fn found(action: &str, output: &str, arg: &str) -> String {
        let text = format!(
            "on: push\njobs:\n  base:\n    outputs:\n      image: {output}\n    steps:\n      - id: meta\n        uses: {action}\n\
             \x20 build:\n    needs: base\n    steps:\n      - uses: docker/build-push-action@v6\n        with:\n          build-args: |\n            {arg}\n"
        );
        Repository::new("FROM scratch\n")
            .file(".github/workflows/w.yaml", &text)
            .found(&RULE)
    }

    #[test]
    fn outputs_are_followed_through_jobs() {
        let arg = "BASE=${{ needs.base.outputs.image }}";
        let tags = "${{ steps.meta.outputs.tags }}";
        assert_eq!(
            found("docker/metadata-action@v5", tags, arg),
            ".github/workflows/w.yaml:15:13 `BASE` gets `needs.base.outputs.image`, which has a line for each tag or label"
        );
        for (action, output, arg) in [
            (
                "docker/metadata-action@v5",
                "${{ steps.meta.outputs.version }}",
                arg,
            ),
            ("example/single-tag@v1", tags, arg),
            (
                "docker/metadata-action@v5",
                tags,
                "BASE=${{ needs.other.outputs.image }}",
            ),
            ("docker/metadata-action@v5", tags, "BASE=${{ github.sha }}"),
            (
                "docker/metadata-action@v5",
                tags,
                "# BASE=${{ needs.base.outputs.image }}",
            ),
        ] {
            assert_eq!(found(action, output, arg), "", "{action} {output} {arg}");
        }
    }
}
