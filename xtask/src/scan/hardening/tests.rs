use std::collections::BTreeSet;

use proptest::prelude::*;

use super::samples::{Sample, found};
use super::{Purpose, Rule, SHARED, rules};
use crate::rule::Fixability;

/// The image of a section's code block.
fn example(rule: &Rule, heading: &str) -> Option<String> {
    let mut in_section = false;
    let mut block: Option<String> = None;
    for line in rule.about.documentation {
        let line = line.strip_prefix(' ').unwrap_or(line);
        if let Some(title) = line.strip_prefix("## ") {
            in_section = title == heading;
        }
        match (&mut block, line) {
            (None, "```text image") if in_section => block = Some(String::new()),
            (Some(_), "```") => return block,
            (Some(text), line) => {
                text.push_str(line);
                text.push('\n');
            }
            _ => {}
        }
    }
    None
}

#[test]
fn the_bad_example_fires_and_the_good_one_does_not() {
    for rule in rules() {
        let code = rule.about.code;
        let bad = example(rule, "Example").unwrap_or_else(|| panic!("{code}: no example"));
        assert_ne!(found(code, &bad), "", "{code}: the bad example is fine");
        let good = example(rule, "Use instead").unwrap_or_else(|| panic!("{code}: no better way"));
        assert_eq!(
            found(code, &good),
            "",
            "{code}: the good example is reported"
        );
    }
}

#[test]
fn rules_say_of_themselves_what_pages_need() {
    let mut seen = BTreeSet::new();
    for rule in rules() {
        let about = &rule.about;
        assert!(about.code.starts_with("DX5"), "{}", about.code);
        assert!(
            seen.insert(about.code) && seen.insert(about.name),
            "{} is there twice",
            about.code
        );
        assert_eq!(about.fix, Fixability::None);
        assert!(!about.summary.ends_with('.'), "{}", about.code);
        let headings: Vec<&str> = about
            .documentation
            .iter()
            .filter_map(|line| line.strip_prefix(" ## "))
            .collect();
        let wanted = ["What it does", "Why it is bad", "Example", "Use instead"];
        assert_eq!(headings[..4], wanted, "{}", about.code);
        assert!(
            matches!(headings[4..], [] | ["References"]),
            "{}",
            about.code
        );
    }
    for rule in SHARED.iter().copied().flatten() {
        assert!(
            !rule.identity.code.starts_with("DX5"),
            "{}",
            rule.identity.code
        );
    }
}

#[test]
fn findings_read_as_everywhere() {
    for rule in rules() {
        let text = example(rule, "Example").unwrap();
        for finding in Sample::of(&text).findings(None, Purpose::Production) {
            let message = &finding.message;
            assert!(!message.ends_with('.'), "{}: {message}", finding.code);
            assert!(!finding.help.is_empty(), "{}: no help", finding.code);
            for help in &finding.help {
                assert!(!help.ends_with('.'), "{}: {help}", finding.code);
            }
        }
    }
}

#[test]
fn what_is_for_production_is_not_asked_of_others() {
    let text = "FROM x\n-rwxr-xr-x 0 0 bin/sh\n-rwxr-xr-x 0 0 usr/bin/gcc\n-rwxr-xr-x 0 0 usr/bin/sudo\n\
                -rwxr-xr-x 0 0 usr/bin/curl\n-rwxr-xr-x 0 0 usr/bin/npm\n-rwxr-xr-x 0 0 usr/bin/gdb\n\
                -rw-r--r-- 0 0 app/a.test.js\n-rw-r--r-- 0 0 app/a.js.map\nUSER 1:1\nCMD [\"/bin/x\"]\n";
    let codes = |purpose| -> BTreeSet<String> {
        let findings = Sample::of(text).findings(None, purpose);
        findings
            .iter()
            .map(|finding| finding.code.to_string())
            .collect()
    };
    let more: Vec<String> = codes(Purpose::Production)
        .difference(&codes(Purpose::Development))
        .cloned()
        .collect();
    assert_eq!(
        more.join(" "),
        "DX2102 DX5302 DX5303 DX5304 DX5305 DX5306 DX5308 DX5309"
    );
}

/// A service on distroless: certificates, time zones, accounts, one program.
#[test]
fn a_clean_image_has_no_finding() {
    let text = "FROM gcr.io/distroless/static\n\
        drwxr-xr-x 0 0 etc\n-rw-r--r-- 0 0 etc/passwd\n| root:x:0:0:root:/root:/sbin/nologin\n\
        | nobody:x:65534:65534:nobody:/nonexistent:/sbin/nologin\n| nonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n\
        -rw-r--r-- 0 0 etc/group\n| root:x:0:\n| nobody:x:65534:\n| nonroot:x:65532:\n\
        -rw-r--r-- 0 0 etc/ssl/certs/ca-certificates.crt\n| x\n-rw-r--r-- 0 0 usr/share/zoneinfo/UTC\n\
        drwxrwxrwt 0 0 tmp\ndrwx------ 65532 65532 home/nonroot\ndrwx------ 0 0 root\n\
        ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n---\n\
        COPY server /server\n-rwxr-xr-x 0 0 server\nUSER 65532:65532\nEXPOSE 8080\n\
        HEALTHCHECK CMD [\"/server\", \"--probe\"]\nENTRYPOINT [\"/server\"]\n\
        LABEL org.opencontainers.image.source=https://example.com/r\n\
        LABEL org.opencontainers.image.revision=2fd4e1c67a2d28fced849ee1bb76e7391b93eb12\n";
    let findings = Sample::of(text).findings(Some("example.com/server:1.2.3"), Purpose::Production);
    assert_eq!(findings, []);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Nobody vouches for what is in an image.
    #[test]
    fn no_image_makes_a_rule_panic(
        user in "[a-z0-9:+ ]{0,6}",
        passwd in "[a-z0-9:+#]{0,30}",
        run in "[a-z &;|'\"$(){}<]{0,40}",
        command in "[\\[\\]\"a-z ,/$-]{0,20}",
        volume in "[./a-z]{0,9}",
        env in "[A-Z]{1,5}=[a-z:/.$]{0,9}",
        path in "[a-z.]{1,5}(/[a-z.]{1,5}){0,3}",
    ) {
        let path = path.replace("..", "x");
        let text = format!(
            "FROM x\n-rwsrwxrwx 7 7 {path}\n-rw-r--r-- 0 0 etc/passwd\n| {passwd}\n-rw-r--r-- 0 0 etc/shadow\n| {passwd}\n\
             USER {user}\nENV {env}\nRUN {run}\nCMD {command}\nHEALTHCHECK CMD {command}\nVOLUME {volume}\nSTOPSIGNAL {user}\nCREATED {user}\n"
        );
        let first = Sample::of(&text).findings(Some(&user), Purpose::Production);
        let second = Sample::of(&text).findings(Some(&user), Purpose::Production);
        prop_assert_eq!(first, second);
    }
}
