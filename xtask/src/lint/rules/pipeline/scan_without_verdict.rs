use crate::finding::Severity;
use crate::lint::build_files::image_steps::Step;
use crate::lint::build_files::occasion::Occasion;
use crate::lint::rule::{Category, Check, Fixability, declare};
use crate::lint::{Diagnostics, Options, Surroundings};
use crate::yaml::Node;

declare! {
    /// ## What it does
    /// In a workflow that pushes images, reports a job whose scanners all end well whatever they find: Trivy without an
    /// `exit-code`, Grype or `anchore/scan-action` without a threshold, Docker Scout without `exit-code`, any of them
    /// with `continue-on-error`.
    ///
    /// ## Why it is bad
    /// The job is green with a critical vulnerability in the image, and goes on to publish it. A report that nobody has
    /// to read is not read.
    ///
    /// ## Example
    /// ```yaml path=.github/workflows/build.yml
    /// on: push
    /// jobs:
    ///   build:
    ///     steps:
    ///       - uses: aquasecurity/trivy-action@v0.33.1
    ///         with:
    ///           image-ref: ghcr.io/example/shop:main
    ///           format: sarif
    ///       - run: docker push ghcr.io/example/shop:main
    /// ```
    ///
    /// ## Use instead
    /// ```yaml path=.github/workflows/build.yml
    /// on: push
    /// jobs:
    ///   build:
    ///     steps:
    ///       - uses: aquasecurity/trivy-action@v0.33.1
    ///         with:
    ///           image-ref: ghcr.io/example/shop:main
    ///           format: sarif
    ///           exit-code: 1
    ///           severity: CRITICAL,HIGH
    ///       - run: docker push ghcr.io/example/shop:main
    /// ```
    pub(super) static RULE = Rule {
        code: "DW3003",
        name: "scan-without-verdict",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Security,
        summary: "a scan finds things and decides nothing",
        fix: Fixability::None,
        check: Check::Repository(check),
    };
}

fn check(surroundings: &Surroundings, _: &Options, diagnostics: &mut Diagnostics<'_>) {
    for workflow in surroundings.workflows() {
        // What only looks at what is published already has nothing to decide.
        let mut steps = workflow.image_steps();
        if !steps.any(|step| step.pushes(Occasion::Push) == Some(true)) {
            continue;
        }
        for job in workflow.jobs() {
            let scans: Vec<Step<'_>> = job.image_steps().filter(|step| step.scans()).collect();
            let Some(first) = scans.first() else {
                continue;
            };
            if scans.iter().any(|step| decides(*step)) {
                continue;
            }
            diagnostics
                .report_in(
                    &workflow.source,
                    first.span(),
                    format!("{} ends well whatever it finds", first.called()),
                )
                .help("let it fail from a severity on: for Trivy `exit-code: 1` with `severity: CRITICAL,HIGH`");
        }
    }
}

/// Whether a scan can fail, as far as its text tells: a configuration file may say so, too.
fn decides(step: Step<'_>) -> bool {
    let is_true = |node: Option<&Node>| node.and_then(Node::as_str) == Some("true");
    if is_true(step.node.get("continue-on-error")) {
        return false;
    }
    let input = |name: &str| step.input(name).and_then(Node::as_str);
    if step.uses("aquasecurity/trivy-action") {
        let places = [step.node, step.job.node, &step.job.workflow.root];
        let variable = places
            .iter()
            .any(|place| place.at(&["env", "TRIVY_EXIT_CODE"]).is_some());
        return variable
            || input("trivy-config").is_some()
            || input("exit-code").is_some_and(|code| code != "0");
    }
    if step.uses("anchore/scan-action") {
        return input("fail-build") != Some("false");
    }
    if step.uses("docker/scout-action") {
        return input("exit-code").is_some_and(|code| code != "false");
    }
    if step.node.get("uses").is_some() {
        return true;
    }
    step.invocations()
        .iter()
        .any(|it| match it.program.as_str() {
            "trivy" => {
                it.subcommand() == Some("image")
                    && (it.has_option(&["--config", "-c"])
                        || it
                            .option_value(&["--exit-code"])
                            .is_some_and(|code| code != "0"))
            }
            "grype" => it.has_option(&["--fail-on", "-f", "--config", "-c"]),
            "docker" => it.subcommand() == Some("scout") && it.has_option(&["--exit-code", "-e"]),
            _ => {
                it.words().any(|word| word.text == "docker-scan")
                    && it.option_value(&["--fail-on"]) != Some("none")
            }
        })
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::Repository;

    fn found(step: &str) -> String {
        let text = format!(
            "on: push\njobs:\n  b:\n    steps:\n      - {step}\n      - run: docker push x\n"
        );
        Repository::new("FROM scratch\n")
            .file(".github/workflows/w.yml", &text)
            .found(&RULE)
    }

    #[test]
    fn each_scanner_has_its_own_way_to_fail() {
        for step in [
            "{uses: aquasecurity/trivy-action@v1, with: {image-ref: x}}",
            "{uses: aquasecurity/trivy-action@v1, with: {image-ref: x, exit-code: '0'}}",
            "{uses: aquasecurity/trivy-action@v1, with: {image-ref: x, exit-code: 1}, continue-on-error: true}",
            "{uses: anchore/scan-action@v6, with: {image: x, fail-build: false}}",
            "{uses: docker/scout-action@v1, with: {image: x}}",
            "{run: trivy image x}",
            "{run: grype x}",
            "{run: cargo xtask docker-scan --fail-on none}",
        ] {
            assert!(found(step).contains("ends well whatever"), "{step}");
        }
        for step in [
            "{uses: aquasecurity/trivy-action@v1, with: {image-ref: x, exit-code: 1}}",
            "{uses: aquasecurity/trivy-action@v1, with: {scan-type: fs, scan-ref: .}}",
            "{uses: aquasecurity/trivy-action@v1, with: {image-ref: x}, env: {TRIVY_EXIT_CODE: 1}}",
            "{uses: anchore/scan-action@v6, with: {image: x}}",
            "{uses: docker/scout-action@v1, with: {image: x, exit-code: true}}",
            "{run: trivy image --exit-code 1 x}",
            "{run: trivy image --exit-code=1 x}",
            "{run: grype x --fail-on high}",
            "{run: cargo xtask docker-scan --format sarif}",
            "{run: trivy fs .}",
        ] {
            assert_eq!(found(step), "", "{step}");
        }
    }
}
