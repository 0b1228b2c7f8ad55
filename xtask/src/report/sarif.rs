//! SARIF 2.1.0 (OASIS), as GitHub code scanning reads it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::fingerprint::fingerprints;
use super::{RuleDescription, TOOL, region};
use crate::edit::Fix;
use crate::finding::{Finding, Related, Severity};
use crate::source::Location;

pub(super) fn render(findings: &[&Finding], descriptions: &[RuleDescription]) -> String {
    let rules: BTreeMap<&str, &Finding> = findings.iter().map(|f| (rule_of(f), *f)).collect();
    let results: Vec<Value> = findings
        .iter()
        .zip(fingerprints(findings))
        .map(|(finding, fingerprint)| {
            let index = rules.keys().position(|id| *id == rule_of(finding));
            result(finding, index, &fingerprint)
        })
        .collect();
    let rules: Vec<Value> = rules
        .iter()
        .map(|(id, finding)| {
            let description = descriptions.iter().find(|rule| rule.code == finding.code);
            rule(id, finding, description)
        })
        .collect();
    let document = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": TOOL,
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    serde_json::to_string_pretty(&document).unwrap_or_default() + "\n"
}

/// Code scanning knows how bad a rule is, not a result: each vulnerability is a rule of its own, as other scanners have
/// it, and its code is a tag.
fn rule_of(finding: &Finding) -> &str {
    let vulnerability = finding.details().properties.get("vulnerability");
    let is_scored = finding.details().properties.contains_key(SECURITY_SEVERITY);
    vulnerability
        .and_then(Value::as_str)
        .filter(|_| is_scored)
        .unwrap_or(&finding.code)
}

/// The property of a rule by which code scanning sorts: a number from 0.0 to 10.0, as text.
const SECURITY_SEVERITY: &str = "security-severity";

fn rule(id: &str, finding: &Finding, description: Option<&RuleDescription>) -> Value {
    let mut rule = json!({ "id": id, "name": finding.name });
    if let Some(description) = description {
        rule["shortDescription"] = json!({ "text": description.summary });
        rule["help"] = json!({ "text": description.page, "markdown": description.page });
        rule["defaultConfiguration"] = json!({ "level": level(description.severity) });
        rule["properties"] = json!({ "tags": description.tags });
    }
    if id != finding.code {
        let text = |key: &str| {
            finding
                .details()
                .properties
                .get(key)
                .and_then(Value::as_str)
        };
        rule["shortDescription"] =
            json!({ "text": format!("{id} in {}", text("package").unwrap_or("a package")) });
        rule["properties"] = json!({
            "tags": ["security", "vulnerability", finding.code],
            SECURITY_SEVERITY: text(SECURITY_SEVERITY),
        });
        if let Some(url) = text("url") {
            rule["helpUri"] = json!(url);
        }
    }
    rule
}

fn result(finding: &Finding, rule: Option<usize>, fingerprint: &str) -> Value {
    let mut result = json!({
        "ruleId": rule_of(finding),
        "ruleIndex": rule,
        "level": level(finding.severity),
        "message": { "text": text(finding) },
        "partialFingerprints": { "findingHash/v1": fingerprint },
    });
    if let Some(path) = finding.path() {
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
    if !finding.details().related.is_empty() {
        result["relatedLocations"] = finding.details().related.iter().map(related).collect();
    }
    if let Some(fix) = &finding.fix {
        result["fixes"] = json!([{
            "description": { "text": fix.message },
            "artifactChanges": changes(fix),
        }]);
    }
    if !finding.details().properties.is_empty() {
        result["properties"] = json!(finding.details().properties);
    }
    result
}

fn related(related: &Related) -> Value {
    let Location { source, span } = &related.location;
    let (start, end) = (source.line_column(span.start), source.line_column(span.end));
    json!({
        "message": { "text": related.message },
        "physicalLocation": {
            "artifactLocation": { "uri": uri(source.path().as_str()) },
            "region": {
                "startLine": start.line,
                "startColumn": start.column,
                "endLine": end.line,
                "endColumn": end.column,
            },
        },
    })
}

/// One entry for each file that a fix touches.
fn changes(fix: &Fix) -> Vec<Value> {
    let mut files: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    for edit in &fix.edits {
        let start = edit.source.line_column(edit.span.start);
        let end = edit.source.line_column(edit.span.end);
        let replacement = json!({
            "deletedRegion": {
                "startLine": start.line,
                "startColumn": start.column,
                "endLine": end.line,
                "endColumn": end.column,
            },
            "insertedContent": { "text": edit.replacement },
        });
        files
            .entry(edit.source.path().as_str())
            .or_default()
            .push(replacement);
    }
    files
        .into_iter()
        .map(|(path, replacements)| {
            json!({ "artifactLocation": { "uri": uri(path) }, "replacements": replacements })
        })
        .collect()
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
