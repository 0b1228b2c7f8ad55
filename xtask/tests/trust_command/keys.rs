//! Keys that are made, and the options that cannot be tried here.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use xtask::process::Command;

use crate::stage::Stage;
use crate::support::run;
use crate::support::signing::cosign;

#[test]
fn a_key_is_for_its_owner_and_never_replaced() {
    let Some(stage) = Stage::new() else { return };
    let mode = |name: &str| {
        let metadata = std::fs::metadata(stage.file(name)).unwrap();
        metadata.permissions().mode() & 0o777
    };
    assert_eq!(
        (mode("docker/cosign.key"), mode("docker/cosign.pub")),
        (0o600, 0o644)
    );
    let before = std::fs::read(stage.file("docker/cosign.key")).unwrap();
    let again = stage.run(&["docker-sign", "--generate-key", "docker/cosign"]);
    assert_eq!(again.code, Some(2), "{}", again.error_text());
    assert!(
        again.error_text().contains("never replaced"),
        "{}",
        again.error_text()
    );
    assert_eq!(
        std::fs::read(stage.file("docker/cosign.key")).unwrap(),
        before
    );
    let left: Vec<String> = std::fs::read_dir(stage.file("docker"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| {
            Path::new(name)
                .extension()
                .is_some_and(|ending| ending == "new")
        })
        .collect();
    assert_eq!(left, [""; 0]);
}

/// Signing without a key needs Sigstore's services. What can be shown without them is that cosign knows the options.
#[test]
fn cosign_knows_every_option_that_it_is_given() {
    let Some(cosign) = cosign() else { return };
    let sign = [
        "yes",
        "key",
        "recursive",
        "annotations",
        "signing-config",
        "trusted-root",
        "oidc-provider",
        "identity-token",
    ];
    let attest = [
        "yes",
        "key",
        "type",
        "predicate",
        "signing-config",
        "trusted-root",
        "oidc-provider",
        "identity-token",
    ];
    let verify = [
        "key",
        "output",
        "insecure-ignore-tlog",
        "trusted-root",
        "certificate-identity",
        "certificate-identity-regexp",
        "certificate-oidc-issuer",
        "certificate-oidc-issuer-regexp",
    ];
    for (verb, options) in [
        ("sign", &sign[..]),
        ("attest", &attest[..]),
        ("verify", &verify[..]),
        ("verify-attestation", &verify[..]),
    ] {
        let help = run(&Command::new(&cosign).args([verb, "--help"])).text();
        for option in options {
            assert!(
                help.contains(&format!("--{option}=")),
                "cosign {verb} --{option}"
            );
        }
    }
}
