use std::num::NonZeroUsize;
use std::sync::Arc;

use crate::dockerfile::parse;
use crate::edit::Safety;
use crate::finding::{Finding, Severity};
use crate::lint::configuration::Level;
use crate::lint::{Configuration, Input, Model, Outcome, Run, Surroundings};
use crate::source::Source;

/// What is on in these tests: one rule that finds things, and the linter's own.
fn configuration() -> Configuration {
    let mut configuration = Configuration::default();
    let on = ["DL3000", "DX9001", "DX9002", "DX9003"].map(str::to_owned);
    configuration.only(&on).unwrap();
    configuration
}

fn outcome(text: &str, configuration: &Configuration) -> Outcome {
    let file = parse(&Source::new("Dockerfile", text));
    let model = Arc::new(Model::new(file, [].into(), &|_| None));
    Run {
        surroundings: &Surroundings::unknown(),
        inputs: vec![Input::Model(model)],
        configuration,
        repository: false,
        external: None,
        threads: NonZeroUsize::MIN,
    }
    .carry_out()
}

fn show(findings: &[Finding]) -> Vec<String> {
    findings
        .iter()
        .map(|finding| {
            let location = finding.location.as_ref().unwrap();
            let line = location.source.line_column(location.span.start).line;
            format!("{line} {}", finding.code)
        })
        .collect()
}

fn found(text: &str) -> Vec<String> {
    show(&outcome(text, &configuration()).findings)
}

/// The text after the fixes of one code.
fn fixed(text: &str, code: &str) -> String {
    let mut edits: Vec<_> = outcome(text, &configuration())
        .findings
        .into_iter()
        .filter(|finding| finding.code == code)
        .filter_map(|finding| finding.fix)
        .flat_map(|fix| fix.edits)
        .collect();
    edits.sort_by_key(|edit| edit.span);
    let mut text = text.to_owned();
    for edit in edits.iter().rev() {
        text.replace_range(edit.span.start..edit.span.end, &edit.replacement);
    }
    text
}

#[test]
fn comments_reach_as_far_as_they_say() {
    for (text, expected) in [
        ("FROM a\nWORKDIR b\n", vec!["2 DL3000"]),
        (
            "FROM a\n# hadolint ignore=DL3000\nWORKDIR b\nWORKDIR c\n",
            vec!["4 DL3000"],
        ),
        (
            "FROM a\n# lint: allow(workdir-not-absolute) known\nWORKDIR b\n",
            vec![],
        ),
        (
            "FROM a\n# check=skip=WorkdirRelativePath\nWORKDIR b\n",
            vec![],
        ),
        (
            "# check=skip=WorkdirRelativePath\nFROM a\nWORKDIR b\n",
            vec![],
        ),
        ("# check=skip=all\nFROM a\nWORKDIR b\n", vec![]),
        (
            "FROM a\nWORKDIR b\n# hadolint global ignore=DL3000\n",
            vec![],
        ),
        (
            "# hadolint stage ignore=DL3000\nFROM a\nWORKDIR b\nFROM c\nWORKDIR d\n",
            vec!["5 DL3000"],
        ),
        ("FROM a\nWORKDIR \\\n  # lint: allow(DL3000)\n  b\n", vec![]),
        ("FROM a\nONBUILD WORKDIR b\n", vec!["2 DL3000"]),
        (
            "FROM a\n# hadolint ignore=DL3000\nONBUILD WORKDIR b\n",
            vec![],
        ),
    ] {
        assert_eq!(found(text), expected, "{text}");
    }
}

#[test]
fn what_suppresses_nothing_is_told_and_removed() {
    for (text, expected, after) in [
        (
            "FROM a\n# hadolint ignore=DL3000 # why\nWORKDIR /b\n",
            vec!["2 DX9001"],
            "FROM a\nWORKDIR /b\n",
        ),
        (
            "FROM a\n# hadolint ignore=DL3000,SC2086\nWORKDIR b\n",
            vec![],
            "FROM a\n# hadolint ignore=DL3000,SC2086\nWORKDIR b\n",
        ),
        (
            "FROM a\nWORKDIR \\\n  # lint: allow(DL3000)\n  /b\n",
            vec!["3 DX9001"],
            "FROM a\nWORKDIR \\\n  /b\n",
        ),
        (
            "FROM a\n# hadolint ignore=DL3000\n\nWORKDIR b\n",
            vec!["2 DX9001", "4 DL3000"],
            "FROM a\n\nWORKDIR b\n",
        ),
        (
            "# check=skip=WorkdirRelativePath;error=true\nFROM a\n",
            vec!["1 DX9001"],
            "# check=skip=WorkdirRelativePath;error=true\nFROM a\n",
        ),
    ] {
        assert_eq!(found(text), expected, "{text}");
        assert_eq!(fixed(text, "DX9001"), after, "{text}");
    }
    let mut configuration = configuration();
    configuration.set("DL3000", Level::Off).unwrap();
    let text = "FROM a\n# hadolint ignore=DL3000\nWORKDIR /b\n";
    assert!(outcome(text, &configuration).findings.is_empty());
}

#[test]
fn one_code_of_several_is_removed_with_its_comma() {
    let mut configuration = configuration();
    configuration
        .set("DL1000", Level::On(Severity::Error))
        .unwrap();
    for (list, after) in [("DL1000, DL3000", "DL3000"), ("DL3000 ,DL1000", "DL3000")] {
        let text = format!("FROM a\n# hadolint ignore={list}\nWORKDIR b\n");
        let findings = outcome(&text, &configuration).findings;
        assert_eq!(show(&findings), ["2 DX9001"], "{list}");
        let edit = &findings[0].fix.as_ref().unwrap().edits[0];
        let mut text = text;
        text.replace_range(edit.span.start..edit.span.end, &edit.replacement);
        assert_eq!(
            text,
            format!("FROM a\n# hadolint ignore={after}\nWORKDIR b\n")
        );
    }
}

#[test]
fn unknown_and_malformed_comments_are_told_and_mended() {
    let text = "FROM a\n# hadolint ignore=dl3000\nWORKDIR b\n";
    assert_eq!(found(text), ["2 DX9002", "3 DL3000"]);
    assert_eq!(
        fixed(text, "DX9002"),
        "FROM a\n# hadolint ignore=DL3000\nWORKDIR b\n"
    );
    let text = "FROM a\n# lint: allow(workdir-not-absolut)\nWORKDIR b\n";
    let findings = outcome(text, &configuration()).findings;
    assert_eq!(
        findings[0].help[..],
        ["did you mean `workdir-not-absolute`?"]
    );
    assert_eq!(findings[0].fix.as_ref().unwrap().safety, Safety::Unsafe);
    for (before, after) in [
        (
            "# hadolint ignore=DL3000 why",
            "# hadolint ignore=DL3000 # why",
        ),
        ("# hadolint: ignore=DL3000", "# hadolint ignore=DL3000"),
        ("# hadolint ignore DL3000", "# hadolint ignore=DL3000"),
        ("# hadolint ignore: DL3000", "# hadolint ignore=DL3000"),
    ] {
        let text = |comment: &str| format!("FROM a\n{comment}\nWORKDIR b\n");
        assert_eq!(found(&text(before)), ["2 DX9003", "3 DL3000"], "{before}");
        assert_eq!(fixed(&text(before), "DX9003"), text(after));
        assert!(found(&text(after)).is_empty());
    }
}

#[test]
fn pragmas_can_be_forbidden_and_remarks_be_suppressed() {
    let mut strict = configuration();
    strict.hadolint_pragmas = false;
    let text = "FROM a\n# hadolint ignore=DL3000\nWORKDIR b\n";
    assert_eq!(show(&outcome(text, &strict).findings), ["3 DL3000"]);

    let text = "# hadolint global ignore=DX9001\nFROM a\n# hadolint ignore=DL3000\nWORKDIR /b\n";
    let outcome = outcome(text, &configuration());
    assert!(outcome.findings.is_empty());
    assert_eq!(outcome.suppressed, 1);
}

#[test]
fn other_files_have_comments_too() {
    let code = "DL3000";
    for (text, expected) in [
        ("a: 1\nb: 2\n", false),
        ("a: 1\n# lint: allow(DL3000) why\nb: 2\n", true),
        ("# lint: allow(DL3000) why\na: 1\nb: 2\n", false),
        (
            "# lint: allow-file(workdir-not-absolute)\na: 1\nb: 2\n",
            true,
        ),
        ("a: 1\nb: 2 # lint: allow(DL3000)\n", true),
        ("a: 1\nb: 2 # lint: allow(DL1001)\n", false),
    ] {
        let source = Source::new("compose.yaml", text);
        let at = text.find("b:").unwrap();
        let finding = Finding::new(code, "x", Severity::Error, "m")
            .at(source.location(crate::source::Span::new(at, at + 1)));
        assert_eq!(
            !super::Elsewhere::read(&source).keeps(&finding),
            expected,
            "{text}"
        );
    }
}

#[test]
fn builds_that_warnings_stop_have_errors() {
    let mut configuration = configuration();
    configuration
        .set("DL3000", Level::On(Severity::Note))
        .unwrap();
    let severity = |text: &str| outcome(text, &configuration).findings[0].severity;
    assert_eq!(severity("FROM a\nWORKDIR b\n"), Severity::Note);
    assert_eq!(
        severity("# check=error=true\nFROM a\nWORKDIR b\n"),
        Severity::Error
    );
}

#[test]
fn comments_in_an_ignore_file_are_held_to_account() {
    let remarks = |text: &str| {
        let source = Source::new(".dockerignore", text);
        let mut file = super::Elsewhere::read(&source);
        let at = text.find("x\n").unwrap();
        let finding = Finding::new("DX3302", "x", Severity::Note, "m")
            .at(source.location(crate::source::Span::new(at, at + 1)));
        let kept = file.keeps(&finding);
        let level = |_: &str| Level::On(Severity::Warning);
        let remarks = file.report(&level, &|_| true);
        (kept, show(&remarks))
    };
    for (text, kept, expected) in [
        ("# lint: allow(DX3302) why\nx\n", false, vec![]),
        (
            "# lint: allow(DX3302, DX3303) why\nx\n",
            false,
            vec!["1 DX9001"],
        ),
        ("# lint: allow(DX3303)\nx\n", true, vec!["1 DX9001"]),
        ("# lint: allow(DX3302)\n\nx\n", true, vec!["1 DX9001"]),
        ("# lint: allow(nothing)\nx\n", true, vec!["1 DX9002"]),
        ("# lint: allow DX3302\nx\n", true, vec!["1 DX9003"]),
        (
            "x\n# lint: allow-file(duplicate-ignore-pattern)\n",
            false,
            vec![],
        ),
    ] {
        assert_eq!(
            remarks(text),
            (kept, expected.into_iter().map(str::to_owned).collect()),
            "{text}"
        );
    }
}
