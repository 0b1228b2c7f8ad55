//! A word as the program gets it: quotes and escapes removed, each byte with its place in the file.

use smol_str::SmolStr;

use crate::mapped_text::{MappedText, Piece};
use crate::shell::{Argument, Word, WordPart, WordPartKind};
use crate::source::Span;
use crate::text_search::last_part;

/// A word without its quotes.
#[derive(Clone, Debug)]
pub(super) struct Unquoted {
    pub(super) text: SmolStr,
    /// Where the text stands.
    place: Span,
    /// As in [`MappedText`].
    pieces: Vec<Piece>,
    /// Behind the last byte that only the shell knows; 0 if all is known.
    pub(super) known_from: usize,
    /// Part of it was quoted.
    pub(super) quoted: bool,
    /// The word, quotes included.
    pub(super) span: Span,
}

impl Unquoted {
    pub(super) fn new(source: &MappedText, word: &Word) -> Self {
        // Most words are one piece of plain text.
        if let [
            WordPart {
                kind: WordPartKind::Literal(value),
                span,
            },
        ] = word.parts.as_slice()
            && span.end - span.start == value.len()
            && !value.contains('\\')
        {
            return Self {
                text: value.clone(),
                place: *span,
                pieces: Vec::new(),
                known_from: 0,
                quoted: false,
                span: word.span,
            };
        }
        let mut text = MappedText::default();
        let mut known_from = 0;
        append(source, &word.parts, false, &mut text, &mut known_from);
        if text.value.is_empty() {
            text.span = word.span;
        }
        Self {
            known_from,
            ..Self::known(text, word.is_quoted(), word.span)
        }
    }

    /// A word of which nothing is left to the shell.
    pub(super) fn known(text: MappedText, quoted: bool, span: Span) -> Self {
        Self {
            text: text.value.into(),
            place: text.span,
            pieces: text.pieces,
            known_from: 0,
            quoted,
            span,
        }
    }

    /// The text, each byte with its place in the file.
    pub(super) fn mapped(&self) -> MappedText {
        MappedText {
            value: self.text.to_string(),
            span: self.place,
            pieces: self.pieces.clone(),
        }
    }

    /// It as an argument.
    pub(super) fn into_argument(self) -> Argument {
        Argument {
            text: self.text,
            literal: self.known_from == 0,
            quoted: self.quoted,
            span: self.span,
        }
    }

    /// The name of the program the word names, without its folder. `None` if only the shell knows it.
    pub(super) fn program(&self) -> Option<&str> {
        let text = self.text.as_str();
        let start = text.len() - last_part(text).len();
        (start >= self.known_from).then(|| &text[start..])
    }
}

fn append(
    source: &MappedText,
    parts: &[WordPart],
    in_double_quotes: bool,
    text: &mut MappedText,
    known_from: &mut usize,
) {
    for part in parts {
        let range = source.range_of(part.span);
        let raw = source.value.get(range.clone()).unwrap_or_default();
        match &part.kind {
            WordPartKind::Literal(_) => {
                let escapes = if in_double_quotes { "\"$`\\\n" } else { "\n" };
                append_unescaped(source, range, escapes, text);
            }
            WordPartKind::Escaped(_) => text.append(source, &(range.start + 1..range.end)),
            WordPartKind::SingleQuoted(value) => {
                let dollar = usize::from(raw.starts_with('$'));
                let inner = range.start + dollar + 1;
                let end = inner + value.len();
                if source.value.get(inner..end) == Some(value) {
                    text.append(source, &(inner..end));
                } else {
                    // `$'…'` with escapes: as written, which is what a reader sees.
                    let end = range.end - usize::from(raw.ends_with('\''));
                    append_unescaped(source, inner..end.max(inner), "'\"\\", text);
                }
            }
            WordPartKind::DoubleQuoted(parts) => append(source, parts, true, text, known_from),
            _ => {
                text.append(source, &range);
                *known_from = text.value.len();
            }
        }
    }
}

/// Appends a part of the text; backslashes before the given characters are left out, and line breaks behind them.
fn append_unescaped(
    source: &MappedText,
    range: std::ops::Range<usize>,
    escapes: &str,
    text: &mut MappedText,
) {
    let bytes = source.value.as_bytes();
    let mut piece = range.start;
    let mut at = range.start;
    while at < range.end {
        if bytes[at] == b'\\' && at + 1 < range.end && escapes.as_bytes().contains(&bytes[at + 1]) {
            text.append(source, &(piece..at));
            piece = at + 1 + usize::from(bytes[at + 1] == b'\n');
            at += 1;
        }
        at += 1;
    }
    text.append(source, &(piece..range.end));
}
