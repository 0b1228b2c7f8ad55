//! `JUnit` XML: a suite for each subject, a case for each property, passed ones included.

use std::fmt::Write as _;

use crate::report::escape_xml as escape;
use crate::trial::{Outcome, Report, Subject, Verdict};

/// The whole report.
pub(super) fn render(report: &Report) -> String {
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
    for subject in &report.subjects {
        suite(&mut text, subject);
    }
    text.push_str("</testsuites>\n");
    text
}

fn suite(text: &mut String, subject: &Subject) {
    let count = |outcome: Outcome| {
        let verdicts = subject.verdicts.iter();
        verdicts
            .filter(|verdict| verdict.outcome == outcome)
            .count()
    };
    let time: f64 = subject
        .verdicts
        .iter()
        .map(|verdict| verdict.took.as_secs_f64())
        .sum();
    // Writing to a string cannot fail.
    let _ = writeln!(
        text,
        "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" time=\"{time:.3}\">",
        escape(&format!("{} {}", subject.suite.word(), subject.name)),
        subject.verdicts.len(),
        count(Outcome::Failed),
        count(Outcome::Unknown),
        count(Outcome::Skipped),
    );
    for verdict in &subject.verdicts {
        case(text, subject, verdict);
    }
    if !subject.log_tail.is_empty() {
        let _ = writeln!(
            text,
            "    <system-out>{}</system-out>",
            escape(&subject.log_tail.join("\n"))
        );
    }
    text.push_str("  </testsuite>\n");
}

fn case(text: &mut String, subject: &Subject, verdict: &Verdict) {
    let property = verdict.property;
    let _ = write!(
        text,
        "    <testcase classname=\"{}\" name=\"{}\" time=\"{:.3}\"",
        escape(&format!("{}.{}", subject.suite.word(), subject.name)),
        escape(&format!("{} {}", property.code, property.name)),
        verdict.took.as_secs_f64(),
    );
    let body = || {
        let mut lines = vec![verdict.detail.clone()];
        lines.extend(verdict.evidence.iter().cloned());
        lines.push(format!("help: {}", property.help));
        escape(&lines.join("\n"))
    };
    let detail = escape(&verdict.detail);
    let _ = match verdict.outcome {
        Outcome::Passed => writeln!(text, "/>"),
        Outcome::Skipped => writeln!(text, "><skipped message=\"{detail}\"/></testcase>"),
        // What could not be told is an error of the trial, never a pass.
        Outcome::Unknown => writeln!(
            text,
            "><error type=\"unknown\" message=\"{detail}\">{}</error></testcase>",
            body()
        ),
        Outcome::Failed => writeln!(
            text,
            "><failure type=\"{}\" message=\"{detail}\">{}</failure></testcase>",
            property.name,
            body()
        ),
    };
}
