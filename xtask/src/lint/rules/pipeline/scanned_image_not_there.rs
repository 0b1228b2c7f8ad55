use crate::finding::Severity;
use crate::lint::build_files::occasion::Occasion;
use crate::lint::rule::{Category, Check, Fixability, declare};
use crate::lint::{Diagnostics, Options, Surroundings};

declare! {
    /// ## What it does
    /// Reports a scan on a pull request where the job builds the image, does not push it, and does not load it either.
    ///
    /// ## Why it is bad
    /// The result of the build stays in the cache of the builder. The scanner asks the registry, and finds nothing, or
    /// the image that was pushed last: not the one of this pull request.
    ///
    /// ## Example
    /// ```yaml path=.github/workflows/build.yml
    /// on: [push, pull_request]
    /// jobs:
    ///   build:
    ///     steps:
    ///       - uses: docker/build-push-action@v6
    ///         with:
    ///           push: ${{ github.event_name == 'push' }}
    ///           tags: ghcr.io/example/shop:main
    ///       - uses: aquasecurity/trivy-action@v0.33.1
    ///         with:
    ///           image-ref: ghcr.io/example/shop:main
    /// ```
    ///
    /// ## Use instead
    /// ```yaml path=.github/workflows/build.yml
    /// on: [push, pull_request]
    /// jobs:
    ///   build:
    ///     steps:
    ///       - uses: docker/build-push-action@v6
    ///         with:
    ///           load: true
    ///           tags: ghcr.io/example/shop:main
    ///       - uses: aquasecurity/trivy-action@v0.33.1
    ///         with:
    ///           image-ref: ghcr.io/example/shop:main
    /// ```
    pub(super) static RULE = Rule {
        code: "DW3001",
        name: "scanned-image-not-there",
        aliases: &[],
        severity: Severity::Error,
        enabled: true,
        category: Category::Correctness,
        summary: "a scanner looks for an image that was neither pushed nor loaded",
        fix: Fixability::None,
        check: Check::Repository(check),
    };
}

fn check(surroundings: &Surroundings, _: &Options, diagnostics: &mut Diagnostics<'_>) {
    let occasion = Occasion::PullRequest;
    for workflow in surroundings.workflows() {
        for job in workflow.jobs() {
            let mut built = false;
            let mut is_there = false;
            for step in job.image_steps() {
                if let (true, false, Some((_, node))) = (built, is_there, step.scanned())
                    && step.runs(occasion) != Some(false)
                {
                    diagnostics
                        .report_in(
                            &workflow.source,
                            node.content_span(),
                            "on a pull request the image is nowhere: it was built, and neither pushed nor loaded",
                        )
                        .help("build it with `load: true`, scan it, and push it afterwards");
                }
                if step.uses("docker/build-push-action") || step.uses("docker/bake-action") {
                    built = true;
                    is_there |= step.pushes(occasion) != Some(false)
                        || step.keeps_image(occasion) != Some(false);
                } else {
                    // Whatever a script does with images may bring it here.
                    is_there |= step
                        .invocations()
                        .iter()
                        .any(|it| it.is_any(&["docker", "podman", "skopeo"]));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::Repository;

    fn found(on: &str, with: &str, between: &str) -> String {
        let text = format!(
            "on: {on}\njobs:\n  b:\n    steps:\n      - uses: docker/build-push-action@v6\n        with: {{{with}}}\n{between}      - uses: aquasecurity/trivy-action@v1\n        with: {{image-ref: x}}\n"
        );
        Repository::new("FROM scratch\n")
            .file(".github/workflows/w.yml", &text)
            .found(&RULE)
    }

    #[test]
    fn an_image_that_may_be_there_is_not_reported() {
        assert!(
            found("pull_request", "push: false", "").starts_with(".github/workflows/w.yml:8:27 ")
        );
        for (on, with, between) in [
            ("push", "push: false", ""),
            ("pull_request", "push: true", ""),
            ("pull_request", "push: '${{ inputs.push }}'", ""),
            ("pull_request", "load: true", ""),
            ("pull_request", "outputs: 'type=docker,dest=x.tar'", ""),
            (
                "pull_request",
                "push: false",
                "      - run: docker pull x\n",
            ),
        ] {
            assert_eq!(found(on, with, between), "", "{on} {with} {between}");
        }
    }
}
