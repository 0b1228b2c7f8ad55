//! Checkstyle's XML, which many review tools read.

use std::fmt::Write as _;

use super::junit::escape;
use super::region;
use crate::finding::{Finding, Severity};

pub(super) fn render(findings: &[&Finding]) -> String {
    let mut text =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<checkstyle version=\"4.3\">\n".to_owned();
    let mut open: Option<&str> = None;
    for finding in findings {
        let path = finding.path().map_or("", |path| path.as_str());
        if open != Some(path) {
            if open.is_some() {
                text.push_str("  </file>\n");
            }
            let _ = writeln!(text, "  <file name=\"{}\">", escape(path));
            open = Some(path);
        }
        text.push_str("    <error");
        if let Some(at) = region(finding) {
            let _ = write!(text, " line=\"{}\" column=\"{}\"", at.line, at.column);
        }
        let mut message = finding.message.clone();
        for help in &finding.help {
            message.push('\n');
            message.push_str(help);
        }
        let _ = writeln!(
            text,
            " severity=\"{}\" message=\"{}\" source=\"{}\"/>",
            severity(finding.severity),
            escape(&message),
            escape(&finding.code),
        );
    }
    if open.is_some() {
        text.push_str("  </file>\n");
    }
    text.push_str("</checkstyle>\n");
    text
}

const fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Style | Severity::Note => "info",
        Severity::Warning => "warning",
        Severity::Error => "error",
    }
}
