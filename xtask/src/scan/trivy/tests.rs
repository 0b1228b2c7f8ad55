use super::*;
use crate::image::inventory::SourcePackage;

/// Written after the shape of Trivy's own golden files (`integration/testdata/*.json.golden`).
const REPORT: &str = r#"{
  "SchemaVersion": 2,
  "CreatedAt": "2026-08-25T12:20:30Z",
  "ArtifactName": "image.tar",
  "ArtifactType": "container_image",
  "Trivy": {"Version": "0.70.0"},
  "Metadata": {"OS": {"Family": "alpine", "Name": "3.10.2", "EOSL": true}, "ImageID": "sha256:96"},
  "Results": [
    {"Target": "image.tar (alpine 3.10.2)", "Class": "os-pkgs", "Type": "alpine", "Vulnerabilities": [
      {"VulnerabilityID": "CVE-2019-1549", "VendorIDs": ["DSA-4539-1", "GHSA-a"], "PkgID": "libssl1.1@1.1.1c-r0",
       "PkgName": "libssl1.1", "InstalledVersion": "1.1.1c-r0", "FixedVersion": "1.1.1d-r0", "Status": "fixed",
       "SeveritySource": "nvd", "PrimaryURL": "https://example.com/cve-2019-1549", "Title": "openssl: fork()",
       "Severity": "MEDIUM", "CVSS": {"nvd": {"V2Score": 5, "V3Score": 5.3}, "redhat": {"V3Score": 4.8}}}
    ]},
    {"Target": "Node.js", "Class": "lang-pkgs", "Type": "node-pkg", "Vulnerabilities": [
      {"VulnerabilityID": "CVE-2020-1", "PkgName": "lodash", "PkgPath": "app/b/package.json",
       "InstalledVersion": "4.17.4", "FixedVersion": "5.0.1, 4.17.12", "Severity": "CRITICAL",
       "CVSS": {"ghsa": {"V40Score": 9.3}}},
      {"VulnerabilityID": "CVE-2020-2", "PkgName": "lodash", "InstalledVersion": "4.17.4", "Status": "will_not_fix",
       "Description": "\nFirst line.\nSecond", "Severity": "UNKNOWN"},
      {"VulnerabilityID": "CVE-2020-3", "PkgName": "lodash", "InstalledVersion": "4.17.4", "Status": "not_affected"}
    ]},
    {"Target": "Python", "Class": "lang-pkgs", "Type": "python-pkg", "Vulnerabilities": [
      {"VulnerabilityID": "PYSEC-1", "PkgName": "Zope.Interface", "PkgPath": "x/METADATA", "InstalledVersion": "1.0"}
    ]},
    {"Target": "app/server", "Class": "lang-pkgs", "Type": "gobinary"},
    {"Target": "/app/key.pem", "Class": "secret", "Secrets": [{"RuleID": "private-key"}]}
  ]
}"#;

fn package(manager: Manager, name: &str, version: &str, record: &str) -> Package {
    Package {
        manager,
        name: name.to_owned(),
        version: version.to_owned(),
        architecture: None,
        source: (manager == Manager::Apk).then(|| SourcePackage {
            name: "openssl".to_owned(),
            version: version.to_owned(),
        }),
        license: None,
        record: record.to_owned(),
        files: Vec::new(),
    }
}

fn inventory() -> Vec<Package> {
    vec![
        package(
            Manager::Apk,
            "libssl1.1",
            "1.1.1c-r0",
            "lib/apk/db/installed",
        ),
        package(Manager::Npm, "lodash", "4.17.4", "app/a/package.json"),
        package(Manager::Npm, "lodash", "4.17.4", "app/b/package.json"),
        package(Manager::Npm, "lodash", "4.17.5", "app/c/package.json"),
    ]
}

fn shown(report: &Report) -> Vec<String> {
    let one = |one: &Vulnerability| {
        format!(
            "{} {} in {} ({}): fixed {}, {:?}, {} {:?}, {:?}",
            one.names().collect::<Vec<_>>().join("/"),
            one.package.name,
            one.package.version,
            one.package.record,
            one.fixed.as_deref().unwrap_or("-"),
            one.status,
            one.level,
            one.score,
            one.title
        )
    };
    report.vulnerabilities.iter().map(one).collect()
}

#[test]
fn findings_are_about_the_packages_of_the_inventory() {
    let report = read(REPORT.as_bytes(), &inventory()).unwrap();
    assert_eq!(
        shown(&report),
        [
            "CVE-2020-1 lodash in 4.17.4 (app/b/package.json): fixed 4.17.12, Fixed, critical Some(93), \"\"",
            "CVE-2019-1549/GHSA-a libssl1.1 in 1.1.1c-r0 (lib/apk/db/installed): fixed 1.1.1d-r0, Fixed, medium Some(53), \"openssl: fork()\"",
            "CVE-2020-2 lodash in 4.17.4 (app/a/package.json): fixed -, WillNotFix, unknown None, \"First line.\"",
            "CVE-2020-2 lodash in 4.17.4 (app/b/package.json): fixed -, WillNotFix, unknown None, \"First line.\"",
            "PYSEC-1 zope-interface in 1.0 (x/METADATA): fixed -, Affected, unknown None, \"\"",
        ]
    );
    assert_eq!(report.version.as_deref(), Some("0.70.0"));
    assert_eq!(
        (report.distribution.as_deref(), report.is_end_of_life),
        (Some("alpine 3.10.2"), true)
    );
    let managers: Vec<&str> = report.managers.iter().map(String::as_str).collect();
    assert_eq!(managers, ["apk", "go", "npm", "python"]);
    let source = report.vulnerabilities[1].package.source.as_ref().unwrap();
    assert_eq!(source.name, "openssl");
}

#[test]
fn a_report_that_is_cut_off_anywhere_is_refused() {
    let text = REPORT.trim_end();
    for cut in 0..text.len() {
        let error = read(&text.as_bytes()[..cut], &[]).unwrap_err();
        let expected = if cut == 0 {
            "Trivy printed nothing"
        } else {
            "Trivy's report is cut off"
        };
        assert!(error.starts_with(expected), "{cut}: {error}");
    }
}

#[test]
fn what_is_no_report_is_refused_in_one_sentence() {
    for (text, expected) in [
        (" \n", "Trivy printed nothing"),
        (
            "{}",
            "this is no report of Trivy: it has no `SchemaVersion`",
        ),
        (
            r#"{"SchemaVersion": 3, "ArtifactName": 7}"#,
            "Trivy's report has schema 3, and only 2 is understood",
        ),
        (
            r#"{"SchemaVersion": 1}"#,
            "Trivy's report has schema 1, and only 2 is understood",
        ),
        (
            r#"{"SchemaVersion": 2}"#,
            "Trivy's report makes no sense: missing field `ArtifactName`",
        ),
        (
            r#"{"SchemaVersion": "2"}"#,
            "Trivy's report makes no sense: invalid type",
        ),
        ("2026-08-25 FATAL error", "Trivy's report makes no sense"),
        (r#"[{"SchemaVersion": 2}]"#, "Trivy's report makes no sense"),
    ] {
        let error = read(text.as_bytes(), &[]).unwrap_err();
        assert!(error.starts_with(expected), "{text}: {error}");
    }
    let of = |found: &str| {
        let text = format!(
            r#"{{"SchemaVersion": 2, "ArtifactName": "x", "Results": [{{"Target": "t", "Class": "os-pkgs", "Type": "alpine",
            "Vulnerabilities": [{found}]}}]}}"#
        );
        read(text.as_bytes(), &[]).unwrap_err()
    };
    assert_eq!(
        of(r#"{"VulnerabilityID": "CVE-1"}"#),
        "Trivy's report has no package for CVE-1"
    );
    assert_eq!(
        of(r#"{"VulnerabilityID": "CVE 1", "PkgName": "a", "InstalledVersion": "1"}"#),
        "\"CVE 1\" is no name of a vulnerability"
    );
    assert!(of(r#"{"PkgName": "a"}"#).contains("missing field `VulnerabilityID`"));
}

#[test]
fn an_image_without_packages_has_a_report_without_results() {
    let report = read(br#"{"SchemaVersion": 2, "ArtifactName": "scratch"}"#, &[]).unwrap();
    assert_eq!(report, Report::default());
}
