//! JSON for programs.
//!
//! The layout never changes, so that most of it stands here as text: to write a report by way of a serializer takes several
//! times as long, which in a run over many files is a tenth of all work.

use std::collections::BTreeMap;
use std::io;

use serde::Serialize as _;
use serde_json::{Serializer, Value};

use super::indented::Indented;
use super::{SCHEMA_VERSION, region};
use crate::edit::{Fix, Safety};
use crate::finding::{Finding, Related};
use crate::parallel;
use crate::source::{Location, Source, Span};

/// How many findings are put together as one text.
const AT_ONCE: usize = 64;

/// How many such texts each thread makes before they are handed on: the whole document may be larger than all that was
/// read.
const TEXTS: usize = 16;

/// How deep the facts of a finding stand.
const DEPTH_OF_PROPERTIES: usize = 4;

/// Writes the document piece by piece.
pub(super) fn write(findings: &[&Finding], out: &mut dyn io::Write) -> io::Result<()> {
    let mut text = Vec::new();
    text.extend_from_slice(b"{\n  \"schema_version\": ");
    number(&mut text, SCHEMA_VERSION as usize);
    text.extend_from_slice(b",\n  \"findings\": [");
    let threads = parallel::threads();
    for (index, many) in findings.chunks(AT_ONCE * TEXTS * threads.get()).enumerate() {
        let parts = parallel::map(threads, many.chunks(AT_ONCE).collect(), entries);
        for (part, entries) in parts.into_iter().enumerate() {
            text.extend_from_slice(if index + part == 0 { b"" } else { b"," });
            out.write_all(&text)?;
            text.clear();
            out.write_all(&entries?)?;
        }
    }
    if !findings.is_empty() {
        text.extend_from_slice(b"\n  ");
    }
    text.extend_from_slice(b"]\n}\n");
    out.write_all(&text)?;
    out.flush()
}

pub(super) fn render(findings: &[&Finding]) -> String {
    let mut text = Vec::new();
    // Plain strings and numbers always serialize, and memory takes them.
    let _ = write(findings, &mut text);
    String::from_utf8(text).unwrap_or_default()
}

/// Some findings, with the commas between them.
fn entries(findings: &[&Finding]) -> io::Result<Vec<u8>> {
    let mut text = Vec::with_capacity(findings.len() * 768);
    for (index, finding) in findings.iter().enumerate() {
        text.extend_from_slice(if index == 0 { b"\n    " } else { b",\n    " });
        entry(&mut text, finding)?;
    }
    Ok(text)
}

fn entry(text: &mut Vec<u8>, finding: &Finding) -> io::Result<()> {
    text.extend_from_slice(b"{\n      \"code\": ");
    string(text, &finding.code);
    text.extend_from_slice(b",\n      \"name\": ");
    string(text, &finding.name);
    text.extend_from_slice(b",\n      \"severity\": ");
    string(text, finding.severity.word());
    text.extend_from_slice(b",\n      \"message\": ");
    string(text, &finding.message);
    text.extend_from_slice(b",\n      \"path\": ");
    match finding.path() {
        Some(path) => string(text, path.as_str()),
        None => text.extend_from_slice(b"null"),
    }
    match region(finding) {
        Some(region) => {
            let ends = [region.line, region.column, region.end_line, region.end_column];
            place(text, b",\n      ", ends);
        }
        None => text.extend_from_slice(
            b",\n      \"line\": null,\n      \"column\": null,\n      \"end_line\": null,\n      \"end_column\": null",
        ),
    }
    if !finding.details().related.is_empty() {
        text.extend_from_slice(b",\n      \"related\": ");
        list(text, 6, &finding.details().related, related);
    }
    text.extend_from_slice(b",\n      \"help\": ");
    list(text, 6, &finding.help, |text, help| string(text, help));
    if !finding.aliases.is_empty() {
        text.extend_from_slice(b",\n      \"aliases\": ");
        list(text, 6, finding.aliases, |text, alias| string(text, alias));
    }
    if let Some(fix) = &finding.fix {
        text.extend_from_slice(b",\n      \"fix\": ");
        mending(text, fix);
    }
    text.extend_from_slice(b",\n      \"properties\": ");
    properties(text, &finding.details().properties)?;
    text.extend_from_slice(b"\n    }");
    Ok(())
}

/// Another place; lines and columns as of a finding.
fn related(text: &mut Vec<u8>, related: &Related) {
    let Location { source, span } = &related.location;
    text.extend_from_slice(b"{\n          \"path\": ");
    string(text, source.path().as_str());
    place(text, b",\n          ", ends(source, *span));
    text.extend_from_slice(b",\n          \"message\": ");
    string(text, &related.message);
    text.extend_from_slice(b"\n        }");
}

/// Of edits, lines and columns as of a finding; the offsets count bytes.
fn mending(text: &mut Vec<u8>, fix: &Fix) {
    text.extend_from_slice(b"{\n        \"message\": ");
    string(text, &fix.message);
    text.extend_from_slice(match fix.safety {
        Safety::Safe => b",\n        \"safe\": true",
        Safety::Unsafe => b",\n        \"safe\": false".as_slice(),
    });
    text.extend_from_slice(b",\n        \"edits\": ");
    list(text, 8, &fix.edits, |text, edit| {
        text.extend_from_slice(b"{\n            \"path\": ");
        string(text, edit.source.path().as_str());
        place(text, b",\n            ", ends(&edit.source, edit.span));
        text.extend_from_slice(b",\n            \"start_offset\": ");
        number(text, edit.span.start);
        text.extend_from_slice(b",\n            \"end_offset\": ");
        number(text, edit.span.end);
        text.extend_from_slice(b",\n            \"replacement\": ");
        string(text, &edit.replacement);
        text.extend_from_slice(b"\n          }");
    });
    text.extend_from_slice(b"\n      }");
}

fn properties(text: &mut Vec<u8>, properties: &BTreeMap<String, Value>) -> io::Result<()> {
    if properties.is_empty() {
        text.extend_from_slice(b"{}");
        return Ok(());
    }
    for (index, (name, value)) in properties.iter().enumerate() {
        text.extend_from_slice(if index == 0 { b"{" } else { b"," });
        text.extend_from_slice(b"\n        ");
        string(text, name);
        text.extend_from_slice(b": ");
        if let Value::String(value) = value {
            string(text, value);
        } else {
            let layout = Indented::within(DEPTH_OF_PROPERTIES);
            value.serialize(&mut Serializer::with_formatter(&mut *text, layout))?;
        }
    }
    text.extend_from_slice(b"\n      }");
    Ok(())
}

/// First and last line and column.
fn ends(source: &Source, span: Span) -> [usize; 4] {
    let (start, end) = (source.line_column(span.start), source.line_column(span.end));
    [start.line, start.column, end.line, end.column]
}

fn place(text: &mut Vec<u8>, before: &[u8], [line, column, end_line, end_column]: [usize; 4]) {
    let fields: [(&[u8], usize); 4] = [
        (b"\"line\": ", line),
        (b"\"column\": ", column),
        (b"\"end_line\": ", end_line),
        (b"\"end_column\": ", end_column),
    ];
    for (name, value) in fields {
        text.extend_from_slice(before);
        text.extend_from_slice(name);
        number(text, value);
    }
}

/// `around` is how far the list's own key is indented.
fn list<T>(text: &mut Vec<u8>, around: usize, items: &[T], write: impl Fn(&mut Vec<u8>, &T)) {
    const BLANKS: &[u8] = b"\n                ";
    text.push(b'[');
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            text.push(b',');
        }
        text.extend_from_slice(&BLANKS[..around + 3]);
        write(text, item);
    }
    if !items.is_empty() {
        text.extend_from_slice(&BLANKS[..=around]);
    }
    text.push(b']');
}

fn number(text: &mut Vec<u8>, mut number: usize) {
    let mut digits = [0; 20];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b"0123456789"[number % 10];
        number /= 10;
        if number == 0 {
            break;
        }
    }
    text.extend_from_slice(&digits[at..]);
}

/// Quoted, with the escapes of `serde_json`.
fn string(text: &mut Vec<u8>, value: &str) {
    text.push(b'"');
    let bytes = value.as_bytes();
    let mut written = 0;
    while let Some(at) = escaped_from(bytes, written) {
        let byte = bytes[at];
        text.extend_from_slice(&bytes[written..at]);
        written = at + 1;
        let escape = match byte {
            b'"' | b'\\' => byte,
            b'\n' => b'n',
            b'\t' => b't',
            b'\r' => b'r',
            0x08 => b'b',
            0x0c => b'f',
            _ => {
                let digit = |of: u8| b"0123456789abcdef"[usize::from(of)];
                text.extend_from_slice(b"\\u00");
                text.extend_from_slice(&[digit(byte >> 4), digit(byte & 15)]);
                continue;
            }
        };
        text.extend_from_slice(&[b'\\', escape]);
    }
    text.extend_from_slice(&bytes[written..]);
    text.push(b'"');
}

/// Where the first byte from `start` on is that needs an escape. Hardly any does, so many are looked at in one go.
fn escaped_from(bytes: &[u8], start: usize) -> Option<usize> {
    const MANY: usize = 16;
    let is_escaped = |byte: &u8| *byte < 0x20 || *byte == b'"' || *byte == b'\\';
    let rest = &bytes[start..];
    let plain = rest
        .chunks_exact(MANY)
        .take_while(|many| !many.iter().fold(false, |any, byte| any | is_escaped(byte)))
        .count();
    let behind = start + plain * MANY;
    let at = bytes[behind..].iter().position(is_escaped)?;
    Some(behind + at)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::edit::Edit;
    use crate::finding::Severity;

    #[test]
    fn strings_are_escaped_as_serde_json_escapes_them() {
        let all: String = (0..0x250).filter_map(char::from_u32).collect();
        for value in ["", "a", "\"", "\\\n", "é\u{7f}\u{2028}😀", &all] {
            let mut text = Vec::new();
            string(&mut text, value);
            let expected = serde_json::to_string(value).unwrap();
            assert_eq!(String::from_utf8(text).unwrap(), expected);
        }
    }

    #[test]
    fn it_looks_as_serde_json_writes_for_people() {
        let source = Source::new("a/é\"", "FROM a\nRUN b\n");
        let plain = Finding::new("A1", "a", Severity::Style, "nothing else");
        let mut full = Finding::new("A2", "b", Severity::Error, "all of\tit")
            .at(source.location(Span::new(7, 12)))
            .help("do")
            .help("or \"not\"")
            .property("text", "x\n")
            .property("number", 18_446_744_073_709_551_615_u64)
            .property("share", 0.5)
            .property("list", json!([1, {"a": [], "b": {}}, null]));
        full.aliases = &["c", "d"];
        for _ in 0..2 {
            full.details_mut().related.push(Related {
                location: source.location(Span::new(0, 4)),
                message: "there".to_owned(),
            });
        }
        let mut without_edit = full.clone();
        for (finding, edits) in [(&mut full, 2), (&mut without_edit, 0)] {
            let edit = Edit {
                source: source.clone(),
                span: Span::new(11, 12),
                replacement: "\\".to_owned(),
            };
            finding.fix = Some(Box::new(Fix {
                message: "mend".into(),
                safety: if edits == 0 {
                    Safety::Safe
                } else {
                    Safety::Unsafe
                },
                edits: vec![edit; edits],
            }));
        }
        for findings in [&[][..], &[&plain], &[&full, &plain, &without_edit]] {
            let text = render(findings);
            let value: Value = serde_json::from_str(&text).unwrap();
            // Keys keep their order.
            assert_eq!(text, serde_json::to_string_pretty(&value).unwrap() + "\n");
            assert_eq!(value["findings"].as_array().unwrap().len(), findings.len());
        }
        let value: Value = serde_json::from_str(&render(&[&full])).unwrap();
        let entry = &value["findings"][0];
        assert_eq!(
            (&entry["line"], &entry["end_column"]),
            (&json!(2), &json!(6))
        );
        assert_eq!(entry["fix"]["edits"][1]["start_offset"], json!(11));
        assert_eq!(
            entry["properties"]["list"],
            json!([1, {"a": [], "b": {}}, null])
        );
    }
}
