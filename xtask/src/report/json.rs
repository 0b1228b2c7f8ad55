//! JSON for programs.

use serde::Serialize;
use std::collections::BTreeMap;

use super::{SCHEMA_VERSION, region};
use crate::edit::{Fix, Safety};
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
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    aliases: &'a [&'a str],
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<FixEntry<'a>>,
    properties: &'a BTreeMap<String, serde_json::Value>,
}

#[derive(Serialize)]
struct FixEntry<'a> {
    message: &'a str,
    safe: bool,
    edits: Vec<EditEntry<'a>>,
}

/// Lines and columns as in [`Entry`]; the offsets count bytes.
#[derive(Serialize)]
struct EditEntry<'a> {
    path: &'a str,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
    start_offset: usize,
    end_offset: usize,
    replacement: &'a str,
}

fn fix(fix: &Fix) -> FixEntry<'_> {
    let edits = fix.edits.iter().map(|edit| {
        let start = edit.source.line_column(edit.span.start);
        let end = edit.source.line_column(edit.span.end);
        EditEntry {
            path: edit.source.path().as_str(),
            line: start.line,
            column: start.column,
            end_line: end.line,
            end_column: end.column,
            start_offset: edit.span.start,
            end_offset: edit.span.end,
            replacement: &edit.replacement,
        }
    });
    FixEntry {
        message: &fix.message,
        safe: fix.safety == Safety::Safe,
        edits: edits.collect(),
    }
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
                aliases: finding.aliases,
                fix: finding.fix.as_ref().map(fix),
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
