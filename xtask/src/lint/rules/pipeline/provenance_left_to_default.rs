use crate::finding::Severity;
use crate::lint::build_files::occasion::Occasion;
use crate::lint::rule::{Category, Check, Fixability, declare};
use crate::lint::{Diagnostics, Options, Surroundings};
use crate::yaml::Node;

declare! {
    /// ## What it does
    /// Reports a step of `docker/build-push-action` that pushes, and says neither `provenance` nor `attests`.
    ///
    /// ## Why it is bad
    /// The default adds an attestation, as much as the repository is public: every image becomes an index with an entry
    /// for `unknown/unknown`, which registries show, which `docker manifest create` refuses, and which the usual
    /// cleanup deletes as "untagged". Whether it is wanted should be written.
    ///
    /// ## Example
    /// ```yaml path=.github/workflows/build.yml
    /// on: push
    /// jobs:
    ///   build:
    ///     steps:
    ///       - uses: docker/build-push-action@v6
    ///         with:
    ///           push: true
    /// ```
    ///
    /// ## Use instead
    /// ```yaml path=.github/workflows/build.yml
    /// on: push
    /// jobs:
    ///   build:
    ///     steps:
    ///       - uses: docker/build-push-action@v6
    ///         with:
    ///           push: true
    ///           provenance: mode=max
    ///           sbom: true
    /// ```
    ///
    /// ## References
    /// - <https://docs.docker.com/build/ci/github-actions/attestations/>
    pub(super) static RULE = Rule {
        code: "DW3008",
        name: "provenance-left-to-default",
        aliases: &[],
        severity: Severity::Note,
        enabled: true,
        category: Category::Reproducibility,
        summary: "an image is pushed with the attestations that are the default today",
        fix: Fixability::None,
        check: Check::Repository(check),
    };
}

fn check(surroundings: &Surroundings, _: &Options, diagnostics: &mut Diagnostics<'_>) {
    for workflow in surroundings.workflows() {
        for step in workflow.image_steps() {
            if !step.uses("docker/build-push-action") || step.pushes(Occasion::Push) != Some(true) {
                continue;
            }
            let places = [step.node, step.job.node, &workflow.root];
            let is_off = |place: &&Node| {
                place
                    .at(&["env", "BUILDX_NO_DEFAULT_ATTESTATIONS"])
                    .is_some()
            };
            let says = ["provenance", "attests"]
                .iter()
                .any(|name| step.input(name).is_some());
            if !says && !places.iter().any(|place| is_off(place)) {
                diagnostics
                    .report_in(
                        &workflow.source,
                        step.span(),
                        "nothing says which provenance is attested: today's default adds an entry for `unknown/unknown`",
                    )
                    .help("write `provenance: mode=max`, or `provenance: false`");
            }
        }
    }
}
