use super::starts_a_service;
use crate::finding::Severity;
use crate::rule::Category;
use crate::scan::hardening::findings::Findings;
use crate::scan::hardening::image::Image;
use crate::scan::hardening::rule::declare;

declare! {
    /// ## What it does
    /// Reports the image of a service with `HEALTHCHECK NONE`.
    ///
    /// ## Why it is bad
    /// The probe of the base image is turned off and nothing takes its place: a service that hangs counts as running.
    ///
    /// ## Example
    /// ```text image
    /// HEALTHCHECK NONE
    /// CMD ["/app/main"]
    /// ```
    ///
    /// ## Use instead
    /// ```text image
    /// HEALTHCHECK CMD ["/app/main", "--probe"]
    /// CMD ["/app/main"]
    /// ```
    ///
    /// ## References
    /// - CIS Docker Benchmark 4.6
    pub(super) static RULE = Rule {
        code: "DX5401",
        name: "healthcheck-disabled",
        aliases: &["CIS-DI-0006"],
        severity: Severity::Note,
        category: Category::Correctness,
        summary: "`HEALTHCHECK NONE` turns probing off",
    } by check;
}

fn check(image: &Image<'_>, findings: &mut Findings<'_>) {
    let health = image.settings().healthcheck.as_ref();
    let kind = health.and_then(|health| health.test.first());
    if kind.is_some_and(|kind| kind == "NONE") && starts_a_service(image) {
        findings
            .setting(&["HEALTHCHECK"], "`HEALTHCHECK NONE` turns probing off")
            .help("probe the program itself; where Kubernetes probes, suppress this");
    }
}
