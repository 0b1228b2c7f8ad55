//! A Markdown table for a job summary or a comment.

use std::fmt::Write as _;

use super::region;
use crate::finding::Finding;

pub(super) fn render(findings: &[&Finding]) -> String {
    if findings.is_empty() {
        return "No findings.\n".to_owned();
    }
    let mut text = "| | Where | What | Help |\n|---|---|---|---|\n".to_owned();
    for finding in findings {
        let place = match (finding.path(), region(finding)) {
            (Some(path), Some(at)) => format!("`{path}:{}:{}`", at.line, at.column),
            (Some(path), None) => format!("`{path}`"),
            (None, _) => String::new(),
        };
        let _ = writeln!(
            text,
            "| {} | {} | **{}** {} | {} |",
            finding.severity.word(),
            cell(&place),
            cell(&finding.code),
            cell(&finding.message),
            cell(&finding.help.join("\n")),
        );
    }
    text
}

/// Text that cannot leave its cell or become markup of its own.
fn cell(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('|', "\\|")
        .replace("\r\n", "<br>")
        .replace(['\n', '\r'], "<br>")
}
