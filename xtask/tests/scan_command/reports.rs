//! What is found, in every format.

use serde_json::Value;

use super::images::{planted_secret, write_advisories, write_clean, write_planted};
use super::run;

#[test]
fn what_is_planted_is_found_and_a_clean_image_is_clean() {
    let folder = tempfile::tempdir().unwrap();
    write_planted(&folder.path().join("planted.tar"));
    write_clean(&folder.path().join("clean.tar"));
    write_advisories(&folder.path().join("advisories"));
    let data = ["--database", "advisories", "--format", "json"];

    let planted = run(folder.path(), &[&["./planted.tar"][..], &data].concat());
    assert_eq!(planted.code, Some(1), "{planted:?}");
    let document = planted.json();
    let image = &document["images"][0];
    assert_eq!(image["distribution"], "alpine 3.20.3");
    assert_eq!(image["verdict"], "failed");
    let vulnerabilities: Vec<String> = image["vulnerabilities"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            format!(
                "{} {} {} {} {} -> {}",
                one["id"],
                one["level"],
                one["score"],
                one["package"]["name"],
                one["package"]["version"],
                one["fixed"]
            )
        })
        .collect();
    assert_eq!(
        vulnerabilities,
        [
            r#""CVE-2027-0001" "critical" 98 "libssl3" "3.3.2-r0" -> "3.3.3-r0""#,
            r#""CVE-2027-0002" "high" 75 "braces" "3.0.2" -> "3.0.3""#,
        ]
    );
    let codes = planted.codes();
    for code in ["DX6004", "DL3002"] {
        assert!(
            codes.iter().any(|one| one == code),
            "{code} is missing: {codes:?}"
        );
    }
    let text = planted.stdout.clone();
    assert!(
        text.contains("settings.ini"),
        "the hidden secret is told: {text}"
    );
    assert!(!text.contains(&planted_secret()), "a secret is never shown");

    let clean = run(folder.path(), &[&["./clean.tar"][..], &data].concat());
    let image = &clean.json()["images"][0];
    assert_eq!(image["vulnerabilities"].as_array().unwrap().len(), 0);
    let document = clean.json();
    let alarms: Vec<&Value> = document["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["severity"] != "note")
        .collect();
    assert!(alarms.is_empty(), "false alarms: {alarms:#?}");
    assert_eq!(clean.code, Some(0), "{clean:?}");
    assert_eq!(image["verdict"], "passed");
}

#[test]
fn without_data_nothing_is_clean() {
    let folder = tempfile::tempdir().unwrap();
    write_clean(&folder.path().join("clean.tar"));
    let ran = run(folder.path(), &["./clean.tar", "--format", "json"]);
    assert_eq!(ran.code, Some(3), "{ran:?}");
    assert_eq!(ran.json()["images"][0]["verdict"], "unknown");
    assert!(ran.codes().contains(&"DX6021".to_owned()));
    let allowed = run(folder.path(), &["./clean.tar", "--allow-unknown"]);
    assert_eq!(allowed.code, Some(0), "{allowed:?}");
    assert!(
        allowed.stdout.contains("0 of 1 image passed"),
        "{allowed:?}"
    );
    assert!(allowed.stdout.contains("not everything is known"));

    // Data about one kind of packages say nothing about another.
    write_advisories(&folder.path().join("advisories"));
    std::fs::remove_dir_all(folder.path().join("advisories/npm")).unwrap();
    let half = run(folder.path(), &["./clean.tar", "--database", "advisories"]);
    assert_eq!(half.code, Some(3), "{half:?}");
    assert!(
        half.stdout
            .contains("npm: there are no advisories for it: braces 3.0.3"),
        "{half:?}"
    );
}

#[test]
fn people_see_who_must_act() {
    let folder = tempfile::tempdir().unwrap();
    write_planted(&folder.path().join("planted.tar"));
    write_advisories(&folder.path().join("advisories"));
    let ran = run(
        folder.path(),
        &["./planted.tar", "--database", "advisories"],
    );
    for part in [
        "IMAGE",
        "./planted.tar  alpine 3.20.3         3         1     1",
        "whoever builds the image",
        "libssl3 (apk)",
        "CVE-2027-0001 critical",
        "→ take a build of the image with libssl3 3.3.3-r0 or later",
        "0 of 1 image passed (0 %)",
        "vulnerabilities: 1 critical, 1 high",
        "data: osv Alpine:v3.20 (",
    ] {
        assert!(ran.stdout.contains(part), "{part}\n{}", ran.stdout);
    }
    let quiet = run(
        folder.path(),
        &["./planted.tar", "--database", "advisories", "--quiet"],
    );
    assert!(
        quiet.stdout.contains("CVE-2027-0001"),
        "what is wrong is told even then"
    );
    assert_eq!(quiet.stderr, "");
}

#[test]
fn code_scanning_sees_each_vulnerability_with_its_score_and_the_same_mark_every_time() {
    let folder = tempfile::tempdir().unwrap();
    write_planted(&folder.path().join("planted.tar"));
    write_advisories(&folder.path().join("advisories"));
    let sarif = |arguments: &[&str]| -> Value {
        let all = [
            &[
                "./planted.tar",
                "--database",
                "advisories",
                "--format",
                "sarif",
            ][..],
            arguments,
        ];
        run(folder.path(), &all.concat()).json()
    };
    let document = sarif(&[]);
    let run = &document["runs"][0];
    let rule = run["tool"]["driver"]["rules"]
        .as_array()
        .unwrap()
        .iter()
        .find(|rule| rule["id"] == "CVE-2027-0001")
        .unwrap()
        .clone();
    assert_eq!(rule["properties"]["security-severity"], "9.8");
    assert_eq!(rule["properties"]["tags"][2], "DX6004");
    let mark = |document: &Value, id: &str| {
        let results = document["runs"][0]["results"].as_array().unwrap().clone();
        let result = results.into_iter().find(|one| one["ruleId"] == id).unwrap();
        result["partialFingerprints"]["findingHash/v1"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let before = mark(&document, "CVE-2027-0002");
    // Another one is gone: this one is still the same.
    std::fs::remove_dir_all(folder.path().join("advisories/Alpine")).unwrap();
    assert_eq!(mark(&sarif(&[]), "CVE-2027-0002"), before);
}

#[test]
fn every_format_tells_the_vulnerability() {
    let folder = tempfile::tempdir().unwrap();
    write_planted(&folder.path().join("planted.tar"));
    write_advisories(&folder.path().join("advisories"));
    for format in [
        "terminal",
        "json",
        "sarif",
        "github",
        "markdown",
        "junit",
        "gitlab",
        "checkstyle",
    ] {
        let ran = run(
            folder.path(),
            &[
                "./planted.tar",
                "--database",
                "advisories",
                "--format",
                format,
            ],
        );
        assert_eq!(ran.code, Some(1), "{format}: {ran:?}");
        assert!(
            ran.stdout.contains("CVE-2027-0001"),
            "{format}: {}",
            ran.stdout
        );
        assert!(!ran.stdout.contains('\u{1b}'), "{format} has no color");
        assert!(!ran.stdout.contains(&planted_secret()), "{format}");
    }
}

#[test]
fn a_page_and_a_statement_are_written_beside_the_answer() {
    let folder = tempfile::tempdir().unwrap();
    write_planted(&folder.path().join("planted.tar"));
    write_advisories(&folder.path().join("advisories"));
    let ran = run(
        folder.path(),
        &[
            "./planted.tar",
            "--database",
            "advisories",
            "--html",
            "scan.html",
            "--vex-out",
            "vex.json",
        ],
    );
    assert_eq!(ran.code, Some(1), "{ran:?}");
    let page = std::fs::read_to_string(folder.path().join("scan.html")).unwrap();
    assert!(page.contains("CVE-2027-0001") && page.contains("Who must act"));
    assert!(!page.contains("<script"), "the page needs none");
    let vex = std::fs::read_to_string(folder.path().join("vex.json")).unwrap();
    let vex: Value = serde_json::from_str(&vex).unwrap();
    assert_eq!(vex["statements"].as_array().unwrap().len(), 2);
    assert_eq!(vex["statements"][0]["status"], "affected");
    let package = &vex["statements"][0]["products"][0]["subcomponents"][0]["@id"];
    assert!(
        package
            .as_str()
            .unwrap()
            .starts_with("pkg:apk/alpine/libssl3@3.3.2-r0"),
        "{package}"
    );

    // What we state ourselves is taken at our word.
    let text = vex
        .to_string()
        .replace("\"affected\"", "\"not_affected\"")
        .replace("action_statement", "impact_statement");
    std::fs::write(folder.path().join("stated.json"), text).unwrap();
    let stated = run(
        folder.path(),
        &[
            "./planted.tar",
            "--database",
            "advisories",
            "--vex",
            "stated.json",
            "--format",
            "json",
        ],
    );
    assert!(
        !stated.codes().iter().any(|code| code.starts_with("DX600")),
        "{stated:?}"
    );
    let statement = &stated.json()["images"][0]["vulnerabilities"][0]["statement"];
    assert_eq!(statement["says"], "not_affected");
}

#[test]
fn a_bill_of_materials_names_every_package() {
    let folder = tempfile::tempdir().unwrap();
    write_planted(&folder.path().join("planted.tar"));
    write_clean(&folder.path().join("clean.tar"));
    let ran = run(folder.path(), &["./planted.tar", "--sbom", "cyclonedx"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let bill = ran.json();
    assert_eq!(bill["bomFormat"], "CycloneDX");
    let text = bill.to_string();
    for purl in ["pkg:apk/alpine/libssl3@3.3.2-r0", "pkg:npm/braces@3.0.2"] {
        assert!(text.contains(purl), "{purl}");
    }
    let several = run(
        folder.path(),
        &["./planted.tar", "./clean.tar", "--sbom", "spdx"],
    );
    assert_eq!(several.code, Some(2), "{several:?}");
    let several = run(
        folder.path(),
        &[
            "./planted.tar",
            "./clean.tar",
            "--sbom",
            "spdx",
            "--output",
            "bills",
        ],
    );
    assert_eq!(several.code, Some(0), "{several:?}");
    for name in ["planted.tar.spdx.json", "clean.tar.spdx.json"] {
        let text = std::fs::read_to_string(folder.path().join("bills").join(name)).unwrap();
        assert!(text.contains("SPDX-2.3"), "{name}");
    }
}
