//! `JUnit` XML, in the shape the common test reporters read.

use std::fmt::Write as _;

use super::{TOOL, region};
use crate::finding::{Finding, Severity};

pub(super) fn render(findings: &[&Finding]) -> String {
    // Notes change no exit code, so they fail no test either.
    let failures = findings
        .iter()
        .filter(|f| f.severity > Severity::Note)
        .count();
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  <testsuite name=\"{TOOL}\" tests=\"{}\" failures=\"{failures}\">\n",
        findings.len()
    );
    for finding in findings {
        let place = match (finding.path(), region(finding)) {
            (Some(path), Some(at)) => format!("{path}:{}:{}", at.line, at.column),
            (Some(path), None) => path.to_string(),
            (None, _) => String::new(),
        };
        let _ = write!(
            text,
            "    <testcase classname=\"{}\" name=\"{}\"",
            escape(finding.path().map_or(TOOL, |p| p.as_str())),
            escape(format!("{} {} {place}", finding.code, finding.name).trim_end()),
        );
        let mut body = format!("{place}: {}", finding.message);
        if place.is_empty() {
            body.clone_from(&finding.message);
        }
        for help in &finding.help {
            let _ = write!(body, "\nhelp: {help}");
        }
        if finding.severity > Severity::Note {
            let _ = writeln!(
                text,
                ">\n      <failure type=\"{}\" message=\"{}\">{}</failure>\n    </testcase>",
                finding.severity.word(),
                escape(&finding.message),
                escape(&body),
            );
        } else {
            let _ = writeln!(
                text,
                ">\n      <system-out>{}</system-out>\n    </testcase>",
                escape(&body)
            );
        }
    }
    text.push_str("  </testsuite>\n</testsuites>\n");
    text
}

/// XML 1.0 text and attribute values; control characters that XML forbids become `U+FFFD`.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' => escaped.push_str("&#10;"),
            '\r' => escaped.push_str("&#13;"),
            '\t' => escaped.push_str("&#9;"),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => {
                escaped.push('\u{fffd}');
            }
            c => escaped.push(c),
        }
    }
    escaped
}
