use crate::finding::Severity;
use crate::lint::build_files::image_steps::Step;
use crate::lint::build_files::occasion::Occasion;
use crate::lint::rule::{Category, Check, Fixability, declare};
use crate::lint::{Diagnostics, Options, Surroundings};

declare! {
    /// ## What it does
    /// Reports a scan behind a push, in the same job or in one that needs it, where nothing is scanned before.
    ///
    /// ## Why it is bad
    /// The scan cannot keep anything back: whoever pulls the tag has the image already. What the scan finds is news, no
    /// decision.
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
    ///           tags: ghcr.io/example/shop:main
    ///       - uses: aquasecurity/trivy-action@v0.33.1
    ///         with:
    ///           image-ref: ghcr.io/example/shop:main
    ///           exit-code: 1
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
    ///           load: true
    ///           tags: ghcr.io/example/shop:main
    ///       - uses: aquasecurity/trivy-action@v0.33.1
    ///         with:
    ///           image-ref: ghcr.io/example/shop:main
    ///           exit-code: 1
    ///       - uses: docker/build-push-action@v6
    ///         with:
    ///           push: true
    ///           tags: ghcr.io/example/shop:main
    /// ```
    pub(super) static RULE = Rule {
        code: "DW3002",
        name: "scan-after-push",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Security,
        summary: "an image is scanned only when it is already pushed",
        fix: Fixability::None,
        check: Check::Repository(check),
    };
}

fn check(surroundings: &Surroundings, _: &Options, diagnostics: &mut Diagnostics<'_>) {
    for workflow in surroundings.workflows() {
        for job in workflow.jobs() {
            let mut pushed = None;
            let mut scanned = false;
            for needed in job
                .needs()
                .into_iter()
                .filter_map(|name| workflow.job(name))
            {
                pushed = pushed.or_else(|| needed.image_steps().find(|step| pushes(*step)));
                scanned |= needed.image_steps().any(Step::scans);
            }
            for step in job.image_steps() {
                let scans = step.scans();
                if let (true, false, Some(pushed)) = (scans, scanned, pushed) {
                    diagnostics
                        .report_in(
                            &workflow.source,
                            step.span(),
                            "the image is scanned when it is already pushed",
                        )
                        .help("build and load it, scan it, and push it only if the scan has passed")
                        .related(&workflow.source, pushed.span(), "here it is pushed");
                }
                scanned |= scans;
                if pushed.is_none() && pushes(step) {
                    pushed = Some(step);
                }
            }
        }
    }
}

fn pushes(step: Step<'_>) -> bool {
    step.pushes(Occasion::Push) == Some(true)
}
