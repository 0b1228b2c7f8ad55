use super::*;

fn entries(json: &str) -> Vec<Entry> {
    read(json.as_bytes()).unwrap().entries
}

/// A record as GitHub's database has them: two lines of releases in two parts.
const GITHUB: &str = r#"{
  "schema_version": "1.4.0", "id": "GHSA-35jh-r3h4-6jhm", "modified": "2024-04-17T18:39:19.5Z",
  "published": "2021-05-06T16:05:51Z", "aliases": ["CVE-2021-23337", "GHSA-35jh-r3h4-6jhm"],
  "summary": "Command Injection in lodash", "details": "long\ntext",
  "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:H/UI:N/S:U/C:H/I:H/A:H"}],
  "affected": [
    {"package": {"ecosystem": "npm", "name": "lodash", "purl": "pkg:npm/lodash"},
     "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "4.17.21"}]}]},
    {"package": {"ecosystem": "npm", "name": "lodash"},
     "ranges": [{"type": "SEMVER", "events": [{"introduced": "5.0"}, {"last_affected": "5.2"}]},
                {"type": "GIT", "repo": "x", "events": [{"introduced": "abc"}]}]},
    {"package": {"ecosystem": "Maven", "name": "other"}, "versions": ["1"]},
    {"ranges": [{"type": "GIT", "events": [{"introduced": "0"}]}]}
  ],
  "references": [{"type": "WEB", "url": "https://example.com/web"},
                 {"type": "ADVISORY", "url": "https://example.com/advisory"}],
  "database_specific": {"severity": "HIGH", "cwe_ids": ["CWE-77"], "nested": {"severity": 3}}
}"#;

#[test]
fn parts_about_one_package_are_put_together() {
    let record = read(GITHUB.as_bytes()).unwrap();
    assert_eq!(record.modified, 1_713_379_159);
    assert!(!record.is_withdrawn);
    let [entry] = &record.entries[..] else {
        panic!("{:?}", record.entries);
    };
    assert_eq!(
        (entry.ecosystem.as_str(), entry.package.as_str()),
        ("npm", "lodash")
    );
    let advisory = &entry.advisory;
    assert_eq!(advisory.aliases, ["CVE-2021-23337"]);
    assert_eq!(advisory.title, "Command Injection in lodash");
    assert_eq!(
        advisory.url.as_deref(),
        Some("https://example.com/advisory")
    );
    assert_eq!((advisory.level, advisory.score), (Level::High, Some(72)));
    let text = |text: &str| text.to_owned();
    assert_eq!(
        advisory.ranges,
        [
            Range {
                events: vec![Event::Introduced(text("0")), Event::Fixed(text("4.17.21"))]
            },
            Range {
                events: vec![
                    Event::Introduced(text("5.0.0")),
                    Event::LastAffected(text("5.2.0"))
                ]
            },
        ]
    );
}

#[test]
fn a_distributions_record_is_the_upstream_vulnerability_under_another_name() {
    let record = |id: &str, upstream: &str| {
        let json = format!(
            r#"{{"id": "{id}", "upstream": {upstream}, "affected": [{{"package": {{"ecosystem": "Debian:12", "name": "curl"}},
            "ecosystem_specific": {{"urgency": "not yet assigned"}}}}]}}"#
        );
        entries(&json).remove(0).advisory
    };
    let one = record("DEBIAN-CVE-2024-1", r#"["CVE-2024-1"]"#);
    assert_eq!(
        (one.aliases, one.bundles, one.level),
        (vec!["CVE-2024-1".to_owned()], vec![], Level::Unknown)
    );
    let own = record("ALPINE-CVE-2024-1", r#"["CVE-2024-1", "GHSA-x"]"#);
    assert_eq!(
        (own.aliases, own.bundles),
        (vec!["CVE-2024-1".to_owned()], vec![])
    );
    let announcement = record("DSA-1-1", r#"["CVE-2024-2", "CVE-2024-1"]"#);
    assert_eq!(announcement.aliases, Vec::<String>::new());
    assert_eq!(announcement.bundles, ["CVE-2024-1", "CVE-2024-2"]);
}

#[test]
fn words_of_databases_judge_where_no_score_does() {
    let level = |part: &str| {
        let json = format!(
            r#"{{"id": "X-1", {part}, "affected": [{{"package": {{"ecosystem": "PyPI", "name": "A_b"}}}}]}}"#
        );
        let entry = entries(&json).remove(0);
        assert_eq!(entry.package, "a-b");
        (entry.advisory.level, entry.advisory.score)
    };
    assert_eq!(
        level(r#""database_specific": {"severity": "MODERATE"}"#),
        (Level::Medium, None)
    );
    assert_eq!(
        level(r#""database_specific": {"severity": ["HIGH"]}"#),
        (Level::Unknown, None)
    );
    assert_eq!(level(r#""database_specific": 7"#), (Level::Unknown, None));
    assert_eq!(
        level(r#""severity": [{"type": "Ubuntu", "score": "high"}]"#),
        (Level::High, None)
    );
    let four = r#""severity": [{"type": "CVSS_V4", "score": "CVSS:4.0/AV:N"}], "database_specific": {"severity": "CRITICAL"}"#;
    assert_eq!(level(four), (Level::Critical, None));
}

#[test]
fn only_versions_outside_of_the_ranges_are_kept() {
    let json = r#"{"id": "PYSEC-1", "affected": [{"package": {"ecosystem": "PyPI", "name": "pytz"},
      "versions": ["2004d-final", "1.0", "1.5", "1.0", "3.0"],
      "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "1"}, {"fixed": "2"}]}]}]}"#;
    assert_eq!(
        entries(json).remove(0).advisory.versions,
        ["2004d-final", "3.0"]
    );
}

#[test]
fn titles_are_one_short_line() {
    let title = |part: &str| {
        let json = format!(
            r#"{{"id": "X-1", {part}, "affected": [{{"package": {{"ecosystem": "npm", "name": "a"}}}}]}}"#
        );
        entries(&json).remove(0).advisory.title
    };
    assert_eq!(title(r#""details": "\n\n# Title\u0007\nmore""#), "Title");
    assert_eq!(title(r#""summary": "a\tb""#), "a b");
    let long = title(&format!(r#""summary": "{}""#, "é".repeat(500)));
    assert!(
        long.len() <= MAX_TITLE_BYTES && long.ends_with('…'),
        "{long}"
    );
}

#[test]
fn what_is_no_record_is_told() {
    for (text, part) in [
        ("", "EOF"),
        ("[]", "invalid"),
        ("{}", "missing field `id`"),
        (r#"{"id": ""}"#, "is no name of an advisory"),
        (r#"{"id": "a b"}"#, "is no name of an advisory"),
        (r#"{"id": "a\u0007"}"#, "\\u{7}"),
        (r#"{"id": 3}"#, "expected a string"),
        (
            r#"{"id": "a", "affected": [{"package": {"ecosystem": "npm"}}]}"#,
            "missing field `name`",
        ),
        (r#"{"id": "a"} x"#, "trailing characters"),
    ] {
        let error = read(text.as_bytes()).unwrap_err();
        assert!(error.contains(part), "{text}: {error}");
    }
    // Passed over without going down into it.
    let deep = format!(
        r#"{{"id": "a", "x": {}{}}}"#,
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    assert!(read(deep.as_bytes()).is_ok());
    let deep = format!(
        r#"{{"id": "a", "database_specific": {}1{}}}"#,
        r#"{"a":"#.repeat(50_000),
        "}".repeat(50_000)
    );
    assert!(
        read(deep.as_bytes())
            .unwrap_err()
            .contains("recursion limit")
    );
    assert_eq!(
        read(br#"{"id": "a", "affected": null, "aliases": null}"#)
            .unwrap()
            .entries,
        []
    );
}

#[test]
fn withdrawn_records_are_read() {
    let record =
        read(br#"{"id": "a", "withdrawn": "2024-01-01T00:00:00Z", "modified": "yesterday"}"#)
            .unwrap();
    assert!(record.is_withdrawn);
    assert_eq!(record.modified, 0);
}
