//! Words and quotes.

use smol_str::SmolStr;

use crate::shell::cursor::{Parser, is_meta};
use crate::shell::{Word, WordPart, WordPartKind, WordParts};

/// Where a word stands, and so where it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// In a command.
    Command,
    /// Right of `=~`: parentheses and `|` belong to it.
    Regex,
    /// Inside of `${…}`: it ends before the `}`.
    Braces,
    /// Inside of `${…}` within double quotes, where `'` means itself.
    QuotedBraces,
}

/// The places where a byte means something, as one of these or several.
const IN_WORDS: u8 = 1;
const IN_BRACES: u8 = 2;
const IN_QUOTED_BRACES: u8 = 4;

/// By byte, where it means something. Every byte of every script is looked up.
const PLACES: [u8; 256] = {
    let mut places = [0; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        places[byte as usize] = match byte {
            b'\\' | b'"' | b'$' | b'`' | b'\r' => IN_WORDS | IN_BRACES | IN_QUOTED_BRACES,
            b'\'' => IN_WORDS | IN_BRACES,
            b'}' => IN_BRACES | IN_QUOTED_BRACES,
            _ if is_meta(byte) => IN_WORDS,
            _ => 0,
        };
        byte += 1;
    }
    places
};

impl Parser<'_> {
    /// The word here. `None` if none begins here.
    pub(super) fn word(&mut self, place: Place) -> Option<Word> {
        let start = self.at;
        let mut parts = WordParts::new();
        self.word_parts(place, &mut parts);
        if self.at == start {
            return None;
        }
        let span = match parts.as_slice() {
            // To find a place costs more than to read a letter.
            [only] if self.last_part == (start..self.at) => only.span,
            _ => self.span_from(start),
        };
        Some(Word { parts, span })
    }

    /// An empty word at this place.
    pub(super) fn no_word(&self) -> Word {
        Word {
            parts: WordParts::new(),
            span: self.span(self.at..self.at),
        }
    }

    pub(super) fn word_parts(&mut self, place: Place, parts: &mut WordParts) {
        let in_braces = matches!(place, Place::Braces | Place::QuotedBraces);
        let mut open = 0_usize;
        while let Some(byte) = self.peek() {
            let start = self.at;
            let kind = match byte {
                b'}' if in_braces => return,
                b'\\' if self.peek_at(1) == Some(b'\n') => {
                    self.at += 2;
                    continue;
                }
                b'\\' => {
                    self.at += 1;
                    match self.character() {
                        Some(c) => {
                            self.at += c.len_utf8();
                            WordPartKind::Escaped(c)
                        }
                        None => WordPartKind::Literal(SmolStr::new_static("\\")),
                    }
                }
                b'\'' if place != Place::QuotedBraces => self.single_quoted(),
                b'"' => self.double_quoted(),
                b'$' => self.dollar(place == Place::QuotedBraces),
                b'`' => self.backticks(),
                b'<' | b'>' if place == Place::Command && self.peek_at(1) == Some(b'(') => {
                    self.at += 2;
                    let list = self.nested(|p| p.list_to_parenthesis(start + 1));
                    WordPartKind::ProcessSubstitution(list)
                }
                b'(' if place == Place::Regex => {
                    open += 1;
                    self.take(1)
                }
                b')' if place == Place::Regex && open > 0 => {
                    open -= 1;
                    self.take(1)
                }
                b'|' if place == Place::Regex => self.take(1),
                b' ' if place == Place::Regex && open > 0 => self.take(1),
                b'(' if place == Place::Command && opens_group(parts) => {
                    self.group(parts);
                    continue;
                }
                b'\r' if !in_braces && self.peek_at(1) == Some(b'\n') => return,
                _ if !in_braces && is_meta(byte) => return,
                _ => self.plain(place),
            };
            let span = self.span_from(start);
            self.last_part = start..self.at;
            parts.push(WordPart { kind, span });
        }
    }

    fn take(&mut self, length: usize) -> WordPartKind {
        let start = self.at;
        self.at += length;
        WordPartKind::Literal(self.raw(start..self.at).into())
    }

    /// Text up to the next byte that means something.
    fn plain(&mut self, place: Place) -> WordPartKind {
        let rest = &self.bytes()[self.at..];
        let means_something = match place {
            Place::Command | Place::Regex => IN_WORDS,
            Place::Braces => IN_BRACES,
            Place::QuotedBraces => IN_QUOTED_BRACES,
        };
        // The first byte is plain here, whatever it is elsewhere.
        let mut more = rest[1..].iter();
        let more = more.position(|&byte| PLACES[usize::from(byte)] & means_something != 0);
        self.take(more.map_or(rest.len(), |more| more + 1))
    }

    /// `a=( … )` and `@( … )`: the parentheses belong to the word.
    pub(super) fn group(&mut self, parts: &mut WordParts) {
        let opening = self.at;
        let mut start = self.at;
        self.at += 1;
        loop {
            // Blanks, separators of patterns and the like are text of the word.
            self.line_breaks();
            while matches!(self.peek(), Some(b'|' | b'&' | b';'))
                || matches!(self.peek(), Some(b'<' | b'>')) && self.peek_at(1) != Some(b'(')
            {
                self.at += 1;
                self.line_breaks();
            }
            let closes = self.eat(")");
            if self.at > start {
                let text = self.raw(start..self.at).into();
                let span = self.span_from(start);
                let kind = WordPartKind::Literal(text);
                parts.push(WordPart { kind, span });
            }
            if closes {
                return;
            }
            if self.is_at_end() {
                self.error(opening..self.at, "the `(` is not closed");
                return;
            }
            let before = self.at;
            if self.peek() == Some(b'(') {
                self.nested(|parser| parser.group(parts));
            } else {
                let mut inner = WordParts::new();
                self.nested(|parser| parser.word_parts(Place::Command, &mut inner));
                parts.append(&mut inner);
            }
            start = self.at;
            if self.at == before {
                self.at += 1;
            }
        }
    }

    /// `'…'`.
    fn single_quoted(&mut self) -> WordPartKind {
        let start = self.at;
        self.at += 1;
        let rest = &self.bytes()[self.at..];
        let length = rest.iter().position(|&byte| byte == b'\'');
        let text = self.raw(self.at..self.at + length.unwrap_or(rest.len()));
        self.at += text.len();
        if !self.eat("'") {
            self.error(start..self.at, "the `'` is not closed");
        }
        WordPartKind::SingleQuoted(text.into())
    }

    /// `$'…'`, of which the `$` is passed.
    pub(super) fn escaped_quotes(&mut self) -> WordPartKind {
        let start = self.at;
        self.at += 1;
        let mut text = String::new();
        loop {
            let Some(c) = self.character() else {
                self.error(start..self.at, "the `'` is not closed");
                break;
            };
            self.at += c.len_utf8();
            match c {
                '\'' => break,
                '\\' => {
                    let Some(escaped) = self.character() else {
                        continue;
                    };
                    self.at += escaped.len_utf8();
                    let meaning = match escaped {
                        'n' => '\n',
                        't' => '\t',
                        'r' => '\r',
                        'a' => '\x07',
                        'b' => '\x08',
                        'e' | 'E' => '\x1b',
                        'f' => '\x0c',
                        'v' => '\x0b',
                        '\'' | '"' | '\\' | '?' => escaped,
                        other => {
                            text.push('\\');
                            other
                        }
                    };
                    text.push(meaning);
                }
                c => text.push(c),
            }
        }
        WordPartKind::SingleQuoted(text.into())
    }

    /// `"…"`.
    pub(super) fn double_quoted(&mut self) -> WordPartKind {
        let start = self.at;
        self.at += 1;
        let parts = self.nested(|parser| {
            let mut parts = Vec::new();
            parser.quoted_parts(&mut parts);
            parts
        });
        if !self.eat("\"") {
            self.error(start..self.at, "the `\"` is not closed");
        }
        WordPartKind::DoubleQuoted(parts)
    }

    /// What stands between double quotes.
    fn quoted_parts(&mut self, parts: &mut Vec<WordPart>) {
        while let Some(byte) = self.peek() {
            let start = self.at;
            let kind = match byte {
                b'"' => return,
                b'$' => self.dollar(true),
                b'`' => self.backticks(),
                _ => self.quoted_text(),
            };
            let span = self.span_from(start);
            parts.push(WordPart { kind, span });
        }
    }

    fn quoted_text(&mut self) -> WordPartKind {
        let mut text = String::new();
        loop {
            let rest = &self.bytes()[self.at..];
            let length = rest
                .iter()
                .position(|byte| matches!(byte, b'"' | b'$' | b'`' | b'\\'))
                .unwrap_or(rest.len());
            let plain = self.at..self.at + length;
            self.at += length;
            let ends = self.peek() != Some(b'\\');
            if ends && text.is_empty() {
                return WordPartKind::Literal(self.raw(plain).into());
            }
            text.push_str(self.raw(plain));
            if ends {
                return WordPartKind::Literal(text.into());
            }
            match self.peek_at(1) {
                Some(escaped @ (b'"' | b'$' | b'`' | b'\\')) => {
                    text.push(char::from(escaped));
                    self.at += 2;
                }
                Some(b'\n') => self.at += 2,
                _ => {
                    text.push('\\');
                    self.at += 1;
                }
            }
        }
    }
}

/// What stands before a `(` that belongs to the word: `name=`, or the sign of an extended pattern.
fn opens_group(parts: &[WordPart]) -> bool {
    match parts.last().map(|part| &part.kind) {
        Some(WordPartKind::Literal(text)) => text.ends_with(['=', '@', '?', '*', '+', '!']),
        _ => false,
    }
}
