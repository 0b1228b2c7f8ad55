//! JSON for programs.

use serde::Serialize;
use std::collections::BTreeMap;

use super::{SCHEMA_VERSION, region};
use crate::finding::{Finding, Severity};

#[derive(Serialize)]
struct Document<'a> {
    schema_version: u32,
    findings: Vec<Entry<'a>>,
}

#[derive(Serialize)]
struct Entry<'a> {
    code: &'a str,
    name: &'a str,
    severity: Severity,
    message: &'a str,
    path: Option<&'a str>,
    line: Option<usize>,
    column: Option<usize>,
    end_line: Option<usize>,
    end_column: Option<usize>,
    help: &'a [String],
    properties: &'a BTreeMap<String, serde_json::Value>,
}

pub(super) fn render(findings: &[&Finding]) -> String {
    let findings = findings
        .iter()
        .map(|finding| {
            let region = region(finding);
            let region = region.as_ref();
            Entry {
                code: &finding.code,
                name: &finding.name,
                severity: finding.severity,
                message: &finding.message,
                path: finding.path.as_deref().map(camino::Utf8Path::as_str),
                line: region.map(|r| r.line),
                column: region.map(|r| r.column),
                end_line: region.map(|r| r.end_line),
                end_column: region.map(|r| r.end_column),
                help: &finding.help,
                properties: &finding.properties,
            }
        })
        .collect();
    let document = Document {
        schema_version: SCHEMA_VERSION,
        findings,
    };
    // Plain strings and numbers always serialize.
    serde_json::to_string_pretty(&document).unwrap_or_default() + "\n"
}
