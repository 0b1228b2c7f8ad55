//! GitLab's code quality report: the subset of Code Climate's issues that it reads.

use serde_json::{Value, json};

use super::fingerprint::fingerprints;
use super::region;
use crate::finding::{Finding, Severity};

pub(super) fn render(findings: &[&Finding]) -> String {
    let issues: Vec<Value> = findings
        .iter()
        .zip(fingerprints(findings))
        .map(|(finding, fingerprint)| {
            let at = region(finding);
            let line = at.as_ref().map_or(1, |at| at.line);
            let end = at.as_ref().map_or(1, |at| at.end_line);
            let mut description = finding.message.clone();
            for help in &finding.help {
                description.push_str("; ");
                description.push_str(help);
            }
            json!({
                "type": "issue",
                "check_name": finding.code,
                "description": description,
                "categories": ["Bug Risk"],
                "severity": severity(finding.severity),
                "fingerprint": fingerprint,
                "location": {
                    // A file is required, also for what concerns none.
                    "path": finding.path().map_or(".", |path| path.as_str()),
                    "lines": { "begin": line, "end": end },
                },
            })
        })
        .collect();
    serde_json::to_string_pretty(&issues).unwrap_or_default() + "\n"
}

const fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Style | Severity::Note => "info",
        Severity::Warning => "minor",
        Severity::Error => "major",
    }
}
