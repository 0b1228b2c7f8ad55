//! `JUnit` XML: a suite for each group, a case for each row, those that are reached included.

use std::fmt::Write as _;

use crate::report::escape_xml as escape;
use crate::scorecard::{Card, Counts, Group, Outcome, Row};

pub(super) fn render(card: &Card) -> String {
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
    for group in &card.groups {
        suite(&mut text, group);
    }
    text.push_str("</testsuites>\n");
    text
}

fn suite(text: &mut String, group: &Group) {
    let counts = Counts::of(&group.rows);
    // Writing to a string cannot fail.
    let _ = writeln!(
        text,
        "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\">",
        escape(&group.name),
        counts.all(),
        counts.fail,
        counts.not_measured
    );
    for row in &group.rows {
        case(text, &group.name, row);
    }
    text.push_str("  </testsuite>\n");
}

fn case(text: &mut String, group: &str, row: &Row) {
    let milliseconds = row
        .measured
        .as_ref()
        .map_or(0, |measured| measured.milliseconds);
    let _ = write!(
        text,
        "    <testcase classname=\"{}\" name=\"{}\" time=\"{}.{:03}\"",
        escape(group),
        escape(&row.id),
        milliseconds / 1_000,
        milliseconds % 1_000
    );
    let detail = escape(&row.detail);
    let body = escape(&format!(
        "the goal: {}\nsee it again: {}",
        row.goal, row.command
    ));
    let _ = match row.outcome {
        Outcome::Pass => writeln!(text, "/>"),
        // What nobody looked at is no pass.
        Outcome::NotMeasured => writeln!(
            text,
            "><error type=\"not-measured\" message=\"{detail}\">{body}</error></testcase>"
        ),
        Outcome::Fail => writeln!(
            text,
            "><failure type=\"not-reached\" message=\"{detail}\">{body}</failure></testcase>"
        ),
    };
}
