//! Whole lines of a Dockerfile, for fixes that remove or add instructions.

use crate::source::Span;

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
