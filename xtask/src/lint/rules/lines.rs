//! Whole lines of a Dockerfile, for fixes that add, move or remove instructions.

use crate::dockerfile::Instruction;
use crate::lint::Model;
use crate::source::Span;

/// Puts `keyword rest` on a line of its own before an instruction, with its indentation, casing and line ending.
pub(super) fn inserted_before(
    model: &Model,
    neighbor: &Instruction,
    keyword: &str,
    rest: &str,
) -> (Span, String) {
    let text = model.file.source.text();
    let at = neighbor.span.start;
    let line = text[..at].rfind('\n').map_or(0, |end| end + 1);
    let indentation = &text[line..at];
    let keyword = cased_like(neighbor, keyword);
    let line_ending = line_ending(text);
    let indentation = if indentation.trim().is_empty() {
        indentation
    } else {
        ""
    };
    let inserted = format!("{keyword} {rest}{line_ending}{indentation}");
    (Span::new(at, at), inserted)
}

/// Takes an instruction away, with the rest of its lines.
pub(super) fn removed(model: &Model, instruction: &Instruction) -> (Span, String) {
    let text = model.file.source.text();
    let start = text[..instruction.span.start]
        .rfind('\n')
        .map_or(0, |end| end + 1);
    let end = text[instruction.span.end..]
        .find('\n')
        .map_or(text.len(), |length| instruction.span.end + length + 1);
    (Span::new(start, end), String::new())
}

/// `\r\n` if the file's first line ends so.
pub(super) fn line_ending(text: &str) -> &'static str {
    match text.find('\n') {
        Some(at) if text[..at].ends_with('\r') => "\r\n",
        _ => "\n",
    }
}

/// A keyword in the casing of another instruction's.
pub(super) fn cased_like(neighbor: &Instruction, keyword: &str) -> String {
    if neighbor.keyword.value.chars().all(char::is_lowercase) {
        keyword.to_lowercase()
    } else {
        keyword.to_owned()
    }
}
