//! Lines of a text, by byte offsets. An offset that lies in no text is the nearest end of it.

use super::Span;

/// Where the line begins that an offset lies in.
#[must_use]
pub fn line_start(text: &str, at: usize) -> usize {
    text.get(..at)
        .and_then(|before| memchr::memrchr(b'\n', before.as_bytes()))
        .map_or(0, |line_feed| line_feed + 1)
}

/// Where the line ends that an offset lies in: at its line feed. A carriage return before it belongs to the line.
#[must_use]
pub fn line_end(text: &str, at: usize) -> usize {
    text.get(at..)
        .and_then(|rest| memchr::memchr(b'\n', rest.as_bytes()))
        .map_or(text.len(), |length| at + length)
}

/// The lines that a span touches, without the last one's line feed.
#[must_use]
pub fn touched_lines(text: &str, span: Span) -> Span {
    Span::new(line_start(text, span.start), line_end(text, span.end))
}

/// The lines that a span touches, with the last one's line feed: what goes when they are removed.
#[must_use]
pub fn whole_lines(text: &str, span: Span) -> Span {
    let lines = touched_lines(text, span);
    Span::new(lines.start, text.len().min(lines.end + 1))
}

/// How a text ends its lines: as it ends its first one.
#[must_use]
pub fn line_ending(text: &str) -> &'static str {
    match memchr::memchr(b'\n', text.as_bytes()) {
        Some(at) if text[..at].ends_with('\r') => "\r\n",
        _ => "\n",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_with_their_break_or_with_the_text() {
        let text = "a\r\nbc\nd";
        let whole = |start, end| whole_lines(text, Span::new(start, end)).of(text);
        assert_eq!(whole(3, 4), "bc\n");
        assert_eq!(whole(0, 4), "a\r\nbc\n");
        assert_eq!(whole(6, 7), "d");
        let touched = |start, end| touched_lines(text, Span::new(start, end)).of(text);
        assert_eq!(touched(4, 4), "bc");
        assert_eq!(touched(0, 1), "a\r");
        assert_eq!(touched(6, 7), "d");
        assert_eq!(touched(90, 91), text);
    }

    #[test]
    fn the_first_line_says_how_lines_end() {
        assert_eq!(line_ending("a\r\nb\n"), "\r\n");
        assert_eq!(line_ending("a\nb\r\n"), "\n");
        assert_eq!(line_ending("a"), "\n");
    }
}
