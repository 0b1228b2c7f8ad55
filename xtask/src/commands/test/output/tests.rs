use std::time::Duration;

use super::*;
use crate::trial::Suite;
use crate::trial::image::{DROPS_REQUESTS, IGNORES_SIGTERM, OVER_MEMORY, RUNS_AS_ROOT};

fn report() -> Report {
    let mut api = Subject::new("api", Suite::Image);
    api.image = Some("acme/api:dev".to_owned());
    api.path = Some("apps/api/Dockerfile".to_owned());
    api.verdicts = vec![
        Verdict::passed(&RUNS_AS_ROOT, "2 processes, all of 1001").took(Duration::from_millis(3)),
        Verdict::failed(
            &IGNORES_SIGTERM,
            "killed after 10 s: PID 1 is a shell (`sh -c`)",
        )
        .proven_by(["SigCgt 0000000000000002".to_owned()])
        .took(Duration::from_millis(10_200)),
        Verdict::unknown(&DROPS_REQUESTS, "no request can be held <open>"),
    ];
    api.measurements = vec![
        Measurement {
            name: "time-to-healthy",
            value: 1020.0,
            unit: Unit::Milliseconds,
            budget: Some(30_000.0),
        },
        Measurement {
            name: "memory-at-rest",
            value: 46_000_000.0,
            unit: Unit::Bytes,
            budget: None,
        },
    ];
    api.log_tail = vec!["{\"msg\":\"listening\"}".to_owned()];
    let mut worker = Subject::new("worker", Suite::Image);
    worker.verdicts = vec![Verdict::skipped(&OVER_MEMORY, "no budget")];
    Report::new(vec![worker, api])
}

fn render(format: Format, detail: Detail) -> String {
    text(&report(), format, detail, Color::Plain).unwrap()
}

#[test]
fn people_see_what_is_wrong_and_why() {
    insta::assert_snapshot!(render(Format::Terminal, Detail::Normal));
}

#[test]
fn every_verdict_is_told_on_request_and_only_what_is_wrong_quietly() {
    let verbose = render(Format::Terminal, Detail::Verbose);
    assert!(
        verbose.contains("passed DT1201 runs-as-root: 2 processes, all of 1001 (3 ms)"),
        "{verbose}"
    );
    let quiet = render(Format::Terminal, Detail::Quiet);
    assert!(
        !quiet.contains("PASSED") && quiet.contains("failed DT1301"),
        "{quiet}"
    );
}

#[test]
fn programs_read_json() {
    insta::assert_snapshot!(render(Format::Json, Detail::Normal));
}

#[test]
fn test_reporters_read_junit() {
    insta::assert_snapshot!(render(Format::Junit, Detail::Normal));
}

#[test]
fn comments_are_markdown() {
    insta::assert_snapshot!(render(Format::Markdown, Detail::Normal));
}

#[test]
fn other_formats_have_findings_at_the_dockerfile() {
    insta::assert_snapshot!(render(Format::Github, Detail::Normal));
    let sarif: serde_json::Value =
        serde_json::from_str(&render(Format::Sarif, Detail::Normal)).unwrap();
    assert_eq!(sarif["runs"][0]["results"].as_array().unwrap().len(), 2);
}
