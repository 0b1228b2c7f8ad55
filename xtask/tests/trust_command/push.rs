//! `docker-build --push` where the policy says that what is pushed must be signed.

use crate::stage::Stage;

#[test]
fn what_is_pushed_is_signed_where_the_policy_says_so() {
    let Some(stage) = Stage::new() else { return };
    let policy = |key: &str| {
        stage.policy(&format!(
            "require = [\"push\"]\nkeys = [\"docker/cosign.pub\"]\nsigning_key = \"{key}\"\n"
        ));
    };
    let build = ["docker-build", "--push", stage.machine.choice(), "api"];
    // Without a key nothing is even built.
    policy("docker/none.key");
    let refused = stage.run(&build);
    assert_eq!(refused.code, Some(2), "{}", refused.error_text());
    assert!(
        refused.error_text().contains("there is no key"),
        "{}",
        refused.error_text()
    );
    assert!(
        refused.error_text().contains("trust.require"),
        "{}",
        refused.error_text()
    );
    assert!(
        !stage
            .root()
            .join("target/docker-build/metadata.json")
            .exists()
    );

    policy("docker/cosign.key");
    stage.ok(&build);
    let (problems, report) = stage.verify(&["api", "--attested=provenance"]);
    assert_eq!(problems, [""; 0], "{report:#}");
}
