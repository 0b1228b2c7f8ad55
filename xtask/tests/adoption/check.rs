//! `docker-check`.

use super::repository::{Repository, SERVICE, run};

/// Code, file and line of each finding.
fn findings(document: &serde_json::Value) -> Vec<String> {
    assert_eq!(document["schema_version"], 1);
    let findings = document["findings"].as_array().unwrap().iter();
    let mut told: Vec<String> = findings
        .map(|finding| {
            format!(
                "{} {} {}",
                finding["code"].as_str().unwrap(),
                finding["path"].as_str().unwrap_or_default(),
                finding["line"],
            )
        })
        .collect();
    told.sort();
    told.dedup();
    told
}

fn found(repository: &Repository, arguments: &[&str]) -> Vec<String> {
    findings(&repository.xtask(arguments).json())
}

#[test]
fn it_says_what_the_single_commands_say() {
    let shop = Repository::shop("");
    shop.xtask(&["docker-check"]).ends_with(0);
    shop.write(".dockerignore", "node_modules\n");
    shop.write("apps/api/.env", "TOKEN=x\n");
    shop.write(
        "apps/api/Dockerfile",
        SERVICE.replace("COPY apps/api/server /server", "ADD . /\nARG UNUSED"),
    );
    shop.write(
        "tools/Dockerfile",
        "FROM debian\nRUN apt-get install curl\n",
    );
    let mut single = found(&shop, &["docker-lint", "--format=json", "--shellcheck=off"]);
    single.extend(found(&shop, &["docker-ignore", "--format=json"]));
    single.sort();
    single.dedup();
    let together = found(&shop, &["docker-check", "--format=json"]);
    assert_eq!(together, single);
    assert!(together.len() > 8, "{together:?}");
    let some = found(&shop, &["docker-check", "--format=json", "--only=ignore"]);
    assert!(some.len() < together.len() && !some.is_empty(), "{some:?}");
    shop.xtask(&["docker-check"]).ends_with(1);
    shop.xtask(&["docker-bake"]).ends_with(0);
}

#[test]
fn generated_files_are_held_and_mended() {
    let shop = Repository::shop("");
    let text = shop.read("docker/docker-bake.hcl");
    shop.write("docker/docker-bake.hcl", text.replace("\"api\"", "\"pai\""));
    std::fs::remove_file(shop.path("docker/docker.schema.json")).unwrap();
    let line = 1 + text
        .lines()
        .position(|line| line.contains("\"api\""))
        .unwrap();
    let ran = shop.xtask(&["docker-check", "--format=json"]).ends_with(1);
    assert_eq!(
        findings(&ran.json()),
        [
            "C001 docker/docker.schema.json null".to_owned(),
            format!("C002 docker/docker-bake.hcl {line}")
        ]
    );
    let ran = shop.xtask(&["docker-check", "--fix"]).ends_with(0);
    assert!(
        ran.stderr.contains("docker-bake.hcl is mended (bake)"),
        "{}",
        ran.stderr
    );
    assert_eq!(shop.read("docker/docker-bake.hcl"), text);
}

#[test]
fn what_is_mended_first_is_what_the_bake_file_is_made_from() {
    let shop = Repository::shop("");
    shop.write(
        "apps/api/Dockerfile",
        format!("{SERVICE}LABEL b=c\n").replace("COPY", "ADD"),
    );
    shop.xtask(&["docker-check", "--only=lint"]).ends_with(1);
    shop.xtask(&["docker-check", "--fix"]).ends_with(0);
    assert!(
        shop.read("apps/api/Dockerfile")
            .contains("COPY apps/api/server")
    );
}

#[test]
fn paths_say_which_checks_are_made() {
    let shop = Repository::shop("");
    let made = |paths: &[&str]| {
        let ran = shop
            .xtask(&[&["docker-check"], paths].concat())
            .ends_with(0);
        let told = ran.stderr.trim().rsplit(": ").next().unwrap().to_owned();
        told.trim_end_matches(')').to_owned()
    };
    let all = "manifest, lint, ignore, bake, ci, deploy";
    assert_eq!(made(&["README.md"]), "nothing that a check looks at");
    assert_eq!(made(&["README.md", "docker/docker.toml"]), all);
    assert_eq!(made(&["apps"]), all);
    assert_eq!(made(&["apps/api/server"]), "lint, ignore");
    assert_eq!(
        made(&["docker/docker-bake.hcl"]),
        "lint, ignore, bake, ci, deploy"
    );
    let ran = shop.xtask(&["docker-check", "gone"]).ends_with(2);
    assert!(ran.stderr.contains("there is no gone"), "{}", ran.stderr);
    let ran = shop.xtask(&["docker-check", "/etc/passwd"]).ends_with(2);
    assert!(
        ran.stderr.contains("not in the repository"),
        "{}",
        ran.stderr
    );
    let ran = shop.xtask(&["docker-check", "--only=lnt"]).ends_with(2);
    assert!(
        ran.stderr.contains("did you mean `lint`?"),
        "{}",
        ran.stderr
    );
}

#[test]
fn what_is_staged_counts_and_not_the_work_tree() {
    let shop = Repository::shop("");
    let ran = shop.xtask(&["docker-check", "--staged"]).ends_with(0);
    assert!(ran.stderr.contains("nothing is staged"), "{}", ran.stderr);
    // Wrong in the index, right in the work tree.
    shop.write("apps/api/Dockerfile", SERVICE.replace("COPY", "ADD"));
    shop.git(&["add", "--all"]).ends_with(0);
    shop.write("apps/api/Dockerfile", SERVICE);
    shop.xtask(&["docker-check", "--staged"]).ends_with(1);
    shop.xtask(&["docker-check"]).ends_with(0);
    // The other way round, and with what git does not know.
    shop.git(&["reset", "--quiet", "--hard"]).ends_with(0);
    shop.write("README.md", "A good shop.\n");
    shop.git(&["add", "--all"]).ends_with(0);
    shop.write("apps/api/Dockerfile", "FRO scratch\n");
    let ran = shop.xtask(&["docker-check", "--staged"]).ends_with(0);
    assert!(
        ran.stderr.contains("nothing that a check looks at"),
        "{}",
        ran.stderr
    );
    shop.xtask(&["docker-check"]).ends_with(2);
    // What is copied is gone with the next commit.
    shop.git(&["reset", "--quiet", "--hard"]).ends_with(0);
    shop.git(&["rm", "--quiet", "apps/api/server"]).ends_with(0);
    shop.write("apps/api/server", "not staged\n");
    let ran = shop
        .xtask(&["docker-check", "--staged", "--format=json"])
        .ends_with(1);
    let paths = findings(&ran.json());
    assert!(
        paths
            .iter()
            .all(|told| told.contains(" apps/api/Dockerfile ")),
        "{paths:?}"
    );
    // A commit that was made is judged as it was.
    shop.xtask(&["docker-check", "--commit", "HEAD"])
        .ends_with(0);
    let ran = shop
        .xtask(&["docker-check", "--commit", "none"])
        .ends_with(2);
    assert!(ran.stderr.contains("no commit `none`"), "{}", ran.stderr);
}

#[test]
fn a_repository_without_a_manifest_is_checked_too() {
    let plain = Repository::new(&[
        (
            "Dockerfile",
            "FROM scratch\nCOPY x /x\nUSER 1001\nCMD [\"/x\"]\n",
        ),
        (".dockerignore", "*\n!x\n"),
        ("x", ""),
    ]);
    plain.xtask(&["docker-check"]).ends_with(0);
    let elsewhere = tempfile::tempdir().unwrap();
    let ran = run(
        elsewhere.path(),
        env!("CARGO_BIN_EXE_xtask"),
        &["docker-check", "--staged"],
    );
    assert!(ran.ends_with(4).stderr.contains("run it in a repository"));
}

#[test]
fn the_checks_are_listed() {
    let anywhere = Repository::new(&[]);
    let ran = anywhere.xtask(&["docker-check", "--list"]).ends_with(0);
    insta::assert_snapshot!(ran.stdout);
    let ran = anywhere
        .xtask(&["docker-check", "--list", "--format=json"])
        .ends_with(0);
    assert_eq!(ran.json()["checks"][3]["id"], "bake");
}

#[test]
fn a_broken_manifest_is_told_once() {
    let shop = Repository::shop("");
    shop.write("apps/api/Dockerfile", SERVICE.replace("production", "prod"));
    let ran = shop.xtask(&["docker-check"]).ends_with(2);
    assert_eq!(ran.stderr.matches("error:").count(), 1, "{}", ran.stderr);
    assert!(ran.stderr.contains("production"), "{}", ran.stderr);
}
