//! SARIF 2.1.0 (OASIS), as GitHub code scanning reads it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{TOOL, region};
use crate::finding::{Finding, Severity};

pub(super) fn render(findings: &[&Finding]) -> String {
    let rules: BTreeMap<&str, &str> = findings
        .iter()
        .map(|f| (f.code.as_str(), f.name.as_str()))
        .collect();
    let rule_index = |code: &str| rules.keys().position(|key| *key == code);
    let results: Vec<Value> = findings
        .iter()
        .map(|finding| {
            let mut result = json!({
                "ruleId": finding.code,
                "ruleIndex": rule_index(&finding.code),
                "level": level(finding.severity),
                "message": { "text": text(finding) },
            });
            if let Some(path) = &finding.path {
                let mut physical = json!({ "artifactLocation": { "uri": uri(path.as_str()) } });
                if let Some(at) = region(finding) {
                    physical["region"] = json!({
                        "startLine": at.line,
                        "startColumn": at.column,
                        "endLine": at.end_line,
                        "endColumn": at.end_column,
                    });
                }
                result["locations"] = json!([{ "physicalLocation": physical }]);
            }
            if !finding.properties.is_empty() {
                result["properties"] = json!(finding.properties);
            }
            result
        })
        .collect();
    let document = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": TOOL,
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules.iter().map(|(code, name)| json!({ "id": code, "name": name })).collect::<Vec<_>>(),
            } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    serde_json::to_string_pretty(&document).unwrap_or_default() + "\n"
}

fn text(finding: &Finding) -> String {
    let mut text = finding.message.clone();
    for help in &finding.help {
        text.push_str("\nHelp: ");
        text.push_str(help);
    }
    text
}

/// A relative path as a URI reference (RFC 3986): everything but unreserved characters and `/` is escaped.
fn uri(path: &str) -> String {
    use std::fmt::Write as _;
    let mut uri = String::new();
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri
}

/// SARIF knows no style.
const fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Style | Severity::Note => "note",
        Severity::Warning => "warning",
        Severity::Error => "error",
    }
}
