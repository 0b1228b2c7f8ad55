//! Each way in which an image is not to be trusted has its own name, and what cannot be told is never trust.

use serde_json::{Value, json};

use crate::stage::Stage;

#[test]
fn what_is_wrong_with_a_signature_is_told_apart() {
    let Some(stage) = Stage::new() else { return };
    stage.push();
    assert_eq!(stage.verify(&[]).0, ["image-unsigned"; 2]);

    // An attestation is no signature, though cosign takes it for one.
    let image = format!("{}@{}", stage.name("web"), stage.digest("web"));
    std::fs::write(stage.file("p.json"), "{}").unwrap();
    stage.sign(&["api"]);
    let (key, predicate) = (stage.file("docker/cosign.key"), stage.file("p.json"));
    let config = stage.file("target/docker-cosign/work/no-services.json");
    let attest = [
        "attest",
        "--yes",
        "--key",
        key.as_str(),
        "--signing-config",
        config.as_str(),
    ];
    let about = [
        "--type",
        "https://example.org/x/v1",
        "--predicate",
        predicate.as_str(),
        image.as_str(),
    ];
    stage.cosign(&[&attest[..], &about[..]].concat());
    let public = stage.file("docker/cosign.pub");
    stage.cosign(&[
        "verify",
        "--insecure-ignore-tlog=true",
        "--key",
        public.as_str(),
        image.as_str(),
    ]);
    assert_eq!(
        stage.verify(&[]).0,
        ["image-unsigned"],
        "web, though cosign says yes"
    );

    // Somebody else's.
    stage.policy("keys = [\"docker/cosign.pub\"]\n");
    stage.sign(&["web", "--key=docker/other.key"]);
    assert_eq!(
        stage.verify(&["web"]).0,
        ["image-unsigned"],
        "the attestation is ours, the signature is not"
    );
    stage.remove_signatures("web", &stage.digest("web"));
    stage.sign(&["web", "--key=docker/other.key"]);
    assert_eq!(stage.verify(&["web"]).0, ["image-signed-by-another"]);

    // Changed.
    let digest = stage.digest("api");
    stage.tamper(
        "api",
        &digest,
        "\"image.name\":\"api\"",
        "\"image.name\":\"web\"",
    );
    assert_eq!(stage.verify(&["api"]).0, ["signature-tampered"]);
    // Deleted.
    stage.remove_signatures("api", &digest);
    assert_eq!(stage.verify(&["api"]).0, ["image-unsigned"]);
    // Only the index is signed, and not what it holds.
    let reference = format!("{}@{digest}", stage.name("api"));
    let sign = [
        "sign",
        "--yes",
        "--key",
        key.as_str(),
        "--signing-config",
        config.as_str(),
    ];
    stage.sign(&["api", "--key=docker/cosign.key"]);
    for (_, member) in members(&stage) {
        stage.remove_signatures("api", &member);
    }
    assert_eq!(stage.verify(&["api"]).0, ["image-unsigned"; 2]);
    stage.policy("keys = [\"docker/cosign.pub\"]\nplatforms = false\n");
    assert_eq!(stage.verify(&["api"]).0, [""; 0]);
    stage.cosign(&[&sign[..], &[reference.as_str()]].concat());

    // The tag is moved to another image after signing.
    let before = digest;
    let tagged = format!("{}:dev", stage.name("api"));
    let metadata = stage.file("target/docker-build/metadata.json");
    let kept = std::fs::read(&metadata).unwrap();
    std::fs::write(stage.file("services/api/data"), "something else").unwrap();
    stage.push();
    assert_ne!(stage.digest("api"), before);
    std::fs::write(&metadata, kept).unwrap();
    assert_eq!(
        stage.verify(&["api"]).0,
        ["tag-moved"],
        "what was built is signed, and is not what the tag means"
    );
    assert_eq!(stage.verify(&[&tagged]).0, ["image-unsigned"]);
    let pinned = format!("{tagged}@{before}");
    assert_eq!(stage.verify(&[&pinned]).0, ["tag-moved"]);
}

/// Platform and digest of what the index of `api` holds.
fn members(stage: &Stage) -> Vec<(String, String)> {
    let (_, report) = stage.verify(&["api"]);
    let platforms = report["images"][0]["platforms"]
        .as_object()
        .unwrap()
        .clone();
    let text = |value: Value| value.as_str().unwrap().to_owned();
    platforms
        .into_iter()
        .map(|(platform, digest)| (platform, text(digest)))
        .collect()
}

#[test]
#[expect(
    clippy::too_many_lines,
    reason = "one stage is set up for all of it, and in this order"
)]
fn what_cannot_be_told_is_never_trust() {
    let Some(mut stage) = Stage::new() else {
        return;
    };
    stage.push();
    stage.sign(&["api"]);
    let choice = stage.machine.choice();
    let told = |stage: &Stage, arguments: &[&str], code: i32, words: &str| {
        let output = stage.run(arguments);
        let printed = output.error_text();
        assert_eq!(
            output.code,
            Some(code),
            "{arguments:?}: {}\n{printed}",
            output.text()
        );
        assert!(printed.contains(words), "{arguments:?}: {printed}");
        output
    };
    // Names.
    let absent = format!("{}@sha256:{}", stage.name("api"), "0".repeat(64));
    told(
        &stage,
        &["docker-verify", choice, &absent],
        2,
        "has no image",
    );
    told(
        &stage,
        &["docker-sign", choice, &absent],
        2,
        "push it first",
    );
    told(
        &stage,
        &["docker-sign", choice, &format!("{}:dev", stage.name("api"))],
        2,
        "has no digest",
    );
    told(
        &stage,
        &["docker-verify", choice, "appi"],
        2,
        "did you mean `api`?",
    );
    told(
        &stage,
        &["docker-sign", choice, "--metadata=none.json"],
        2,
        "no metadata of a build",
    );
    // One image of which the build tells no digest keeps the other from nothing.
    let file = stage.file("target/docker-build/metadata.json");
    let kept = std::fs::read(&file).unwrap();
    let mut metadata: Value = serde_json::from_slice(&kept).unwrap();
    metadata["api"]
        .as_object_mut()
        .unwrap()
        .remove("containerimage.digest");
    std::fs::write(&file, metadata.to_string()).unwrap();
    let output = told(
        &stage,
        &["docker-sign", choice],
        2,
        "tells no digest of `api`",
    );
    assert!(
        output.text().contains("1 image signed"),
        "{}",
        output.text()
    );
    std::fs::write(&file, "[]").unwrap();
    told(
        &stage,
        &["docker-verify", choice],
        2,
        "is not the metadata of a build",
    );
    std::fs::write(&file, kept).unwrap();
    // Keys.
    told(
        &stage,
        &["docker-verify", choice, "--key=docker/none.pub"],
        2,
        "failed to read the public key",
    );
    told(
        &stage,
        &["docker-verify", choice, "--key=docker/cosign.key"],
        2,
        "is a private key",
    );
    told(
        &stage,
        &["docker-verify", choice, "--key=docker/docker.toml"],
        2,
        "is no public key",
    );
    told(
        &stage,
        &["docker-sign", choice, "--key=none.key"],
        2,
        "there is no key",
    );
    told(
        &stage,
        &["docker-sign", choice, "--key=env://NO_SUCH_KEY"],
        2,
        "holds no key",
    );
    stage.policy("");
    told(
        &stage,
        &["docker-verify", choice, "api"],
        2,
        "nobody is named",
    );
    told(
        &stage,
        &["docker-sign", choice, "api"],
        2,
        "no key is named",
    );
    stage.policy("keys = [\"docker/cosign.pub\"]\nsigning_key = \"docker/cosign.key\"\n");
    let wrong = stage
        .command(&["docker-sign", choice, "api"])
        .env("COSIGN_PASSWORD", "wrong");
    let wrong = crate::support::run(&wrong);
    assert_eq!(wrong.code, Some(2), "{}", wrong.error_text());
    assert!(
        wrong.error_text().contains("missing or wrong"),
        "{}",
        wrong.error_text()
    );
    // Documents.
    std::fs::write(stage.file("x.json"), json!({"some": "thing"}).to_string()).unwrap();
    told(
        &stage,
        &["docker-sign", choice, "api", "--sbom=x.json"],
        2,
        "neither a CycloneDX nor an SPDX",
    );
    told(
        &stage,
        &["docker-sign", choice, "api", "--scan=none.json"],
        2,
        "failed to read",
    );
    // The registry is down: unknown, in the report too, and exit 3.
    stage.registry.stop();
    let down = told(
        &stage,
        &["docker-verify", choice, "--format=json", "api"],
        3,
        "cannot be asked",
    );
    let report: Value = serde_json::from_slice(&down.stdout).unwrap();
    assert_eq!(report["trusted"], false);
    assert_eq!(report["images"][0]["standing"], "unknown");
    told(
        &stage,
        &["docker-sign", choice, "api"],
        3,
        "cannot be asked",
    );
    let trail = std::fs::read_to_string(stage.file("trail.jsonl")).unwrap();
    assert!(trail.contains("\"outcome\":\"unknown\""), "{trail}");
}
