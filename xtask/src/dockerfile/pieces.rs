//! The file as a row of pieces without gaps: every byte has its place, and the pieces in a row are the file.

use crate::dockerfile::logical_lines::Reader;
use crate::dockerfile::stages::bodies;
use crate::dockerfile::statement::Statement;
use crate::source::{Source, Span};

/// A part of a Dockerfile's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// What it is.
    pub kind: PieceKind,
    /// Where it stands, line breaks included. It ends where the next one starts.
    pub span: Span,
}

/// What a piece is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PieceKind {
    /// U+FEFF at the start of the file.
    ByteOrderMark,
    /// A line of white space.
    Blank,
    /// A line that is a comment, or a directive at the head of the file.
    Comment,
    /// An instruction from the start of its first line: its continued lines, the comments and blank lines among them,
    /// its here-documents up to their last terminator. Also one that cannot be understood.
    Instruction,
}

/// The pieces of a file, in order.
#[must_use]
pub fn pieces(source: &Source) -> Vec<Piece> {
    let text = source.text();
    let mut reader = Reader::new(text);
    let mut pieces = Vec::new();
    let mut at = reader.position();
    if at > 0 {
        pieces.push(Piece {
            kind: PieceKind::ByteOrderMark,
            span: Span::new(0, at),
        });
    }
    while let Some(line) = reader.logical() {
        let first = line.span(&line.trimmed()).start.max(at);
        let start = text[at..first].rfind('\n').map_or(at, |end| at + end + 1);
        lines(text, Span::new(at, start), &mut pieces);
        let statement = Statement::new(&line, &line.trimmed(), reader.directives.escape);
        if statement.takes_heredocs() {
            // Without its end, a here-document takes the rest of the file.
            let _ = bodies(&line, &mut reader);
        }
        at = reader.position();
        pieces.push(Piece {
            kind: PieceKind::Instruction,
            span: Span::new(start, at),
        });
    }
    lines(text, Span::new(at, text.len()), &mut pieces);
    pieces
}

/// Lines between instructions.
fn lines(text: &str, span: Span, pieces: &mut Vec<Piece>) {
    let mut at = span.start;
    for line in span.of(text).split_inclusive('\n') {
        let kind = if line.trim().is_empty() {
            PieceKind::Blank
        } else {
            PieceKind::Comment
        };
        pieces.push(Piece {
            kind,
            span: Span::new(at, at + line.len()),
        });
        at += line.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_belongs_to_a_piece() {
        let text = "\u{feff}# syntax=x\n\nFROM a\n  RUN x \\\n# c\n\n  y\r\n # d\nCOPY <<E /\n# no\nE\nBROKEN\n\n";
        let found: Vec<_> = pieces(&Source::new("Dockerfile", text))
            .iter()
            .map(|piece| (piece.kind, piece.span.of(text)))
            .collect();
        assert_eq!(
            found,
            [
                (PieceKind::ByteOrderMark, "\u{feff}"),
                (PieceKind::Comment, "# syntax=x\n"),
                (PieceKind::Blank, "\n"),
                (PieceKind::Instruction, "FROM a\n"),
                (PieceKind::Instruction, "  RUN x \\\n# c\n\n  y\r\n"),
                (PieceKind::Comment, " # d\n"),
                (PieceKind::Instruction, "COPY <<E /\n# no\nE\n"),
                (PieceKind::Instruction, "BROKEN\n"),
                (PieceKind::Blank, "\n"),
            ]
        );
    }
}
