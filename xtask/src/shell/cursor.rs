//! Where the parser stands in the text: blanks, comments, line breaks, here-documents, reserved words.

use std::ops::Range;

use crate::mapped_text::MappedText;
use crate::shell::{SyntaxError, Word};
use crate::source::Span;

/// How deep commands, substitutions and quotes may be nested. Nobody writes that; a hostile text must not exhaust
/// the stack.
const MAX_DEPTH: usize = 100;

/// More errors than anyone reads are not kept.
const MAX_ERRORS: usize = 100;

/// Words that mean something of their own where a command is expected.
const RESERVED: [&str; 20] = [
    "!", "{", "}", "[[", "if", "then", "elif", "else", "fi", "do", "done", "case", "esac", "for",
    "select", "while", "until", "function", "in", "]]",
];

/// How many bytes the longest of them has.
const LONGEST_RESERVED: usize = 8;

/// The reserved words that end a list.
const CLOSERS: [&str; 8] = ["then", "elif", "else", "fi", "do", "done", "esac", "}"];

#[derive(Debug)]
pub(super) struct Parser<'t> {
    pub(super) text: &'t MappedText,
    pub(super) at: usize,
    pub(super) depth: usize,
    pub(super) comments: Vec<Span>,
    pub(super) errors: Vec<SyntaxError>,
    /// The words of the commands that are being read, those of the innermost last.
    pub(super) words: Vec<Word>,
    /// The part of a word that was read last.
    pub(super) last_part: Range<usize>,
    /// The line break behind which here-documents stand, and the end of the last of them.
    here_documents: Option<Range<usize>>,
    /// The line break after which the next here-document would begin, once looked for.
    next_line: Option<usize>,
    /// How many bytes may still be looked at ahead, so that the time stays linear.
    pub(super) lookahead: usize,
    gave_up: bool,
}

impl<'t> Parser<'t> {
    pub(super) fn new(text: &'t MappedText, depth: usize) -> Self {
        Self {
            text,
            at: 0,
            depth,
            comments: Vec::new(),
            errors: Vec::new(),
            words: Vec::with_capacity(16),
            last_part: 0..0,
            here_documents: None,
            next_line: None,
            lookahead: 8 * text.value.len() + 1024,
            gave_up: false,
        }
    }

    pub(super) fn bytes(&self) -> &'t [u8] {
        self.text.value.as_bytes()
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.peek_at(0)
    }

    pub(super) fn peek_at(&self, ahead: usize) -> Option<u8> {
        self.bytes().get(self.at + ahead).copied()
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.at >= self.text.value.len()
    }

    pub(super) fn sees(&self, text: &str) -> bool {
        self.bytes()[self.at.min(self.text.value.len())..].starts_with(text.as_bytes())
    }

    pub(super) fn eat(&mut self, text: &str) -> bool {
        let sees = self.sees(text);
        if sees {
            self.at += text.len();
        }
        sees
    }

    /// The character here.
    pub(super) fn character(&self) -> Option<char> {
        self.text.value.get(self.at..)?.chars().next()
    }

    pub(super) fn raw(&self, range: Range<usize>) -> &'t str {
        self.text.value.get(range).unwrap_or_default()
    }

    pub(super) fn span(&self, range: Range<usize>) -> Span {
        self.text.span_of(&range)
    }

    /// From a place up to here.
    pub(super) fn span_from(&self, start: usize) -> Span {
        self.span(start..self.at)
    }

    pub(super) fn error(&mut self, range: Range<usize>, message: impl Into<String>) {
        if !self.gave_up && self.errors.len() < MAX_ERRORS {
            // The byte that is wrong may be the first of a character.
            let mut end = range.end;
            while end < self.text.value.len() && !self.text.value.is_char_boundary(end) {
                end += 1;
            }
            let span = self.span(range.start..end);
            let message = message.into();
            self.errors.push(SyntaxError { span, message });
        }
    }

    /// Goes one level deeper, unless that is too deep: then the rest of the text is given up.
    pub(super) fn nested<T: Default>(&mut self, parse: impl FnOnce(&mut Self) -> T) -> T {
        if self.depth >= MAX_DEPTH {
            self.error(self.at..self.text.value.len(), "it is nested too deeply");
            self.gave_up = true;
            self.at = self.text.value.len();
            return T::default();
        }
        self.depth += 1;
        let result = parse(self);
        self.depth -= 1;
        result
    }

    /// Passes blanks and continuations. A carriage return before a line break is a blank.
    pub(super) fn blanks(&mut self) {
        loop {
            match self.peek() {
                Some(b' ' | b'\t') => self.at += 1,
                Some(b'\\') if self.peek_at(1) == Some(b'\n') => self.at += 2,
                Some(b'\r') if self.peek_at(1) == Some(b'\n') => self.at += 1,
                Some(b'#') => {
                    let start = self.at;
                    let rest = &self.bytes()[start..];
                    let length = rest.iter().position(|&b| b == b'\n').unwrap_or(rest.len());
                    self.at += length;
                    let span = self.span_from(start);
                    self.comments.push(span);
                }
                _ => return,
            }
        }
    }

    /// Passes blanks, comments and line breaks, with the here-documents behind them.
    pub(super) fn line_breaks(&mut self) {
        loop {
            self.blanks();
            if self.peek() != Some(b'\n') {
                return;
            }
            match self.here_documents.take() {
                Some(bodies) if bodies.start == self.at => self.at = bodies.end,
                bodies => {
                    self.here_documents = bodies;
                    self.at += 1;
                }
            }
        }
    }

    /// Finds the body of a here-document whose delimiter ends here. `None` if the text has no further line.
    pub(super) fn here_document(&mut self, delimiter: &str, tabs: bool) -> Option<Span> {
        let line_break = self.line_end()?;
        let start = match &self.here_documents {
            Some(bodies) if bodies.start == line_break => bodies.end,
            _ => line_break + 1,
        };
        let mut at = start;
        let text = self.text.value.as_str();
        let mut body_end = text.len();
        while at < text.len() {
            let rest = &text[at..];
            let length = rest.find('\n').unwrap_or(rest.len());
            let line = rest[..length].trim_end_matches('\r');
            let line = if tabs {
                line.trim_start_matches('\t')
            } else {
                line
            };
            let next = (at + length + 1).min(text.len());
            if line == delimiter {
                body_end = at;
                at = next;
                break;
            }
            at = next;
        }
        self.here_documents = Some(line_break..at);
        Some(self.span(start..body_end))
    }

    /// The next line break outside of quotes.
    fn line_end(&mut self) -> Option<usize> {
        if let Some(known) = self.next_line.filter(|&known| known >= self.at) {
            return (known < self.text.value.len()).then_some(known);
        }
        let bytes = self.bytes();
        let mut quote = None;
        let mut at = self.at;
        while let Some(&byte) = bytes.get(at) {
            match (byte, quote) {
                (b'\n', None) => break,
                (b'\\', None | Some(b'"')) => at += 1,
                (b'\'' | b'"', None) => quote = Some(byte),
                (_, Some(open)) if open == byte => quote = None,
                _ => {}
            }
            at += 1;
        }
        self.next_line = Some(at);
        (at < bytes.len()).then_some(at)
    }

    /// The reserved word here, if one stands here alone.
    pub(super) fn reserved(&self) -> Option<&'static str> {
        let rest = &self.bytes()[self.at.min(self.text.value.len())..];
        let start = &rest[..rest.len().min(LONGEST_RESERVED + 1)];
        let length = start.iter().position(|&byte| is_meta(byte));
        let here = &start[..length.unwrap_or(start.len())];
        let mut words = RESERVED.iter();
        words.find(|word| word.as_bytes() == here).copied()
    }

    pub(super) fn sees_reserved(&self, word: &str) -> bool {
        self.reserved() == Some(word)
    }

    pub(super) fn eat_reserved(&mut self, word: &str) -> bool {
        self.sees_reserved(word) && self.eat(word)
    }

    /// Something that ends a list: `)`, `;;`, `fi`.
    pub(super) fn closer(&self) -> Option<&'static str> {
        match self.peek()? {
            b')' => Some(")"),
            b';' if self.sees(";;&") => Some(";;&"),
            b';' if self.sees(";;") => Some(";;"),
            b';' if self.sees(";&") => Some(";&"),
            _ => self.reserved().filter(|word| CLOSERS.contains(word)),
        }
    }
}

/// Ends a word outside of quotes.
pub(super) const fn is_meta(byte: u8) -> bool {
    matches!(
        byte,
        b' ' | b'\t' | b'\n' | b';' | b'&' | b'|' | b'<' | b'>' | b'(' | b')'
    )
}
