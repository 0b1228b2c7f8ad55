//! Physical lines joined to logical ones, with the way back from each joined byte to the file.
//!
//! Follows `BuildKit`'s `parser.Parse`: a line that ends in the escape character goes on in the next one; comments and
//! blank lines in between vanish; leading blanks are dropped on the first physical line only.

use std::borrow::Cow;
use std::ops::Range;

use smallvec::{SmallVec, smallvec};

use crate::dockerfile::SyntaxError;
use crate::dockerfile::directives::Directives;
use crate::mapped_text::{MappedText, Piece};
use crate::source::{Span, Spanned};

/// `BuildKit` reads lines with a buffer of 64 KiB and refuses longer ones.
const MAX_LINE_BYTES: usize = 65_535;

/// One physical line of the file.
#[derive(Clone, Copy)]
pub(super) struct PhysicalLine<'a> {
    /// Where it starts in the file.
    pub(super) start: usize,
    /// Without its line break.
    pub(super) text: &'a str,
    /// With its line break.
    pub(super) raw: &'a str,
    /// Where the next line starts.
    pub(super) next: usize,
}

/// An instruction's text with continuations joined.
#[derive(Debug)]
pub(super) struct LogicalLine<'a> {
    pub(super) text: Cow<'a, str>,
    /// (offset in `text`, offset in the file) of each joined part, ascending; never empty.
    parts: SmallVec<[(u32, u32); 4]>,
}

impl<'a> LogicalLine<'a> {
    fn new(text: &'a str, start: usize) -> Self {
        Self {
            text: Cow::Borrowed(text),
            parts: smallvec![(0, short(start))],
        }
    }

    fn push(&mut self, text: &'a str, start: usize) {
        if text.is_empty() {
            return;
        }
        if self.text.is_empty() {
            *self = Self::new(text, start);
            return;
        }
        self.parts.push((short(self.text.len()), short(start)));
        if let Cow::Borrowed(first) = self.text {
            // What goes on in one line mostly goes on in several.
            let mut joined = String::with_capacity(4 * (first.len() + text.len()));
            joined.push_str(first);
            self.text = Cow::Owned(joined);
        }
        self.text.to_mut().push_str(text);
    }

    fn locate(&self, offset: usize) -> usize {
        let index = self
            .parts
            .partition_point(|&(joined, _)| joined as usize <= offset);
        let (joined, start) = self.parts[index.saturating_sub(1)];
        start as usize + (offset - joined as usize)
    }

    /// Where a range of the joined text stands in the file. It may cover line breaks and comments in between.
    pub(super) fn span(&self, range: &Range<usize>) -> Span {
        let end_of = |offset: usize| match offset.checked_sub(1) {
            Some(last) => self.locate(last) + 1,
            None => self.locate(0),
        };
        if range.is_empty() {
            let at = if range.start < self.text.len() {
                self.locate(range.start)
            } else {
                end_of(range.start)
            };
            return Span::new(at, at);
        }
        Span::new(self.locate(range.start), end_of(range.end))
    }

    /// A range of the joined text with its place.
    pub(super) fn spanned(&self, range: &Range<usize>) -> Spanned<String> {
        Spanned::new(self.text[range.clone()].to_owned(), self.span(range))
    }

    /// A range of the joined text with the way back of each byte.
    pub(super) fn mapped(&self, range: &Range<usize>) -> MappedText {
        let mut text =
            MappedText::contiguous(self.text[range.clone()].to_owned(), self.span(range));
        if self.parts.len() > 1 {
            text.pieces.push(Piece::new(0, self.locate(range.start)));
            let inside = |at: usize| at > range.start && at < range.end;
            let parts = self.parts.iter();
            let parts = parts.map(|&(at, start)| (at as usize, start as usize));
            let more = parts.filter(|(at, _)| inside(*at));
            text.pieces
                .extend(more.map(|(at, start)| Piece::new(at - range.start, start)));
        }
        text
    }

    /// `range` without the white space around it.
    pub(super) fn trim(&self, range: &Range<usize>) -> Range<usize> {
        let text = &self.text[range.clone()];
        if let [first, .., last] = text.as_bytes()
            && first.is_ascii_graphic()
            && last.is_ascii_graphic()
        {
            return range.clone();
        }
        let start = range.start + (text.len() - text.trim_start().len());
        start..start + text.trim().len()
    }

    /// All of it without the white space around it.
    pub(super) fn trimmed(&self) -> Range<usize> {
        self.trim(&(0..self.text.len()))
    }

    /// An error about a range of the joined text.
    pub(super) fn error(&self, range: &Range<usize>, message: impl Into<String>) -> SyntaxError {
        SyntaxError {
            span: self.span(range),
            message: message.into(),
        }
    }
}

/// No file that is read is as long as 4 GiB.
fn short(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}

/// A line without carriage returns at its end.
fn without_line_break(line: &str) -> &str {
    if line.ends_with('\r') {
        line.trim_end_matches('\r')
    } else {
        line
    }
}

/// A line without the white space in front: to pass over blanks is faster than to know all white space there is.
fn without_indentation(line: &str) -> &str {
    let blanks = line.bytes().take_while(|byte| matches!(byte, b' ' | b'\t'));
    let rest = &line[blanks.count()..];
    if rest.as_bytes().first().is_some_and(u8::is_ascii_graphic) {
        rest
    } else {
        rest.trim_start()
    }
}

/// Reads a file line by line.
pub(super) struct Reader<'a> {
    text: &'a str,
    position: usize,
    pub(super) directives: Directives,
    /// `#` lines that are no directives, each from the `#` to the end of its line.
    pub(super) comments: Vec<Span>,
    /// Blank lines inside continuations.
    pub(super) blank_continuations: Vec<Span>,
    pub(super) errors: Vec<SyntaxError>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            text,
            // A byte order mark is no part of the first line.
            position: if text.starts_with('\u{feff}') { 3 } else { 0 },
            directives: Directives::default(),
            comments: Vec::new(),
            blank_continuations: Vec::new(),
            errors: Vec::new(),
        }
    }

    /// How much has been read, in bytes.
    pub(super) const fn position(&self) -> usize {
        self.position
    }

    /// The next physical line, as it is: for here-documents.
    pub(super) fn physical(&mut self) -> Option<PhysicalLine<'a>> {
        let start = self.position;
        let rest = &self.text[start..];
        if rest.is_empty() {
            return None;
        }
        let (length, next) = match memchr::memchr(b'\n', rest.as_bytes()) {
            Some(at) => (at, start + at + 1),
            None => (rest.len(), self.text.len()),
        };
        self.position = next;
        if length > MAX_LINE_BYTES {
            self.errors.push(SyntaxError {
                span: Span::new(start, start + length),
                message: format!(
                    "the line is longer than the {MAX_LINE_BYTES} bytes that BuildKit reads"
                ),
            });
        }
        Some(PhysicalLine {
            start,
            text: without_line_break(&rest[..length]),
            raw: &self.text[start..next],
            next,
        })
    }

    /// The next instruction's text.
    pub(super) fn logical(&mut self) -> Option<LogicalLine<'a>> {
        loop {
            let line = self.physical()?;
            let text = without_indentation(line.text);
            let start = line.start + (line.text.len() - text.len());
            self.directive(text, start);
            if text.starts_with('#') {
                continue;
            }
            let (text, mut continues) = self.without_continuation(text);
            if !continues && text.is_empty() {
                continue;
            }
            let mut logical = LogicalLine::new(text, start);
            while continues {
                let Some(line) = self.physical() else { break };
                let content = without_indentation(line.text);
                let start = line.start + (line.text.len() - content.len());
                if content.is_empty() {
                    self.blank_continuations
                        .push(Span::new(line.start, line.next));
                } else if content.starts_with('#') {
                    self.comments.push(Span::new(start, start + content.len()));
                } else {
                    let (text, goes_on) = self.without_continuation(line.text);
                    logical.push(text, line.start);
                    continues = goes_on;
                }
            }
            return Some(logical);
        }
    }

    fn directive(&mut self, text: &str, start: usize) {
        match self.directives.line(text, start) {
            Ok(false) if text.starts_with('#') => {
                self.comments.push(Span::new(start, start + text.len()));
            }
            Ok(_) => {}
            Err(error) => self.errors.push(error),
        }
    }

    /// The line without the escape character at its end, and whether there was one. An escape character right before
    /// it makes it an ordinary character.
    fn without_continuation<'t>(&self, line: &'t str) -> (&'t str, bool) {
        let escape = self.directives.escape;
        // Most lines end in a letter.
        let last = line.as_bytes().last().copied().map(char::from);
        if !matches!(last, Some(' ' | '\t')) && last != Some(escape) {
            return (line, false);
        }
        match line.trim_end_matches([' ', '\t']).strip_suffix(escape) {
            Some(rest) if !rest.ends_with(escape) => (rest, true),
            _ => (line, false),
        }
    }
}
