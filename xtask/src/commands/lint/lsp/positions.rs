//! Lines and columns as an editor counts them, and the way to byte offsets and back.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::source::Span;

/// What a column counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Encoding {
    /// Bytes.
    Utf8,
    /// Units of UTF-16: what every editor understands.
    #[default]
    Utf16,
}

/// A place, counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub(super) struct Position {
    pub(super) line: u32,
    pub(super) character: u32,
}

/// From a place up to, not including, another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub(super) struct Range {
    pub(super) start: Position,
    pub(super) end: Position,
}

/// A text with its lines. An editor ends a line at `\n`, `\r\n` and `\r`.
pub(super) struct Lines<'t> {
    text: &'t str,
    starts: Vec<usize>,
    encoding: Encoding,
}

impl Encoding {
    /// What the protocol calls it.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "utf-8",
            Self::Utf16 => "utf-16",
        }
    }

    fn width(self, character: char) -> usize {
        match self {
            Self::Utf8 => character.len_utf8(),
            Self::Utf16 => character.len_utf16(),
        }
    }
}

impl<'t> Lines<'t> {
    pub(super) fn new(text: &'t str, encoding: Encoding) -> Self {
        let bytes = text.as_bytes();
        let ends = |at: &usize| match bytes[*at] {
            b'\n' => true,
            b'\r' => bytes.get(at + 1) != Some(&b'\n'),
            _ => false,
        };
        let starts = std::iter::once(0)
            .chain((0..bytes.len()).filter(ends).map(|at| at + 1))
            .collect();
        Self {
            text,
            starts,
            encoding,
        }
    }

    /// The byte offset of a place; what lies behind the end of a line is its end.
    pub(super) fn offset(&self, position: Position) -> usize {
        let line = usize::try_from(position.line).unwrap_or(usize::MAX);
        let Some(&start) = self.starts.get(line) else {
            return self.text.len();
        };
        let mut left = usize::try_from(position.character).unwrap_or(usize::MAX);
        let mut offset = start;
        for character in self.text[start..self.end(line)].chars() {
            let width = self.encoding.width(character);
            if width > left {
                break;
            }
            left -= width;
            offset += character.len_utf8();
        }
        offset
    }

    /// The bytes of a range; `None` if it ends before it begins.
    pub(super) fn span(&self, range: Range) -> Option<Span> {
        let span = Span::new(self.offset(range.start), self.offset(range.end));
        (span.start <= span.end).then_some(span)
    }

    /// The range that bytes stand in.
    pub(super) fn range(&self, span: Span) -> Value {
        json!({ "start": self.position(span.start), "end": self.position(span.end) })
    }

    fn position(&self, offset: usize) -> Value {
        let line = self.starts.partition_point(|start| *start <= offset) - 1;
        let start = self.starts[line];
        let character: usize = self.text[start..self.end(line)]
            .char_indices()
            .take_while(|(at, character)| start + at + character.len_utf8() <= offset)
            .map(|(_, character)| self.encoding.width(character))
            .sum();
        json!({ "line": line, "character": character })
    }

    /// Where a line ends, without its line break.
    fn end(&self, line: usize) -> usize {
        match self.starts.get(line + 1) {
            Some(&next) => {
                let line = &self.text[self.starts[line]..next];
                next - (line.len() - line.trim_end_matches(['\r', '\n']).len())
            }
            None => self.text.len(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "aé😀b\r\nc\rd\n\n";

    fn there_and_back(encoding: Encoding) -> Vec<(u64, u64)> {
        let lines = Lines::new(TEXT, encoding);
        let boundaries = (0..=TEXT.len()).filter(|at| TEXT.is_char_boundary(*at));
        boundaries
            .map(|at| {
                let position = lines.position(at);
                let back: Position = serde_json::from_value(position.clone()).unwrap();
                // Between `\r` and `\n` there is no place.
                let expected = if at == 9 { 8 } else { at };
                assert_eq!(lines.offset(back), expected);
                let number = |name: &str| position[name].as_u64().unwrap();
                (number("line"), number("character"))
            })
            .collect()
    }

    #[test]
    fn columns_are_bytes_or_units() {
        assert_eq!(
            there_and_back(Encoding::Utf8),
            [
                (0, 0),
                (0, 1),
                (0, 3),
                (0, 7),
                (0, 8),
                (0, 8),
                (1, 0),
                (1, 1),
                (2, 0),
                (2, 1),
                (3, 0),
                (4, 0)
            ]
        );
        assert_eq!(
            there_and_back(Encoding::Utf16)[..6],
            [(0, 0), (0, 1), (0, 2), (0, 4), (0, 5), (0, 5)]
        );
    }

    #[test]
    fn places_that_are_none_are_the_nearest_before() {
        let lines = Lines::new(TEXT, Encoding::Utf16);
        for (line, character, expected) in [
            (0, 3, 3),
            (0, u32::MAX, 8),
            (1, 7, 11),
            (99, 0, TEXT.len()),
            (u32::MAX, u32::MAX, TEXT.len()),
        ] {
            let position = Position { line, character };
            assert_eq!(lines.offset(position), expected, "{position:?}");
        }
        assert_eq!(Lines::new(TEXT, Encoding::Utf8).offset(at(0, 2)), 1);
        let backwards = Range {
            start: at(1, 0),
            end: at(0, 0),
        };
        assert_eq!(lines.span(backwards), None);
    }

    const fn at(line: u32, character: u32) -> Position {
        Position { line, character }
    }
}
