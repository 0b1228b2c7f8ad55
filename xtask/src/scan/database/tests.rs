use super::*;
use crate::image::inventory::SourcePackage;
use crate::scan::index::Writer;
use crate::scan::osv::read;
use crate::scan::vulnerability::Level;

fn package(manager: Manager, name: &str, version: &str, source: Option<(&str, &str)>) -> Package {
    Package {
        manager,
        name: name.to_owned(),
        version: version.to_owned(),
        architecture: None,
        source: source.map(|(name, version)| SourcePackage {
            name: name.to_owned(),
            version: version.to_owned(),
        }),
        license: None,
        record: "record".to_owned(),
        files: Vec::new(),
    }
}

fn record(id: &str, more: &str, ecosystem: &str, name: &str, events: &str) -> String {
    format!(
        r#"{{"id": "{id}", "modified": "2024-05-01T00:00:00Z", {more} "affected": [{{"package": {{"ecosystem": "{ecosystem}",
        "name": "{name}"}}, "ranges": [{{"type": "ECOSYSTEM", "events": {events}}}]}}]}}"#
    )
}

fn index(records: &[String]) -> Vec<u8> {
    let mut writer = Writer::new(Vec::new()).unwrap();
    for text in records {
        writer.add(&read(text.as_bytes()).unwrap(), None).unwrap();
    }
    writer.finish(1).unwrap()
}

fn matches(records: &[String], packages: &[Package], release: Option<&str>) -> Matches {
    let bytes = index(records);
    Database::new(Index::open(&bytes[..]).unwrap())
        .vulnerabilities(packages, release)
        .unwrap()
}

fn found(matches: &Matches) -> Vec<String> {
    let one = |one: &Vulnerability| {
        let names: Vec<&str> = one.names().collect();
        let fixed = one.fixed.as_deref().unwrap_or("-");
        format!(
            "{} {}: {} < {fixed}",
            one.package.name,
            one.package.version,
            names.join(" ")
        )
    };
    matches.vulnerabilities.iter().map(one).collect()
}

fn unknown(matches: &Matches) -> Vec<String> {
    let one = |one: &Unknown| {
        format!(
            "{}: {}: {}",
            one.ecosystem,
            one.reason,
            one.packages.join(", ")
        )
    };
    matches.unknown.iter().map(one).collect()
}

const FIXED: &str = r#"[{"introduced": "0"}, {"fixed": "2.0-r0"}]"#;

#[test]
fn packages_of_distributions_are_looked_up_by_source_and_release() {
    let records = [
        record(
            "ALPINE-CVE-2024-1",
            r#""upstream": ["CVE-2024-1"],"#,
            "Alpine:v3.20",
            "openssl",
            FIXED,
        ),
        record(
            "ALPINE-CVE-2024-2",
            r#""upstream": ["CVE-2024-2"],"#,
            "Alpine:v3.19",
            "openssl",
            FIXED,
        ),
        record(
            "ALPINE-CVE-2024-3",
            r#""upstream": ["CVE-2024-3"],"#,
            "Alpine",
            "openssl",
            FIXED,
        ),
        record("ALPINE-CVE-2024-4", "", "Alpine:v3.20", "libssl3", FIXED),
        record("DEBIAN-CVE-2024-5", "", "Debian:12", "openssl", FIXED),
    ];
    let packages = [
        package(
            Manager::Apk,
            "libssl3",
            "1.9-r3",
            Some(("openssl", "1.9-r3")),
        ),
        package(
            Manager::Apk,
            "libcrypto3",
            "2.0-r0",
            Some(("openssl", "2.0-r0")),
        ),
        package(Manager::Apk, "openssl", "1.0-r0", None),
    ];
    let matches = matches(&records, &packages, Some("Alpine:v3.20"));
    assert_eq!(
        found(&matches),
        [
            "libssl3 1.9-r3: CVE-2024-1 ALPINE-CVE-2024-1 < 2.0-r0",
            "libssl3 1.9-r3: CVE-2024-3 ALPINE-CVE-2024-3 < 2.0-r0",
            "openssl 1.0-r0: CVE-2024-1 ALPINE-CVE-2024-1 < 2.0-r0",
            "openssl 1.0-r0: CVE-2024-3 ALPINE-CVE-2024-3 < 2.0-r0",
        ]
    );
    assert_eq!(unknown(&matches), [""; 0]);
}

#[test]
fn a_source_with_a_version_of_its_own_is_compared_by_that() {
    let events = r#"[{"introduced": "0"}, {"fixed": "3.0.11-1~deb12u2"}]"#;
    let records = [record(
        "DEBIAN-CVE-2024-5",
        "",
        "Debian:12",
        "openssl",
        events,
    )];
    let packages = [package(
        Manager::Dpkg,
        "libssl3",
        "99",
        Some(("openssl", "3.0.9-1")),
    )];
    let matches = matches(&records, &packages, Some("Debian:12"));
    assert_eq!(
        found(&matches),
        ["libssl3 99: DEBIAN-CVE-2024-5 < 3.0.11-1~deb12u2"]
    );
}

#[test]
fn no_data_is_unknown() {
    let records = [record(
        "GHSA-1",
        "",
        "npm",
        "left",
        r#"[{"introduced": "0"}]"#,
    )];
    let packages = [
        package(Manager::Npm, "left", "1.0.0", None),
        package(Manager::Npm, "left", "latest", None),
        package(Manager::Npm, "clean", "1.0.0", None),
        package(Manager::Python, "left", "1.0.0", None),
        package(Manager::Python, "right", "1.0.0", None),
        package(Manager::Apk, "busybox", "1-r0", None),
        package(Manager::Dpkg, "bash", "1", None),
    ];
    let on_alpine = matches(&records, &packages, Some("Alpine:v3.20"));
    assert_eq!(found(&on_alpine), ["left 1.0.0: GHSA-1 < -"]);
    assert_eq!(
        unknown(&on_alpine),
        [
            "Alpine:v3.20: there are no advisories for it: bash 1, busybox 1-r0",
            "PyPI: there are no advisories for it: left 1.0.0, right 1.0.0",
            "npm: the version makes no sense: left latest",
        ]
    );
    let somewhere = matches(&records, &packages[5..], None);
    assert_eq!(
        unknown(&somewhere),
        [
            "Alpine: it is not known which release it is: busybox 1-r0",
            "Debian: it is not known which release it is: bash 1",
        ]
    );
}

#[test]
fn an_advisory_that_is_not_understood_makes_its_package_unknown() {
    let records = [record(
        "GHSA-1",
        "",
        "npm",
        "left",
        r#"[{"introduced": "0"}, {"fixed": "next"}]"#,
    )];
    let matches = matches(
        &records,
        &[package(Manager::Npm, "left", "1.0.0", None)],
        None,
    );
    assert_eq!(found(&matches), [""; 0]);
    assert_eq!(
        unknown(&matches),
        ["npm: GHSA-1 speaks of versions that make no sense: left 1.0.0"]
    );
}

#[test]
fn several_records_of_one_vulnerability_are_one() {
    let events = r#"[{"introduced": "0"}, {"fixed": "2.31.0"}]"#;
    let records = [
        record(
            "GHSA-j8r2-6x86-q33q",
            r#""aliases": ["CVE-2023-32681"], "summary": "Leak",
               "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:H/PR:N/UI:R/S:C/C:H/I:N/A:N"}],"#,
            "PyPI",
            "Requests",
            events,
        ),
        record(
            "PYSEC-2023-74",
            r#""aliases": ["CVE-2023-32681"],"#,
            "PyPI",
            "requests",
            events,
        ),
    ];
    let matches = matches(
        &records,
        &[package(Manager::Python, "requests", "2.30", None)],
        None,
    );
    assert_eq!(
        found(&matches),
        ["requests 2.30: CVE-2023-32681 GHSA-j8r2-6x86-q33q PYSEC-2023-74 < 2.31.0"]
    );
    let one = &matches.vulnerabilities[0];
    assert_eq!(
        (one.level, one.score, one.title.as_str()),
        (Level::Medium, Some(61), "Leak")
    );
    assert_eq!(
        (one.status, one.found_by.clone()),
        (Status::Fixed, [Finder::Osv].into())
    );
}

#[test]
fn an_announcement_of_several_vulnerabilities_is_taken_apart() {
    let events = r#"[{"introduced": "0"}, {"fixed": "2"}]"#;
    let records = [
        record(
            "DSA-1-1",
            r#""upstream": ["CVE-1", "CVE-2"], "summary": "bash - security update","#,
            "Debian:12",
            "bash",
            events,
        ),
        record(
            "DEBIAN-CVE-1",
            r#""upstream": ["CVE-1"],"#,
            "Debian:12",
            "bash",
            events,
        ),
    ];
    let matches = matches(
        &records,
        &[package(Manager::Dpkg, "bash", "1", None)],
        Some("Debian:12"),
    );
    assert_eq!(
        found(&matches),
        ["bash 1: CVE-1 DEBIAN-CVE-1 < 2", "bash 1: CVE-2 < 2"]
    );
    assert_eq!(
        matches.vulnerabilities[1].title,
        "DSA-1-1: bash - security update"
    );
}

#[test]
fn ages_come_from_when_it_was_fetched_and_from_the_newest_record() {
    let text = record("GHSA-1", "", "npm", "left", "[]");
    let mut writer = Writer::new(Vec::new()).unwrap();
    writer
        .add(&read(text.as_bytes()).unwrap(), Some(1_714_694_400))
        .unwrap();
    let old = text.replace("npm", "PyPI").replace("GHSA-1", "PYSEC-1");
    writer.add(&read(old.as_bytes()).unwrap(), None).unwrap();
    let dateless = old
        .replace("PyPI", "Go")
        .replace("2024-05-01T00:00:00Z", "");
    writer
        .add(&read(dateless.as_bytes()).unwrap(), None)
        .unwrap();
    let bytes = writer.finish(1).unwrap();
    let ages = Database::new(Index::open(&bytes[..]).unwrap()).ages();
    let day = |text: &str| text.parse::<Date>().unwrap();
    let said: Vec<_> = ages
        .iter()
        .map(|age| {
            (
                age.ecosystem.as_str(),
                age.as_of(),
                age.days(day("2024-05-08")),
            )
        })
        .collect();
    assert_eq!(
        said,
        [
            ("Go", None, None),
            ("PyPI", Some(day("2024-05-01")), Some(7)),
            ("npm", Some(day("2024-05-03")), Some(5)),
        ]
    );
    assert_eq!(ages[2].days(day("2020-01-01")), Some(0));
}
