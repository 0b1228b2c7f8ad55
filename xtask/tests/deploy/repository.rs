//! This repository's own manifests, and what is generated.

use crate::shop::Shop;
use crate::support::{checkout, run, xtask};

#[test]
fn the_manifests_of_this_repository_are_what_was_built_and_tested() {
    let output = run(&xtask(&checkout(), &["docker-deploy", "--format", "json"]));
    let document: serde_json::Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    let findings = document["findings"].as_array().unwrap();
    let codes: Vec<_> = findings
        .iter()
        .map(|it| it["code"].as_str().unwrap())
        .collect();
    // Nothing was pushed from this checkout, so nothing is pinned: a note for each container.
    assert!(codes.iter().all(|code| *code == "DK4002"), "{findings:#?}");
    assert_eq!(output.code, Some(0));
    let judged = document["environments"].as_array().unwrap();
    let names: Vec<_> = judged
        .iter()
        .map(|it| it["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["staging", "production"]);
}

#[test]
fn what_is_generated() {
    let shop = Shop::generated();
    insta::assert_snapshot!("web", shop.read("k8s/base/web.yaml"));
    insta::assert_snapshot!("stock", shop.read("k8s/base/stock.yaml"));
    insta::assert_snapshot!("kustomization", shop.read("k8s/base/kustomization.yaml"));
}

#[test]
fn every_drift_of_a_fact_makes_what_is_generated_outdated() {
    for (path, from, to, wanted) in [
        (
            "services/web/Dockerfile",
            "EXPOSE 8080",
            "EXPOSE 8088",
            "8088",
        ),
        (
            "services/web/Dockerfile",
            "/healthz",
            "/alive",
            "path: /alive",
        ),
        (
            "services/web/Dockerfile",
            "USER 65532",
            "USER 7",
            "runAsUser: 7",
        ),
        (
            "services/web/Dockerfile",
            "--timeout=2s",
            "--timeout=4s",
            "timeoutSeconds: 4",
        ),
        (
            "services/web/Dockerfile",
            "--start-period=20s",
            "--start-period=90s",
            "failureThreshold: 21",
        ),
        (
            "compose.yaml",
            "mem_limit: 64m",
            "mem_limit: 96m",
            "memory: 96Mi",
        ),
        (
            "compose.yaml",
            "tmpfs: [/tmp]",
            "tmpfs: [/run]",
            "name: run",
        ),
        (
            "compose.yaml",
            "http://stock:9000",
            "http://elsewhere",
            "---",
        ),
        (
            "docker/docker.toml",
            "STOP_MS = 20000",
            "STOP_MS = 30000",
            "terminationGracePeriodSeconds: 32",
        ),
    ] {
        let shop = Shop::generated();
        shop.edit(path, from, to);
        let ran = shop.run(&["--format", "json"]);
        assert_eq!(ran.code, Some(1), "{to}: {}{}", ran.stdout, ran.stderr);
        let found = ran.findings();
        let outdated = found
            .iter()
            .find(|it| it.starts_with("DK6001 k8s/base/web.yaml:"));
        assert!(
            outdated.is_some_and(|it| it.contains(wanted)) || wanted == "---",
            "{to}: {found:#?}"
        );
        let ran = shop.run(&["--write"]);
        assert_eq!(ran.code, Some(0), "{to}: {}{}", ran.stdout, ran.stderr);
    }
}

#[test]
fn a_service_that_is_gone_leaves_nothing_and_what_was_written_by_hand_is_not_removed() {
    let shop = Shop::generated();
    std::fs::remove_dir_all(shop.file("services/stock")).unwrap();
    shop.edit(
        "compose.yaml",
        "    environment:\n      STOCK_URL: http://stock:9000\n",
        "",
    );
    let manifest = shop.read("docker/docker.toml");
    let start = manifest.find("[deploy.services.stock]").unwrap();
    let end = manifest.find("[[deploy.edges]]").unwrap();
    let without = format!("{}{}", &manifest[..start], &manifest[end..]);
    let without = without.replace(
        "[[deploy.edges]]\nfrom = \"stock\"\nto = \"db\"\nport = 5432\n",
        "",
    );
    shop.write("docker/docker.toml", &without);
    let found = shop.findings(&[]);
    assert!(
        found
            .iter()
            .any(|it| it.contains("stock.yaml is not generated any more")),
        "{found:#?}"
    );
    let ran = shop.run(&["--write"]);
    assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
    assert!(!shop.file("k8s/base/stock.yaml").exists());

    shop.write("k8s/base/mine.yaml", "# by hand\n");
    let ran = shop.run(&["--write"]);
    assert_eq!(ran.code, Some(2), "{}", ran.stdout);
    assert!(
        ran.stderr
            .contains("k8s/base/mine.yaml was written by hand"),
        "{}",
        ran.stderr
    );
    assert!(shop.file("k8s/base/mine.yaml").exists());
}
