//! JSON for programs.

use serde::Serialize;
use serde_json::Serializer;
use std::collections::BTreeMap;
use std::io::{self, BufWriter, Write as _};

use super::indented::Indented;
use super::{SCHEMA_VERSION, region};
use crate::edit::{Fix, Safety};
use crate::finding::{Finding, Related, Severity};
use crate::source::Location;

#[derive(Serialize)]
struct Document<'a> {
    schema_version: u32,
    findings: Entries<'a>,
}

/// Each is made when it is written: together they are larger than the findings.
struct Entries<'a>(&'a [&'a Finding]);

impl Serialize for Entries<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|finding| entry(finding)))
    }
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
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related: Vec<RelatedEntry<'a>>,
    help: &'a [String],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    aliases: &'a [&'a str],
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<FixEntry<'a>>,
    properties: &'a BTreeMap<String, serde_json::Value>,
}

/// Another place; lines and columns as in [`Entry`].
#[derive(Serialize)]
struct RelatedEntry<'a> {
    path: &'a str,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
    message: &'a str,
}

fn related(related: &Related) -> RelatedEntry<'_> {
    let Location { source, span } = &related.location;
    let (start, end) = (source.line_column(span.start), source.line_column(span.end));
    RelatedEntry {
        path: source.path().as_str(),
        line: start.line,
        column: start.column,
        end_line: end.line,
        end_column: end.column,
        message: &related.message,
    }
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

fn entry(finding: &Finding) -> Entry<'_> {
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
        related: finding.related.iter().map(related).collect(),
        help: &finding.help,
        aliases: finding.aliases,
        fix: finding.fix.as_deref().map(fix),
        properties: &finding.properties,
    }
}

/// Writes the document piece by piece: as one text it may be larger than all that was read.
pub(super) fn write(findings: &[&Finding], out: &mut dyn io::Write) -> io::Result<()> {
    let document = Document {
        schema_version: SCHEMA_VERSION,
        findings: Entries(findings),
    };
    let mut out = BufWriter::with_capacity(64 * 1024, out);
    document.serialize(&mut Serializer::with_formatter(
        &mut out,
        Indented::default(),
    ))?;
    out.write_all(b"\n")?;
    out.flush()
}

pub(super) fn render(findings: &[&Finding]) -> String {
    let mut text = Vec::new();
    // Plain strings and numbers always serialize, and memory takes them.
    let _ = write(findings, &mut text);
    String::from_utf8(text).unwrap_or_default()
}
