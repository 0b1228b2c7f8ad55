//! What is wrong with an image, or with what is said about it, is one message; the rest is still looked at.

use super::archives::Member;
use super::images::{write, write_advisories, write_clean};
use super::run;

#[test]
fn an_image_that_cannot_be_read_does_not_keep_others_from_being_scanned() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    write_clean(&at("clean.tar"));
    write_advisories(&at("advisories"));
    let bytes = std::fs::read(at("clean.tar")).unwrap();
    std::fs::write(at("cut.tar"), &bytes[..bytes.len() / 3]).unwrap();
    std::fs::write(at("text.tar"), "no archive").unwrap();
    for (word, expected) in [
        ("./cut.tar", "ends too early"),
        ("./text.tar", "failed to read"),
        ("./missing.tar", "failed to read"),
    ] {
        let ran = run(
            folder.path(),
            &[
                "./clean.tar",
                word,
                "--database",
                "advisories",
                "--format",
                "json",
            ],
        );
        assert_eq!(ran.code, Some(2), "{word}: {ran:?}");
        assert!(ran.stderr.contains(expected), "{word}: {}", ran.stderr);
        let messages = ran.stderr.lines().filter(|line| line.starts_with("error"));
        assert_eq!(messages.count(), 1, "{word}: {}", ran.stderr);
        assert_eq!(ran.json()["images"].as_array().unwrap().len(), 1);
    }
}

#[test]
fn databases_that_make_no_sense_cost_what_they_hold() {
    let folder = tempfile::tempdir().unwrap();
    write_advisories(&folder.path().join("advisories"));
    let long = "x".repeat(1 << 20);
    let odd: &[(&str, String)] = &[
        (
            "lib/apk/db/installed",
            format!("P:{long}\nV:1\n\nP:musl\nV:1.2.5-r0\no:musl\n\n\0\0\nP:\nV:\n"),
        ),
        (
            "etc/os-release",
            "ID=\"\nVERSION_ID==\n\u{1b}[31m".to_owned(),
        ),
        (
            "var/lib/dpkg/status",
            "Package: a\nStatus: install ok installed\nVersion\n\nPackage:\n".to_owned(),
        ),
        ("app/node_modules/a/package.json", "[".repeat(100_000)),
        (
            "app/node_modules/b/package.json",
            "{\"name\": 3, \"version\": {}}".to_owned(),
        ),
        (
            "usr/lib/python3/site-packages/a-1.dist-info/METADATA",
            "Name\nVersion: \n".to_owned(),
        ),
        ("etc/passwd", "root\n:::\nx:y:z\n".to_owned()),
    ];
    let members: Vec<Member<'_>> = odd
        .iter()
        .map(|(path, text)| (*path, text.as_bytes()))
        .collect();
    write(
        &folder.path().join("odd.tar"),
        &[&members],
        &serde_json::json!({ "User": "\u{1b}[31m", "Env": ["\u{0}", "A"], "Cmd": [""] }),
    );
    let ran = run(folder.path(), &["./odd.tar", "--database", "advisories"]);
    assert!(matches!(ran.code, Some(1 | 3)), "{ran:?}");
    assert!(
        !ran.stdout.contains('\u{1b}'),
        "no text of an image controls the terminal: {ran:?}"
    );
}

#[test]
fn advisories_that_make_no_sense_are_counted_and_the_rest_is_used() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    super::images::write_planted(&at("planted.tar"));
    write_advisories(&at("advisories"));
    std::fs::write(at("advisories/npm/cut.json"), "{\"id\": \"GHSA-1\", ").unwrap();
    std::fs::write(at("advisories/npm/deep.json"), "[".repeat(1 << 20)).unwrap();
    std::fs::write(at("advisories/npm/all.zip"), "PK\u{3}\u{4} no zip").unwrap();
    let ran = run(
        folder.path(),
        &["./planted.tar", "--database", "advisories"],
    );
    assert!(ran.stdout.contains("CVE-2027-0002"), "{ran:?}");
    assert!(
        ran.stdout
            .contains("records of the advisories could not be used"),
        "{ran:?}"
    );
}

#[test]
fn what_is_said_about_vulnerabilities_is_refused_where_it_makes_no_sense() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    write_clean(&at("clean.tar"));
    std::fs::write(
        at("vex.json"),
        "{\"@context\": \"https://openvex.dev/ns\", \"statements\": [{}]}",
    )
    .unwrap();
    for (arguments, expected) in [
        (&["--vex", "vex.json"][..], "vex.json:1:1"),
        (&["--vex", "nowhere.json"], "failed to read nowhere.json"),
        (&["--max-data-age", "soon"], "is no time span"),
        (&["--fail-on", "terrible"], "invalid value 'terrible'"),
        (&["--output", "x"], "--sbom"),
        (&["--baseline", "nowhere.json"], "nowhere.json"),
    ] {
        let ran = run(folder.path(), &[&["./clean.tar"][..], arguments].concat());
        assert_eq!(ran.code, Some(2), "{arguments:?}: {ran:?}");
        assert!(
            ran.stderr.contains(expected),
            "{arguments:?}: {}",
            ran.stderr
        );
    }
}
