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

/// A keyword in the casing of another instruction's.
pub(super) fn cased_like(neighbor: &Instruction, keyword: &str) -> String {
    cased(keyword, &neighbor.keyword.value)
}

/// The lines that a span touches, the last one's line break included.
pub(super) fn lines_of(text: &str, span: Span) -> Span {
    let start = text[..span.start].rfind('\n').map_or(0, |at| at + 1);
    let end = text[span.end..]
        .find('\n')
        .map_or(text.len(), |at| span.end + at + 1);
    Span::new(start, end)
}

/// How the file ends its lines.
pub(super) fn line_ending(text: &str) -> &'static str {
    if text.contains("\r\n") { "\r\n" } else { "\n" }
}

/// An instruction's name, written as its neighbor is: `from` makes `label`, `FROM` and `From` make `LABEL`.
pub(super) fn cased(keyword: &str, neighbor: &str) -> String {
    if neighbor.chars().any(char::is_uppercase) {
        keyword.to_uppercase()
    } else {
        keyword.to_lowercase()
    }
}

/// A span with the blanks that follow it.
pub(super) fn with_blanks_after(text: &str, span: Span) -> Span {
    let rest = &text[span.end..];
    let blanks = rest.len() - rest.trim_start_matches([' ', '\t']).len();
    Span::new(span.start, span.end + blanks)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_with_their_break() {
        let text = "a\r\nbc\nd";
        let lines = |start, end| lines_of(text, Span::new(start, end)).of(text);
        assert_eq!(lines(3, 4), "bc\n");
        assert_eq!(lines(0, 4), "a\r\nbc\n");
        assert_eq!(lines(6, 7), "d");
        assert_eq!(line_ending(text), "\r\n");
        assert_eq!(cased("LABEL", "from"), "label");
        assert_eq!(with_blanks_after("a \tb", Span::new(0, 1)), Span::new(0, 3));
    }
}
