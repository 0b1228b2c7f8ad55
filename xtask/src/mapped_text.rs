//! Text that was put together from pieces of a file, with the way back from each byte to the file.

use std::ops::Range;

use crate::source::{Span, Spanned};

/// A part of a [`MappedText`] that stands in the file as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    at: u32,
    place: u32,
}

impl Piece {
    /// From byte `at` of the text on, which stands at byte `place` of the file. No text is as long as 4 GiB.
    #[must_use]
    pub fn new(at: usize, place: usize) -> Self {
        let short = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        Self {
            at: short(at),
            place: short(place),
        }
    }

    /// Where it begins in the text.
    #[must_use]
    pub const fn at(self) -> usize {
        self.at as usize
    }

    /// Where it begins in the file.
    #[must_use]
    pub const fn place(self) -> usize {
        self.place as usize
    }
}

/// Text that may leave out parts of the file it stands in: continuations, comments between them, the tabs of `<<-`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MappedText {
    /// The text.
    pub value: String,
    /// Where it stands in the file, from its first to behind its last byte.
    pub span: Span,
    /// Its pieces, ascending. Empty: one piece that starts at `span.start`.
    pub pieces: Vec<Piece>,
}

impl MappedText {
    /// Text that stands in the file as it is.
    #[must_use]
    pub const fn contiguous(value: String, span: Span) -> Self {
        Self {
            value,
            span,
            pieces: Vec::new(),
        }
    }

    /// Where a byte of the text stands in the file.
    #[must_use]
    pub fn locate(&self, offset: usize) -> usize {
        let index = self.pieces.partition_point(|piece| piece.at() <= offset);
        match index.checked_sub(1).and_then(|i| self.pieces.get(i)) {
            Some(piece) => piece.place() + (offset - piece.at()),
            None => self.span.start + offset,
        }
    }

    /// Where a range of the text stands in the file. It may cover parts of the file that the text leaves out.
    #[must_use]
    pub fn span_of(&self, range: &Range<usize>) -> Span {
        if range.is_empty() {
            let at = if range.start < self.value.len() {
                self.locate(range.start)
            } else {
                self.span.end
            };
            return Span::new(at, at);
        }
        // Most ranges lie in one piece.
        let behind = self
            .pieces
            .partition_point(|piece| piece.at() <= range.start);
        let start = match behind.checked_sub(1).and_then(|i| self.pieces.get(i)) {
            Some(piece) => piece.place() + (range.start - piece.at()),
            None => self.span.start + range.start,
        };
        let is_in_one = self
            .pieces
            .get(behind)
            .is_none_or(|next| range.end <= next.at());
        let end = if is_in_one {
            start + (range.end - range.start)
        } else {
            self.locate(range.end - 1) + 1
        };
        Span::new(start, end)
    }

    /// A part of the text that knows its place by itself.
    #[must_use]
    pub fn slice(&self, range: &Range<usize>) -> Self {
        let value = self.value.get(range.clone()).unwrap_or_default().to_owned();
        let mut pieces = Vec::new();
        if !self.pieces.is_empty() {
            pieces.push(Piece::new(0, self.locate(range.start)));
            let inside = |at: usize| at > range.start && at < range.end;
            let more = self.pieces.iter().filter(|piece| inside(piece.at()));
            pieces.extend(more.map(|piece| Piece::new(piece.at() - range.start, piece.place())));
        }
        Self {
            value,
            span: self.span_of(range),
            pieces,
        }
    }

    /// Puts a part of another text behind this one. Parts have to come in the order in which they stand in the file.
    pub fn append(&mut self, text: &Self, range: &Range<usize>) {
        let Some(part) = text
            .value
            .get(range.clone())
            .filter(|part| !part.is_empty())
        else {
            return;
        };
        let span = text.span_of(range);
        let behind = self.value.len();
        let first = text
            .pieces
            .partition_point(|piece| piece.at() <= range.start);
        let inside = text.pieces[first..].iter();
        let mut inside = inside.take_while(|piece| piece.at() < range.end).peekable();
        if self.pieces.is_empty() {
            if behind == 0 {
                self.span = span;
            }
            // Most words are one piece, and one piece needs no list.
            let goes_on = self.span.start + behind == span.start && inside.peek().is_none();
            if !goes_on {
                if behind > 0 {
                    self.pieces.push(Piece::new(0, self.span.start));
                }
                self.pieces.push(Piece::new(behind, span.start));
            }
        } else {
            self.pieces.push(Piece::new(behind, span.start));
        }
        self.pieces.extend(
            inside.map(|piece| Piece::new(behind + piece.at() - range.start, piece.place())),
        );
        self.value.push_str(part);
        self.span.end = span.end;
    }

    /// Puts a blank behind it that stands nowhere in the file.
    pub fn push_blank(&mut self) {
        if self.pieces.is_empty() && !self.value.is_empty() {
            self.pieces.push(Piece::new(0, self.span.start));
        }
        self.pieces
            .push(Piece::new(self.value.len(), self.span.end));
        self.value.push(' ');
    }

    /// Which part of the text a place in the file is, the way back of [`MappedText::span_of`].
    #[must_use]
    pub fn range_of(&self, span: Span) -> Range<usize> {
        self.offset_of(span.start)..self.offset_of(span.end)
    }

    fn offset_of(&self, place: usize) -> usize {
        // An end that stands where a piece begins is the end of the piece before: the texts are the same length.
        let index = self.pieces.partition_point(|piece| piece.place() <= place);
        let (at, start) = match index.checked_sub(1).and_then(|i| self.pieces.get(i)) {
            Some(piece) => (piece.at(), piece.place()),
            None => (0, self.span.start),
        };
        let next = self
            .pieces
            .get(index)
            .map_or(self.value.len(), |next| next.at());
        (at + place.saturating_sub(start)).min(next)
    }

    /// The text with its place, without the way back of each byte.
    #[must_use]
    pub fn spanned(&self) -> Spanned<String> {
        Spanned::new(self.value.clone(), self.span)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_finds_its_way_back() {
        let file = "RUN a b\\\n  # c\n  d e";
        let text = MappedText {
            value: "a b  d e".to_owned(),
            span: Span::new(4, 20),
            pieces: vec![Piece::new(0, 4), Piece::new(3, 15)],
        };
        for (at, c) in text.value.char_indices() {
            assert_eq!(file[text.locate(at)..].chars().next(), Some(c));
        }
        assert_eq!(text.span_of(&(2..6)).of(file), "b\\\n  # c\n  d");
        assert_eq!(text.span_of(&(8..8)), Span::new(20, 20));
        let part = text.slice(&(2..6));
        assert_eq!(
            (part.value.as_str(), part.span_of(&(3..4)).of(file)),
            ("b  d", "d")
        );
        let whole = MappedText::contiguous("a b".to_owned(), Span::new(4, 7));
        assert_eq!(whole.slice(&(2..3)).span_of(&(0..1)).of(file), "b");
    }
}
