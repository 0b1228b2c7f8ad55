//! What was signed is verified, and each thing the policy asks for is looked at.

use serde_json::{Value, json};

use crate::stage::Stage;

const KEYS: &str = "keys = [\"docker/cosign.pub\"]\nsigning_key = \"docker/cosign.key\"\n";

fn write(stage: &Stage, name: &str, value: &Value) {
    std::fs::write(stage.file(name), value.to_string()).unwrap();
}

#[test]
fn what_was_pushed_is_signed_attested_and_verified() {
    let Some(stage) = Stage::new() else { return };
    stage.push();
    let old = "2020-01-01T00:00:00Z";
    for service in ["api", "web"] {
        let sbom =
            json!({"bomFormat": "CycloneDX", "specVersion": "1.6", "metadata": {"timestamp": old}});
        write(&stage, &format!("{service}.cdx.json"), &sbom);
    }
    write(&stage, "api.scan.json", &json!({"verdict": "pass"}));
    write(&stage, "web.scan.json", &json!({"verdict": "fail"}));
    let signed = stage.sign(&[
        "--provenance",
        "--sbom={name}.cdx.json",
        "--scan={name}.scan.json",
        "--annotation=release=2026, \"winter\"",
        "--format=json",
    ]);
    let signed: Value = serde_json::from_slice(&signed.stdout).unwrap();
    assert_eq!(signed["images"].as_array().unwrap().len(), 2, "{signed:#}");
    let api = &signed["images"][0];
    assert_eq!(api["attested"], json!(["sbom", "provenance", "scan"]));
    assert_eq!(api["digest"], stage.digest("api"));

    let (problems, report) = stage.verify(&[]);
    assert_eq!(problems, [""; 0], "{report:#}");
    let api = &report["images"][0];
    assert_eq!(api["standing"], "trusted");
    assert_eq!(
        api["platforms"].as_object().unwrap().len(),
        2,
        "both platforms are signed: {api:#}"
    );
    assert_eq!(api["annotations"]["release"], "2026, \"winter\"");
    assert_eq!(api["annotations"]["image.name"], "api");

    // What a tag means now, a digest, and a name in full are the same image.
    let by_digest = format!("{}@{}", stage.name("api"), stage.digest("api"));
    let by_tag = format!("{}:dev", stage.name("api"));
    for arguments in [
        &["--tag=dev", "api"][..],
        &[by_digest.as_str()],
        &[by_tag.as_str()],
    ] {
        let (problems, report) = stage.verify(arguments);
        assert_eq!(problems, [""; 0], "{arguments:?}: {report:#}");
        assert_eq!(report["images"][0]["digest"], stage.digest("api"));
    }

    let all = |policy: &str| {
        stage.policy(&format!("{KEYS}{policy}"));
        stage.verify(&[]).0
    };
    assert_eq!(
        all("annotations = { \"image.name\" = \"{name}\", \"build.ref\" = \"*\" }\n"),
        [""; 0]
    );
    assert_eq!(
        all("annotations = { \"image.name\" = \"api\" }\n"),
        ["signature-annotation-wrong"]
    );
    assert_eq!(
        all("annotations = { \"reviewed\" = \"*\" }\n"),
        ["signature-annotation-wrong"; 2]
    );
    assert_eq!(
        all("registries = [\"ghcr.io/acme\"]\n"),
        ["registry-not-allowed"; 2]
    );
    let host = &stage.registry.host;
    assert_eq!(all(&format!("registries = [\"{host}/acme\"]\n")), [""; 0]);
    let attested = |more: &str| format!("[[trust.attestations]]\n{more}\n");
    assert_eq!(
        all(&attested("type = \"provenance\"\nmax_age = \"1 hour\"")),
        [""; 0]
    );
    assert_eq!(all(&attested("type = \"sbom\"")), [""; 0]);
    assert_eq!(
        all(&attested("type = \"sbom\"\nmax_age = \"30 days\"")),
        ["attestation-too-old"; 2]
    );
    assert_eq!(
        all(&attested("type = \"https://example.org/review/v1\"")),
        ["attestation-missing"; 2]
    );
    assert_eq!(
        all(&attested("type = \"scan\"\nverdict = \"pass\"")),
        ["attested-scan-not-passed"]
    );
    stage.policy("keys = [\"docker/other.pub\"]\n");
    assert_eq!(stage.verify(&[]).0, ["image-signed-by-another"; 2]);
    // While keys are changed, both count.
    stage.policy("keys = [\"docker/other.pub\", \"docker/cosign.pub\"]\n[[trust.attestations]]\ntype = \"sbom\"\n");
    assert_eq!(stage.verify(&[]).0, [""; 0]);

    // All of it is in the record, which is whole, and the password is nowhere.
    let trail = std::fs::read_to_string(stage.file("trail.jsonl")).unwrap();
    for action in ["build", "push", "sign", "verify"] {
        assert!(
            trail.contains(&format!("\"action\":\"{action}\"")),
            "{action}"
        );
    }
    assert!(!trail.contains(crate::stage::PASSWORD));
    stage.ok(&["docker-audit", "verify"]);
}

#[test]
fn both_formats_of_signatures_count_alone_and_together() {
    let Some(stage) = Stage::new() else { return };
    stage.push();
    let key = stage.file("docker/cosign.key");
    let image = format!("{}@{}", stage.name("api"), stage.digest("api"));
    let old = [
        "--yes",
        "--use-signing-config=false",
        "--tlog-upload=false",
        "--new-bundle-format=false",
        "--key",
        key.as_str(),
    ];
    stage.cosign(&[&["sign", "--recursive"], &old[..], &[image.as_str()]].concat());
    assert_eq!(stage.verify(&["api"]).0, [""; 0], "the old format alone");
    write(
        &stage,
        "sbom.json",
        &json!({"spdxVersion": "SPDX-2.3", "creationInfo": {"created": "2026-01-01T00:00:00Z"}}),
    );
    let sbom = stage.file("sbom.json");
    let attest = ["attest", "--type", "spdxjson", "--predicate", sbom.as_str()];
    stage.cosign(&[&attest[..], &old[..], &[image.as_str()]].concat());
    assert_eq!(
        stage.verify(&["api", "--attested=sbom"]).0,
        [""; 0],
        "an attestation of the old format"
    );
    // cosign looks at bundles first, and does not see the old signature any more.
    write(&stage, "scan.json", &json!({"verdict": "pass"}));
    stage.sign(&["web", "--scan=scan.json"]);
    let scan = stage.file("scan.json");
    let attest = [
        "attest",
        "--type",
        "https://example.org/x/v1",
        "--predicate",
        scan.as_str(),
    ];
    let new = ["--yes", "--key", key.as_str(), "--signing-config"];
    let config = stage.file("target/docker-cosign/work/no-services.json");
    stage.cosign(&[&attest[..], &new[..], &[config.as_str(), image.as_str()]].concat());
    let (problems, report) = stage.verify(&[
        "api",
        "--attested=sbom",
        "--attested=https://example.org/x/v1",
    ]);
    assert_eq!(problems, [""; 0], "{report:#}");
}
