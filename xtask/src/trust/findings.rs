//! What is wrong with images, as findings.

use super::verdict::{ProblemKind, Verdict};
use crate::finding::{Finding, Severity};

/// Code, name, and what to do, by kind.
const fn kind(kind: ProblemKind) -> (&'static str, &'static str, &'static str) {
    match kind {
        ProblemKind::Unsigned => (
            "DX7001",
            "image-unsigned",
            "sign what was built: `cargo xtask docker-sign`",
        ),
        ProblemKind::OtherSigner => (
            "DX7002",
            "image-signed-by-another",
            "build and sign it anew, or name the signer in `[trust]` if it is one of yours",
        ),
        ProblemKind::Tampered => (
            "DX7003",
            "signature-tampered",
            "do not use the image: somebody changed what was signed; build and sign it anew",
        ),
        ProblemKind::Annotation => (
            "DX7004",
            "signature-annotation-wrong",
            "sign the right image, or correct `[trust.annotations]`",
        ),
        ProblemKind::AttestationMissing => (
            "DX7005",
            "attestation-missing",
            "attest it: `cargo xtask docker-sign` with `--sbom`, `--provenance`, `--scan` or `--attest`",
        ),
        ProblemKind::AttestationOfOther => (
            "DX7006",
            "attestation-by-another",
            "attest it anew with a key that `[trust]` names",
        ),
        ProblemKind::AttestationOld => (
            "DX7007",
            "attestation-too-old",
            "make it anew and attest it again",
        ),
        ProblemKind::ScanNotPassed => (
            "DX7008",
            "attested-scan-not-passed",
            "mend what the scan found, and attest a scan that passes",
        ),
        ProblemKind::Registry => (
            "DX7009",
            "registry-not-allowed",
            "push it to one that `trust.registries` names",
        ),
        ProblemKind::Moved => (
            "DX7010",
            "tag-moved",
            "use the image by its digest, and find out who moved the tag",
        ),
        ProblemKind::BaseImage => (
            "DX7011",
            "base-image-unsigned",
            "use a base image that is signed, or sign a copy of it after you looked at it",
        ),
    }
}

/// One finding for each problem. `dockerfile` is that of the image, where it is one of the project.
#[must_use]
pub fn findings(verdict: &Verdict, dockerfile: Option<&str>) -> Vec<Finding> {
    let finding = |problem: &super::verdict::Problem| {
        let (code, name, help) = kind(problem.kind);
        let finding = Finding::new(
            code,
            name,
            Severity::Error,
            format!("{}: {}", verdict.name, problem.message),
        )
        .help(help)
        .property("image", verdict.name.clone())
        .property("digest", verdict.digest.clone());
        match dockerfile {
            Some(path) => finding.in_file(path),
            None => finding,
        }
    };
    verdict.problems.iter().map(finding).collect()
}
