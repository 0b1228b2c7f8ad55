//! Policy, record, deadlines and what is accepted, in a repository.

use std::path::Path;

use super::images::{write_advisories, write_advisories_of, write_planted};
use super::{git, run};

const MANIFEST: &str = "schema_version = 1\n[project]\nname = \"shop\"\n";

const DOCKERFILE: &str =
    "FROM alpine:3.20 AS production\nCOPY layer0 /\nCOPY layer1 /\nCOPY layer2 /\nCMD [\"x\"]\n";

/// A repository with a service `api`, an archive of its image, and advisories.
fn repository(scan: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write("docker/docker.toml", &format!("{MANIFEST}{scan}"));
    write("apps/api/Dockerfile", DOCKERFILE);
    write_planted(&folder.path().join("api.tar"));
    write_advisories(&folder.path().join("target/docker-scan/advisories"));
    git(folder.path(), &["init", "--quiet"]);
    git(folder.path(), &["add", "docker", "apps"]);
    git(folder.path(), &["commit", "--quiet", "--message=first"]);
    folder
}

fn scan(folder: &Path, arguments: &[&str]) -> super::Ran {
    run(
        folder,
        &[&["./api.tar", "--format", "json"][..], arguments].concat(),
    )
}

/// The codes about vulnerabilities with their severities, sorted.
fn vulnerable(ran: &super::Ran) -> Vec<String> {
    let document = ran.json();
    let findings = document["findings"].as_array().unwrap();
    let mut told: Vec<String> = findings
        .iter()
        .filter(|one| one["code"].as_str().unwrap().starts_with("DX60"))
        .map(|one| {
            let text = |key: &str| one[key].as_str().unwrap().to_owned();
            format!("{} {}", text("code"), text("severity"))
        })
        .collect();
    told.sort();
    told
}

const ACCEPTED: &str = "[[scan.ignores]]\nid = \"CVE-2027-0001\"\npackage = \"openssl\"\nreason = \"not reachable\"\nowner = \"platform\"\nexpires = 2999-01-01\n";

#[test]
fn what_is_accepted_with_a_reason_does_not_fail_until_its_day() {
    let folder = repository(ACCEPTED);
    let ran = scan(folder.path(), &[]);
    assert_eq!(vulnerable(&ran), ["DX6004 error"], "{ran:?}");
    let statement = &ran.json()["images"][0]["vulnerabilities"][0]["statement"];
    assert_eq!(statement["reason"], "not reachable");
    assert_eq!(statement["owner"], "platform");

    let folder = repository(&ACCEPTED.replace("2999-01-01", "2026-01-01"));
    let ran = scan(folder.path(), &[]);
    assert_eq!(
        vulnerable(&ran),
        ["DX6004 error", "DX6004 error", "DX6010 error"],
        "{ran:?}"
    );
    let terminal = run(folder.path(), &["./api.tar"]);
    assert!(
        terminal.stdout.contains("docker/docker.toml:5:6"),
        "{terminal:?}"
    );
}

#[test]
fn trivys_own_files_are_read_and_what_is_out_of_date_is_told() {
    let folder = repository("");
    std::fs::write(
        folder.path().join(".trivyignore"),
        "CVE-2027-0001 exp:2999-01-01\nCVE-2027-0002 exp:2020-01-01\n",
    )
    .unwrap();
    let ran = scan(folder.path(), &[]);
    assert_eq!(
        vulnerable(&ran),
        ["DX6004 error", "DX6010 warning"],
        "{ran:?}"
    );
}

#[test]
fn data_that_are_too_old_fail_whatever_they_say() {
    let folder = repository("[scan]\nfail_on = \"none\"\nmax_data_age = \"7 days\"\n");
    let data = folder.path().join("target/docker-scan/advisories");
    write_advisories_of(&data, "2020-01-01T00:00:00Z");
    let ran = scan(folder.path(), &[]);
    let old: Vec<String> = vulnerable(&ran)
        .into_iter()
        .filter(|one| one.starts_with("DX6020"))
        .collect();
    assert_eq!(old, ["DX6020 error", "DX6020 error"], "{ran:?}");
    let young = scan(folder.path(), &["--max-data-age", "1000 weeks"]);
    assert!(!young.codes().contains(&"DX6020".to_owned()));
}

#[test]
fn command_line_and_manifest_say_what_fails() {
    let folder = repository("[scan]\nfail_on = \"none\"\n");
    let levels = |arguments: &[&str]| vulnerable(&scan(folder.path(), arguments));
    assert_eq!(levels(&[]), ["DX6004 warning", "DX6004 warning"]);
    assert_eq!(
        levels(&["--fail-on", "critical"]),
        ["DX6004 error", "DX6004 warning"]
    );
}

#[test]
fn the_record_starts_the_clock_and_a_broken_one_is_refused() {
    // An archive is none of the manifest's images: nothing is recorded of it.
    let folder = repository("");
    let ran = scan(folder.path(), &["--record"]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(
        ran.stderr
            .contains("no image of the manifest was looked at"),
        "{ran:?}"
    );
    let record = folder.path().join("docker/vulnerabilities.json");
    assert!(!record.exists());
    std::fs::write(&record, "<<<<<<< HEAD\n").unwrap();
    let ran = scan(folder.path(), &[]);
    assert_eq!(ran.code, Some(2));
    assert!(
        ran.stderr.contains("docker/vulnerabilities.json:1:1")
            && ran.stderr.contains("two branches changed it"),
        "{ran:?}"
    );
    std::fs::remove_file(&record).unwrap();
    let ran = scan(folder.path(), &["--against", "HEAD"]);
    assert_eq!(ran.code, Some(2));
    assert!(
        ran.stderr.contains("HEAD has no record of vulnerabilities"),
        "{ran:?}"
    );
    let ran = scan(folder.path(), &["--against", "nowhere"]);
    assert!(
        ran.stderr
            .contains("nowhere is neither a file nor a commit"),
        "{ran:?}"
    );
}

#[test]
fn a_baseline_keeps_known_findings_back() {
    let folder = repository("");
    let written = run(
        folder.path(),
        &["./api.tar", "--write-baseline", "known.json"],
    );
    assert_eq!(written.code, Some(0), "{written:?}");
    let known = scan(folder.path(), &["--baseline", "known.json"]);
    assert_eq!(
        known.json()["findings"].as_array().unwrap().len(),
        0,
        "{known:?}"
    );
    assert_eq!(known.code, Some(0), "{known:?}");
}

#[test]
fn what_dockle_leaves_out_is_left_out_and_a_line_that_names_nothing_is_told() {
    let folder = repository("");
    let is_told = |ran: &super::Ran| {
        let document = ran.json();
        let findings = document["findings"].as_array().unwrap();
        findings.iter().any(|one| one["code"] == "DL3002")
    };
    let ran = scan(folder.path(), &[]);
    assert!(is_told(&ran), "the image's user is root: {ran:?}");
    let list = folder.path().join(".dockleignore");
    std::fs::write(&list, "# moved over\nCIS-DI-0001 # root\n").unwrap();
    let ran = scan(folder.path(), &[]);
    assert!(!is_told(&ran), "{ran:?}");
    std::fs::write(&list, "CIS-DI-0001\n  CIS-1\n").unwrap();
    let ran = scan(folder.path(), &[]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.stderr.contains(".dockleignore:2"), "{ran:?}");
    assert!(ran.stderr.contains("\"CIS-1\" is no code"), "{ran:?}");
}
