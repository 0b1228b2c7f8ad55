//! Whole lines of a Dockerfile, for fixes that add, move or remove instructions.

use crate::dockerfile::Instruction;
use crate::lint::Model;
use crate::source::{Span, line_ending, line_start, whole_lines};

/// Puts `keyword rest` on a line of its own before an instruction, with its indentation, casing and line ending.
pub(super) fn inserted_before(
    model: &Model,
    neighbor: &Instruction,
    keyword: &str,
    rest: &str,
) -> (Span, String) {
    let text = model.file.source.text();
    let at = neighbor.span.start;
    let indentation = &text[line_start(text, at)..at];
    let indentation = if indentation.trim().is_empty() {
        indentation
    } else {
        // A mark at the head of the file.
        ""
    };
    let keyword = cased_like(neighbor, keyword);
    let inserted = format!("{keyword} {rest}{}{indentation}", line_ending(text));
    (Span::new(at, at), inserted)
}

/// Takes an instruction away, with the rest of its lines.
pub(super) fn removed(model: &Model, instruction: &Instruction) -> (Span, String) {
    let lines = whole_lines(model.file.source.text(), instruction.span);
    (lines, String::new())
}

/// A keyword in the casing of another instruction's.
pub(super) fn cased_like(neighbor: &Instruction, keyword: &str) -> String {
    cased(keyword, &neighbor.keyword.value)
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
    fn keywords_are_cased_like_their_neighbors() {
        assert_eq!(cased("LABEL", "from"), "label");
        assert_eq!(cased("label", "From"), "LABEL");
    }

    #[test]
    fn blanks_after_a_span_end_before_the_next_word() {
        assert_eq!(with_blanks_after("a \tb", Span::new(0, 1)), Span::new(0, 3));
    }
}
