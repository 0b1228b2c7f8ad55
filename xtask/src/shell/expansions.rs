//! What starts with `$`, and backticks.

use smol_str::SmolStr;

use crate::mapped_text::MappedText;
use crate::shell::cursor::Parser;
use crate::shell::words::Place;
use crate::shell::{WordPart, WordPartKind, WordParts};

impl Parser<'_> {
    /// What starts with the `$` here.
    pub(super) fn dollar(&mut self, quoted: bool) -> WordPartKind {
        let start = self.at;
        self.at += 1;
        match self.peek() {
            Some(b'\'') if !quoted => self.escaped_quotes(),
            Some(b'"') if !quoted => self.double_quoted(),
            Some(b'(') => {
                if self.peek_at(1) == Some(b'(')
                    && let Some(end) = self.arithmetic_end(self.at)
                {
                    self.at += 2;
                    return WordPartKind::Arithmetic(self.arithmetic_parts(end - 2, end));
                }
                self.at += 1;
                let list = self.nested(|parser| parser.list_to_parenthesis(start));
                WordPartKind::CommandSubstitution {
                    list,
                    backticks: false,
                }
            }
            Some(b'[') => {
                let rest = &self.bytes()[self.at..];
                let ahead = &rest[..rest.len().min(self.lookahead)];
                let stop = ahead.iter().position(|b| matches!(b, b']' | b'\n'));
                self.spend(stop.unwrap_or(ahead.len()));
                let close = stop.filter(|&stop| ahead[stop] == b']');
                let Some(close) = close else {
                    return WordPartKind::Literal(SmolStr::new_static("$"));
                };
                let end = self.at + close + 1;
                self.at += 1;
                WordPartKind::Arithmetic(self.arithmetic_parts(end - 1, end))
            }
            Some(b'{') => {
                self.at += 1;
                self.nested(|parser| Some(parser.braces(start, quoted)))
                    .unwrap_or_else(|| WordPartKind::Literal(SmolStr::new_static("${")))
            }
            Some(byte) => {
                let length = name_length(&self.bytes()[self.at..]);
                let length = match byte {
                    _ if length > 0 => length,
                    b'0'..=b'9' => 1,
                    _ if is_special(byte) => 1,
                    _ => return WordPartKind::Literal(SmolStr::new_static("$")),
                };
                let name: SmolStr = self.raw(self.at..self.at + length).into();
                self.at += length;
                WordPartKind::Parameter {
                    name,
                    operation: None,
                    parts: Vec::new(),
                }
            }
            None => WordPartKind::Literal(SmolStr::new_static("$")),
        }
    }

    /// `${…}`, of which the `${` is passed.
    fn braces(&mut self, start: usize, quoted: bool) -> WordPartKind {
        let mut prefix = "";
        let mut length = parameter_length(&self.bytes()[self.at..]);
        if let Some(byte @ (b'#' | b'!')) = self.peek() {
            let rest = &self.bytes()[self.at + 1..];
            let behind = parameter_length(rest);
            let is_name = rest
                .first()
                .is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_');
            if behind > 0 && (is_name || rest.get(behind) == Some(&b'}')) {
                prefix = if byte == b'#' { "#" } else { "!" };
                self.at += 1;
                length = behind;
            }
        }
        let name: SmolStr = self.raw(self.at..self.at + length).into();
        if name.is_empty() {
            self.error(start..self.at, "no name follows `${`");
        }
        self.at += length;
        let behind = self.at;
        let mut parts = WordParts::new();
        // `'` quotes in patterns, but means itself in `"${x:-'}"`.
        let is_pattern = matches!(self.peek(), Some(b'#' | b'%' | b'/'));
        let place = if quoted && !is_pattern {
            Place::QuotedBraces
        } else {
            Place::Braces
        };
        self.word_parts(place, &mut parts);
        let operation = format!("{prefix}{}", self.raw(behind..self.at));
        if !self.eat("}") {
            self.error(start..self.at, "the `${` is not closed");
        }
        WordPartKind::Parameter {
            name,
            operation: (!operation.is_empty()).then_some(operation),
            parts: parts.into_vec(),
        }
    }

    /// The end of what starts with `((` at a place, if it ends with `))`.
    pub(super) fn arithmetic_end(&mut self, start: usize) -> Option<usize> {
        let bytes = self.bytes();
        let mut open = 2_usize;
        let mut at = start + 2;
        loop {
            if !self.spend(1) {
                return None;
            }
            match bytes.get(at)? {
                b'\\' => at += 1,
                b'(' => open += 1,
                b')' => {
                    open -= 1;
                    if open == 1 {
                        return (bytes.get(at + 1) == Some(&b')')).then_some(at + 2);
                    }
                }
                _ => {}
            }
            at += 1;
        }
    }

    /// The expansions up to `inner`; what follows up to `end` is passed.
    pub(super) fn arithmetic_parts(&mut self, inner: usize, end: usize) -> Vec<WordPart> {
        let parts = self.nested(|parser| {
            let mut parts = Vec::new();
            while parser.at < inner {
                let start = parser.at;
                let kind = match parser.bytes()[start] {
                    b'$' => parser.dollar(true),
                    b'`' => parser.backticks(),
                    _ => {
                        parser.at += 1;
                        continue;
                    }
                };
                let span = parser.span_from(start);
                parts.push(WordPart { kind, span });
            }
            parts
        });
        self.at = self.at.max(end);
        parts
    }

    fn spend(&mut self, bytes: usize) -> bool {
        let left = self.lookahead.checked_sub(bytes);
        self.lookahead = left.unwrap_or(0);
        left.is_some()
    }

    /// `` `…` ``.
    pub(super) fn backticks(&mut self) -> WordPartKind {
        let start = self.at;
        self.at += 1;
        let mut inner = MappedText::default();
        let mut piece = self.at;
        let mut closed = false;
        while let Some(byte) = self.peek() {
            match byte {
                b'`' => {
                    closed = true;
                    break;
                }
                b'\\' if matches!(self.peek_at(1), Some(b'`' | b'\\' | b'$')) => {
                    inner.append(self.text, &(piece..self.at));
                    piece = self.at + 1;
                    self.at += 2;
                }
                _ => self.at += 1,
            }
        }
        inner.append(self.text, &(piece..self.at));
        if closed {
            self.at += 1;
        } else {
            self.error(start..self.at, "the backtick is not closed");
        }
        let list = self.nested(|parser| {
            let mut inside = Parser::new(&inner, parser.depth);
            let list = inside.whole_text();
            parser.comments.append(&mut inside.comments);
            parser.errors.append(&mut inside.errors);
            list
        });
        WordPartKind::CommandSubstitution {
            list,
            backticks: true,
        }
    }
}

/// How long the name of a parameter is: a name, a number, or a special character.
fn parameter_length(bytes: &[u8]) -> usize {
    match (name_length(bytes), bytes.first()) {
        (0, Some(b'0'..=b'9')) => bytes.iter().take_while(|b| b.is_ascii_digit()).count(),
        (0, Some(&byte)) if is_special(byte) => 1,
        (length, _) => length,
    }
}

/// How long the name here is.
pub(super) fn name_length(bytes: &[u8]) -> usize {
    match bytes.first() {
        Some(first) if first.is_ascii_alphabetic() || *first == b'_' => bytes
            .iter()
            .take_while(|b| b.is_ascii_alphanumeric() || **b == b'_')
            .count(),
        _ => 0,
    }
}

const fn is_special(byte: u8) -> bool {
    matches!(byte, b'@' | b'*' | b'#' | b'?' | b'-' | b'$' | b'!')
}
