use super::*;
use crate::finding::Finding;
use crate::scan::samples::vulnerability;
use crate::scan::vulnerability::Level;
use crate::source::Source;

const TODAY: &str = "2027-01-15";

fn manifest(ignores: &str) -> Manifest {
    let text = format!("schema_version = 1\n[project]\nname = \"shop\"\n{ignores}");
    Manifest::parse(&Source::new("docker/docker.toml", text)).unwrap()
}

fn ignore(keys: &str) -> String {
    format!(
        "[[scan.ignores]]\nid = \"CVE-2027-1\"\nreason = \"not reachable\"\nowner = \"platform\"\n{keys}\n"
    )
}

fn subject(name: &str) -> Subject {
    Subject {
        names: vec![name.to_owned()],
        digests: Vec::new(),
    }
}

/// What decides about CVE-2027-1 of openssl and of zlib in the images `api` and `web`, and what is said of the entry.
fn outcome(keys: &str) -> (Vec<String>, Vec<Finding>) {
    let exemptions = Exemption::of_manifest(&manifest(&ignore(keys)));
    let today = TODAY.parse().unwrap();
    let mut scoped = vulnerability("CVE-2027-1", "zlib", Level::High);
    scoped.package.manager = "npm".to_owned();
    scoped.package.record = "/app/node_modules/zlib/package.json".to_owned();
    scoped.package.source = None;
    let found = [
        vulnerability("CVE-2027-1", "openssl", Level::Critical),
        scoped,
    ];
    let subjects = [subject("api"), subject("web")];
    let pairs = || {
        subjects
            .iter()
            .flat_map(|subject| found.iter().map(move |one| (subject, one)))
    };
    let held = pairs()
        .filter(|(subject, one)| deciding(&exemptions, one, subject, today).is_some())
        .map(|(subject, one)| format!("{} {}", subject.names[0], one.package.name))
        .collect();
    let uses = Use::of(&exemptions, pairs());
    (held, findings(&exemptions, &uses, &|_| true, today))
}

fn told(findings: &[Finding]) -> Vec<String> {
    let line = |finding: &Finding| {
        let place = finding.location.as_ref().unwrap();
        place.source.line_column(place.span.start).line
    };
    findings
        .iter()
        .map(|one| format!("{}:{} {}", one.code, line(one), one.message))
        .collect()
}

#[test]
fn an_entry_holds_where_it_says() {
    for (keys, expected) in [
        (
            "package = \"openssl\"\nexpires = 2027-01-15",
            vec!["api openssl", "web openssl"],
        ),
        (
            "package = \"openssl\"\nimages = [\"web\"]\nexpires = 2027-01-15",
            vec!["web openssl"],
        ),
        (
            "paths = [\"app/node_modules/**\"]\nexpires = 2027-02-01",
            vec!["api zlib", "web zlib"],
        ),
        (
            "purls = [\"pkg:npm/zlib@3.3.2-r0\"]\nexpires = 2027-02-01",
            vec!["api zlib", "web zlib"],
        ),
    ] {
        let (held, findings) = outcome(keys);
        assert_eq!(held, expected, "{keys}");
        assert!(findings.is_empty(), "{findings:?}");
    }
}

#[test]
fn an_entry_that_is_out_of_date_holds_nowhere() {
    let (held, findings) = outcome("package = \"openssl\"\nexpires = 2027-01-14");
    assert!(held.is_empty());
    assert_eq!(
        told(&findings),
        ["DX6010:5 CVE-2027-1 was accepted until 2027-01-14, and is still there"]
    );
    let (_, findings) = outcome("package = \"musl\"\nexpires = 2027-01-14");
    assert_eq!(
        told(&findings),
        ["DX6010:5 CVE-2027-1 was accepted until 2027-01-14, and nothing has it any more"]
    );
}

#[test]
fn an_entry_of_no_use_is_an_error_if_all_was_looked_at() {
    let text = ignore("package = \"musl\"\nexpires = 2027-02-01");
    let exemptions = Exemption::of_manifest(&manifest(&text));
    let uses = Use::of(&exemptions, std::iter::empty());
    let today = TODAY.parse().unwrap();
    let found = findings(&exemptions, &uses, &|_| true, today);
    assert_eq!(
        told(&found),
        ["DX6011:5 CVE-2027-1 is accepted, and nothing has it"]
    );
    assert_eq!(found[0].severity, crate::finding::Severity::Error);
    assert!(findings(&exemptions, &uses, &|_| false, today).is_empty());
}

#[test]
fn an_entry_for_whatever_has_it_is_too_broad() {
    let (held, findings) = outcome("expires = 2027-02-01");
    assert_eq!(held.len(), 4);
    assert_eq!(
        told(&findings),
        [
            "DX6012:5 CVE-2027-1 is accepted in whatever has it, which is more than one package: openssl (apk), zlib (npm)"
        ]
    );
}

#[test]
fn another_name_and_the_source_of_a_package_will_do() {
    let text = "[[scan.ignores]]\nid = \"ghsa-x\"\npackage = \"openssl\"\nreason = \"r\"\nowner = \"o\"\nexpires = 2027-02-01\n";
    let exemptions = Exemption::of_manifest(&manifest(text));
    let mut found = vulnerability("CVE-2027-1", "openssl", Level::High);
    found.package.name = "libssl3".to_owned();
    found.aliases.insert("GHSA-X".to_owned());
    assert!(exemptions[0].is_about(&found, &subject("api")));
    found.aliases.clear();
    assert!(!exemptions[0].is_about(&found, &subject("api")));
}

#[test]
fn entries_that_mean_nothing_are_refused_at_their_place() {
    let parse = |text: &str| {
        let text = format!("schema_version = 1\n[project]\nname = \"shop\"\n{text}");
        Manifest::parse(&Source::new("docker/docker.toml", text))
            .unwrap_err()
            .to_string()
    };
    let entry = |keys: &str| {
        format!("[[scan.ignores]]\n{keys}\nreason = \"r\"\nowner = \"o\"\nexpires = 2027-02-01\n")
    };
    for (text, expected) in [
        (
            entry("id = \"*\""),
            "docker/docker.toml:5:6: \"*\" would ignore more than one vulnerability",
        ),
        (entry("id = \"CVE-2027-*\""), "would ignore more than one"),
        (
            entry("id = \"CRITICAL\""),
            "5:6: \"CRITICAL\" is a level, and would ignore more than one vulnerability",
        ),
        (
            entry("id = \"CVE-1\"\npackage = \"*\""),
            ":6:11: a package has no `*` in its name",
        ),
        (
            entry("id = \"CVE-1\"\npurls = [\"braces\"]"),
            ":6:10: \"braces\" is no package URL",
        ),
        (
            entry("id = \"CVE-1\"") + &entry("id = \"cve-1\""),
            ":10:6: cve-1 is ignored twice (help: the first time in line 5",
        ),
        (
            "[[scan.ignores]]\nid = \"CVE-1\"\n".to_owned(),
            "`scan.ignores.0.reason` is missing",
        ),
        (
            "[[scan.ignores]]\nid = \"CVE-1\"\n".to_owned(),
            "`scan.ignores.0.owner` is missing",
        ),
        (
            "[[scan.ignores]]\nid = \"CVE-1\"\n".to_owned(),
            "`scan.ignores.0.expires` is missing",
        ),
    ] {
        let error = parse(&text);
        assert!(error.contains(expected), "{error}\n{expected}");
    }
}
