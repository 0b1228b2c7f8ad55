use super::starts_a_service;
use crate::finding::Severity;
use crate::scan::hardening::findings::Findings;
use crate::scan::hardening::image::Image;
use crate::scan::hardening::{Identity, Shared};

/// The image of a service has no probe.
pub(super) static SHARED: Shared = Shared {
    identity: Identity {
        code: "DL3057",
        name: "healthcheck-missing",
        aliases: &["CIS-DI-0006"],
        severity: Severity::Note,
    },
    check,
};

fn check(image: &Image<'_>, findings: &mut Findings<'_>) {
    let health = image.settings().healthcheck.as_ref();
    let is_missing = health.is_none_or(|health| health.test.is_empty());
    if is_missing && starts_a_service(image) {
        findings
            .setting(&["CMD", "ENTRYPOINT"], "the image has no `HEALTHCHECK`")
            .help("add one that asks the program itself; where Kubernetes probes, suppress this");
    }
}

#[cfg(test)]
mod tests {
    use crate::scan::hardening::samples::found;

    #[test]
    fn only_services_are_probed() {
        assert_eq!(
            found("DL3057", "CMD [\"/x\"]\n"),
            "1: the image has no `HEALTHCHECK`"
        );
        assert_eq!(found("DL3057", "ENTRYPOINT [\"dumb-init\", \"--\"]\n"), "");
        assert_eq!(found("DL3057", "CMD [\"/bin/sh\"]\n"), "");
        assert_eq!(found("DL3057", "CMD [\"/x\"]\nHEALTHCHECK CMD x\n"), "");
        assert_eq!(found("DL3057", "CMD [\"/x\"]\nHEALTHCHECK NONE\n"), "");
    }
}
