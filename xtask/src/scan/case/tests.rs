use super::*;
use crate::finding::{Finding, Severity};
use crate::project::manifest::Manifest;
use crate::scan::actors::{Sources, changes};
use crate::scan::record::{Moment, Observation};
use crate::scan::samples::{scanned, vulnerability};
use crate::scan::vulnerability::{Finder, Level};
use crate::source::Source;

const NOW: &str = "2027-01-03T10:00:00Z";

fn policy(keys: &str) -> (Policy, Vec<Exemption>) {
    let text = format!("schema_version = 1\n[project]\nname = \"shop\"\n{keys}");
    let manifest = Manifest::parse(&Source::new("docker/docker.toml", text)).unwrap();
    (
        Policy::of(&manifest.scan),
        Exemption::of_manifest(&manifest),
    )
}

/// A record in which an image had vulnerabilities at a time.
fn record(images: &[Scanned], time: &str) -> Record {
    let seen: Vec<Observation<'_>> = images
        .iter()
        .map(|image| Observation {
            name: &image.name,
            platform: "linux/amd64",
            vulnerabilities: image.vulnerabilities.iter().collect(),
            looked: [(Finder::Osv, "apk".to_owned())].into(),
            unconcerned: Vec::new(),
        })
        .collect();
    let moment = Moment {
        commit: "1".to_owned(),
        time: time.parse().unwrap(),
    };
    Record::updated(None, &seen, &moment)
}

/// The findings of images under a policy, with what is recorded.
fn found(keys: &str, images: &[Scanned], recorded: Option<&Record>) -> Vec<Finding> {
    let (policy, exemptions) = policy(keys);
    let sources = Sources::default();
    let judge = Judge {
        policy: &policy,
        exemptions: &exemptions,
        record: recorded,
        against: None,
        workshop: Workshop {
            project: None,
            sources: &sources,
        },
        now: NOW.parse().unwrap(),
    };
    let subjects: Vec<Subject> = images
        .iter()
        .map(|image| Subject {
            names: vec![image.name.clone()],
            digests: Vec::new(),
        })
        .collect();
    let cases = judge.cases(images, &subjects);
    let changes = changes(cases.iter().map(|case| (case.vulnerability, &case.actor)));
    findings(&cases, &exemptions, &changes)
}

fn told(findings: &[Finding]) -> Vec<String> {
    findings
        .iter()
        .map(|one| format!("{} {} {}", one.code, one.severity.word(), one.message))
        .collect()
}

fn images() -> Vec<Scanned> {
    let mut unfixed = vulnerability("CVE-2027-3", "zlib", Level::High);
    unfixed.fixed = None;
    unfixed.status = crate::scan::vulnerability::Status::WillNotFix;
    let all = vec![
        vulnerability("CVE-2027-1", "openssl", Level::Critical),
        vulnerability("CVE-2027-2", "openssl", Level::Medium),
        unfixed,
    ];
    vec![
        scanned("api", all.clone()),
        scanned("web", all[..1].to_vec()),
    ]
}

#[test]
fn a_vulnerability_of_several_images_is_one_finding() {
    let found = found("", &images(), None);
    assert_eq!(
        told(&found),
        [
            "DX6004 error openssl 3.3.2-r0 has CVE-2027-1 (critical): a weakness of openssl; 3.3.3-r0 is without it",
            "DX6004 note openssl 3.3.2-r0 has CVE-2027-2 (medium): a weakness of openssl; 3.3.3-r0 is without it",
            "DX6004 error zlib 3.3.2-r0 has CVE-2027-3 (high): a weakness of zlib; its maintainers will not fix it",
        ]
    );
    assert_eq!(
        found[0].help[..],
        [
            "take a build of the image with openssl 3.3.3-r0 or later",
            "in api, web"
        ]
    );
}

#[test]
fn the_policy_decides_what_fails() {
    for (keys, expected) in [
        (
            "[scan]\nfail_on = \"critical\"",
            ["error", "note", "warning"],
        ),
        ("[scan]\nfail_on = \"none\"", ["warning", "note", "warning"]),
        ("[scan]\nfail_on = \"unknown\"", ["error", "error", "error"]),
        ("[scan]\nonly_fixable = true", ["error", "note", "warning"]),
        ("[scan]\nonly_new = true", ["error", "note", "error"]),
    ] {
        let found = found(keys, &images(), None);
        let severities: Vec<_> = found.iter().map(|one| one.severity.word()).collect();
        assert_eq!(severities, expected, "{keys}");
    }
}

#[test]
fn what_is_recorded_is_not_new_but_runs_out_of_time() {
    let keys = "[scan]\nonly_new = true\n[scan.remediation]\ncritical = \"24 hours\"";
    // Only `api` had them then: in `web` it is new.
    let known = record(&images()[..1], "2027-01-02T11:00:00Z");
    let found_now = found(keys, &images(), Some(&known));
    let severities: Vec<_> = found_now.iter().map(|one| one.severity.word()).collect();
    assert_eq!(severities, ["error", "note", "warning"]);
    let only_api = found(keys, &images()[..1], Some(&known));
    assert_eq!(only_api[0].severity, Severity::Warning);
    assert_eq!(
        only_api[0].details().properties["deadline"],
        "2027-01-03T11:00:00Z"
    );
    // An hour later, the day is over.
    let known = record(&images()[..1], "2027-01-02T09:00:00Z");
    let late = found(keys, &images()[..1], Some(&known));
    assert_eq!(
        told(&late)[0],
        "DX6005 error openssl 3.3.2-r0 has CVE-2027-1 (critical): a weakness of openssl; 3.3.3-r0 is without it; it should have been gone by 2027-01-03T09:00:00Z, 1 hour ago"
    );
}

#[test]
fn a_worse_level_than_the_recorded_one_starts_its_clock_now() {
    let milder = [scanned(
        "api",
        vec![vulnerability("CVE-2027-1", "openssl", Level::Low)],
    )];
    let known = record(&milder, "2026-01-01T00:00:00Z");
    let found = found("", &images()[..1], Some(&known));
    assert_eq!(found[0].code, "DX6004");
    assert_eq!(
        found[0].details().properties["deadline"],
        "2027-01-04T10:00:00Z"
    );
    assert_eq!(
        found[0].details().properties["first_seen"],
        "2026-01-01T00:00:00Z"
    );
}

#[test]
fn what_is_accepted_is_no_finding_not_even_when_its_time_is_over() {
    let keys = "[[scan.ignores]]\nid = \"CVE-2027-1\"\npackage = \"openssl\"\nreason = \"r\"\nowner = \"o\"\nexpires = 2027-06-30";
    let known = record(&images(), "2020-01-01T00:00:00Z");
    let found = found(keys, &images(), Some(&known));
    assert!(
        found
            .iter()
            .all(|one| one.details().properties["vulnerability"] != "CVE-2027-1"),
        "{found:?}"
    );
}

#[test]
fn texts_of_others_stay_on_one_line() {
    let mut odd = vulnerability("CVE-2027-1", "openssl", Level::High);
    odd.title = format!("first\n  second\u{7} {}.", "x".repeat(200));
    let found = found("", &[scanned("api", vec![odd])], None);
    assert!(!found[0].message.contains('\n'));
    assert!(found[0].message.contains("first second"));
    assert!(
        found[0].message.contains("x…; 3.3.3-r0"),
        "{}",
        found[0].message
    );
}
