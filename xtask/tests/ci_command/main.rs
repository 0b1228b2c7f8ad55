//! `docker-ci`, and the workflows of this repository, held against the linters of others and against our own command
//! line.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "helpers of tests fail by panicking, and tell what was skipped"
)]

#[path = "../support/mod.rs"]
mod support;

#[path = "../support/peers.rs"]
#[allow(dead_code, reason = "every test binary takes its part of it")]
mod peers;

mod commands;
mod linters;
mod project;

use project::Project;
use support::checkout;

#[test]
fn our_own_workflows_are_up_to_date_and_nothing_is_wrong_with_them() {
    let output = support::run(&support::xtask(
        &checkout(),
        &["docker-ci", "--format=json"],
    ));
    assert_eq!(
        output.code,
        Some(0),
        "{}{}",
        output.text(),
        output.error_text()
    );
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["findings"], serde_json::json!([]));
}

#[test]
fn what_is_written_is_up_to_date_until_something_changes() {
    let project = Project::new("[[trust.identities]]\nissuer = \"i\"\nidentity = \"w\"\n[ci]\n");
    let (code, told) = project.run(&["docker-ci"]);
    assert_eq!(code, 1, "{told}");
    assert_eq!(told.matches("the file is missing").count(), 2, "{told}");
    let (code, told) = project.run(&["docker-ci", "--write"]);
    assert_eq!(code, 0, "{told}");
    assert_eq!(told.matches("is written").count(), 2, "{told}");
    let (code, told) = project.run(&["docker-ci"]);
    assert_eq!((code, told.trim()), (0, "no findings"));
    let (code, told) = project.run(&["docker-ci", "--write", "--quiet"]);
    assert_eq!((code, told.as_str()), (0, ""));

    // Another service: what starts the workflow is something else now.
    project.put(
        "apps/mail/Dockerfile",
        "FROM scratch AS production\nCOPY apps/mail/data /\n",
    );
    project.put("apps/mail/data/x", "");
    let (code, told) = project.run(&["docker-ci", "--format=json"]);
    assert_eq!(code, 1, "{told}");
    let report: serde_json::Value =
        serde_json::from_str(&told[..=told.rfind('}').unwrap()]).unwrap();
    let finding = &report["findings"][0];
    assert_eq!(finding["code"], "out-of-date");
    assert_eq!(finding["path"], ".github/workflows/docker-build.yml");
    assert!(
        finding["message"].as_str().unwrap().contains("apps/mail/"),
        "{finding:#}"
    );

    let (_, printed) = project.run(&["docker-ci", "--print"]);
    project.run(&["docker-ci", "--write"]);
    let written = project.read(".github/workflows/docker-build.yml");
    assert_eq!(printed.trim_end(), written.trim_end());
}

#[test]
fn what_the_manifest_lacks_is_told_at_its_place() {
    for (name, ci, more) in [
        ("nothing", "", ""),
        ("builder", "[ci]\nbuilder = \"farm\"\n", ""),
        (
            "platform",
            "[ci]\nbranches = []\npull_requests = []\n[ci.runners]\n\"linux/s390x\" = \"big\"\n",
            "[platforms]\nrelease = [\"linux/riscv64\"]\n",
        ),
        ("cache", "[ci]\n", "[cache]\nbackend = \"gha\"\n"),
        ("key", "[ci]\nbranch = [\"main\"]\n", ""),
    ] {
        let project = Project::new(&format!("{more}{ci}"));
        let (code, told) = project.run(&["docker-ci", "--write"]);
        assert_eq!(code, 2, "{told}");
        insta::assert_snapshot!(name, told);
        assert!(!project.root().join(".github").exists());
    }
}

#[test]
fn without_a_table_the_workflows_that_are_there_are_judged() {
    let project = Project::new("");
    let workflow = ".github/workflows/build.yml";
    let text = "on: push\njobs:\n  a:\n    timeout-minutes: 5\n    steps:\n      - uses: docker/build-push-action@263435318d21b8e681c14492fe198d362a7d2c83 # v6\n        with: {push: true, provenance: false, file: apps/web/Dockerfile}\n";
    project.put(workflow, text);
    let (code, told) = project.run(&["docker-ci", "--fail-on=note", "--format=github"]);
    assert_eq!(code, 1);
    assert!(
        told.contains("file=.github/workflows/build.yml,line=6"),
        "{told}"
    );
    assert!(told.contains("DW3009"), "{told}");
    // The same configuration and comments as for docker-lint.
    let (code, _) = project.run(&["docker-ci", "--fail-on=note", "--ignore=DW3009"]);
    assert_eq!(code, 0);
    project.put(
        workflow,
        &text.replace(
            "      - uses",
            "      # lint: allow(DW3009) signed by another workflow\n      - uses",
        ),
    );
    let (code, told) = project.run(&["docker-ci", "--fail-on=note"]);
    assert_eq!(code, 0, "{told}");
    assert!(told.contains("1 suppressed"), "{told}");
    let (code, told) = project.run(&["docker-ci", "--only=DW9999"]);
    assert_eq!(code, 2, "{told}");
}
