//! GitHub workflow commands: `::error file=…,line=…::message`.

use std::fmt::Write as _;

use super::region;
use crate::finding::{Finding, Severity};

pub(super) fn render(findings: &[&Finding]) -> String {
    let mut text = String::new();
    for finding in findings {
        let command = match finding.severity {
            Severity::Style | Severity::Note => "notice",
            Severity::Warning => "warning",
            Severity::Error => "error",
        };
        let mut properties = Vec::new();
        if let Some(path) = finding.path() {
            properties.push(format!("file={}", property(path.as_str())));
        }
        if let Some(at) = region(finding) {
            properties.push(format!("line={},col={}", at.line, at.column));
            properties.push(format!(
                "endLine={},endColumn={}",
                at.end_line, at.end_column
            ));
        }
        let title = format!("{} {}", finding.code, finding.name);
        properties.push(format!("title={}", property(&title)));
        let mut message = finding.message.clone();
        for help in &finding.help {
            message.push('\n');
            message.push_str(help);
        }
        let _ = writeln!(
            text,
            "::{command} {}::{}",
            properties.join(","),
            data(&message)
        );
    }
    text
}

/// The escapes of `@actions/core`'s `escapeData`.
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// The escapes of `@actions/core`'s `escapeProperty`.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
