use crate::finding::Severity;
use crate::lint::build_files::image_steps::Step;
use crate::lint::build_files::occasion::Occasion;
use crate::lint::rule::{Category, Check, Fixability, declare};
use crate::lint::{Diagnostics, Options, Surroundings};

declare! {
    /// ## What it does
    /// Reports the first push of a workflow in which nothing signs images or attests their provenance: no `cosign`,
    /// `notation`, `actions/attest…` or `docker-sign`.
    ///
    /// ## Why it is bad
    /// Whoever has a token of the registry can put another image in its place, and nobody who pulls it can tell.
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
    ///     permissions:
    ///       id-token: write
    ///     steps:
    ///       - id: build
    ///         uses: docker/build-push-action@v6
    ///         with:
    ///           push: true
    ///       - run: cosign sign --yes "ghcr.io/example/shop@$DIGEST"
    ///         env:
    ///           DIGEST: ${{ steps.build.outputs.digest }}
    /// ```
    ///
    /// ## References
    /// - <https://docs.sigstore.dev/cosign/signing/signing_with_containers/>
    pub(super) static RULE = Rule {
        code: "DW3009",
        name: "pushed-without-signature",
        aliases: &[],
        severity: Severity::Note,
        enabled: true,
        category: Category::Security,
        summary: "a workflow pushes images that nobody signs",
        fix: Fixability::None,
        check: Check::Repository(check),
    };
}

fn check(surroundings: &Surroundings, _: &Options, diagnostics: &mut Diagnostics<'_>) {
    for workflow in surroundings.workflows() {
        let mut steps = workflow.image_steps();
        let Some(push) = steps.find(|step| step.pushes(Occasion::Push) == Some(true)) else {
            continue;
        };
        // A workflow that is called may do it.
        let calls = workflow.jobs().any(|job| job.node.get("uses").is_some());
        if !calls && !workflow.image_steps().any(Step::signs) {
            diagnostics
                .report_in(
                    &workflow.source,
                    push.span(),
                    "what is pushed here is signed nowhere in the workflow",
                )
                .help("sign each image by its digest behind the push: `cosign sign`, with `id-token: write` for the job");
        }
    }
}
