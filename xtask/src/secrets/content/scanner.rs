//! Feeding bytes in, and where in them a secret stands.

use std::fmt;

use super::detectors::{Detectors, for_binary, for_text};
use super::window::{BEFORE, BEHIND, Candidate, Window};
use super::{Format, Match, Rule};
use crate::source::{LineColumn, Span};

/// At most so many matches are told of one file; the rest of the file is not looked at.
pub const MAX_MATCHES: usize = 1000;

/// A file with a NUL byte among so many first bytes is binary, as git has it.
const LOOKED_AT_FOR_NUL: usize = 8000;

/// How many bytes are taken up at once: more does not fit the processor's caches.
const PIECE: usize = 64 * 1024;

/// Looks for secrets in bytes that come in chunks. How they are cut makes no difference. It keeps less than 80 KiB of
/// them.
pub struct Scanner {
    format: Format,
    /// `None` until it is known whether the file is binary.
    detectors: Option<&'static Detectors>,
    is_binary: bool,
    buffer: Vec<u8>,
    /// Where the buffer starts.
    base: Position,
    /// Up to where in the buffer anchors were looked for.
    judged: usize,
    matches: Vec<Match>,
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// The secrets, by place. None overlaps another.
    pub matches: Vec<Match>,
    /// The file is binary: only private keys were looked for.
    pub is_binary: bool,
    /// There were [`MAX_MATCHES`], and more may be there.
    pub is_cut: bool,
}

/// A place in everything that was fed.
#[derive(Clone, Copy)]
struct Position {
    offset: usize,
    /// Newlines before it.
    newlines: usize,
    /// Characters between the last newline and it.
    characters: usize,
}

impl fmt::Debug for Scanner {
    /// Without the bytes: they may be secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scanner")
            .field("format", &self.format)
            .field("offset", &(self.base.offset + self.buffer.len()))
            .field("matches", &self.matches)
            .finish_non_exhaustive()
    }
}

impl Scanner {
    /// A scanner of one file.
    #[must_use]
    pub fn new(format: Format) -> Self {
        Self {
            format,
            detectors: None,
            is_binary: false,
            buffer: Vec::new(),
            base: Position {
                offset: 0,
                newlines: 0,
                characters: 0,
            },
            judged: 0,
            matches: Vec::new(),
        }
    }

    /// The next bytes of the file.
    pub fn feed(&mut self, bytes: &[u8]) {
        for piece in bytes.chunks(PIECE) {
            if self.is_full() {
                return;
            }
            self.buffer.extend_from_slice(piece);
            // Small chunks are gathered: the end of the buffer cannot be judged yet.
            if self.buffer.len() - self.judged >= 2 * BEHIND {
                let to = self.buffer.len() - BEHIND;
                self.judge(to);
                self.forget();
            }
        }
    }

    /// What was found; there are no more bytes.
    #[must_use]
    pub fn finish(mut self) -> Outcome {
        if !self.is_full() {
            self.judge(self.buffer.len());
        }
        self.matches.sort_by_key(|found| found.span);
        Outcome {
            is_cut: self.is_full(),
            is_binary: self.is_binary,
            matches: self.matches,
        }
    }

    fn is_full(&self) -> bool {
        self.matches.len() >= MAX_MATCHES
    }

    /// Looks at the anchors from where it stopped up to `to`.
    fn judge(&mut self, to: usize) {
        let detectors = *self.detectors.get_or_insert_with(|| {
            let first = &self.buffer[..self.buffer.len().min(LOOKED_AT_FOR_NUL)];
            self.is_binary = first.contains(&0);
            if self.is_binary {
                for_binary()
            } else {
                for_text()
            }
        });
        let buffer = std::mem::take(&mut self.buffer);
        detectors.find(&buffer, self.judged, to, |detector, start, gram| {
            let first = gram.saturating_sub(BEFORE);
            let last = (gram + BEHIND).min(buffer.len());
            let window = Window {
                bytes: &buffer[first..last],
                at: start - first,
                format: self.format,
            };
            if let Some(candidate) = detector.judge(&window) {
                self.take(&buffer, &window, first, &candidate);
            }
        });
        self.buffer = buffer;
        self.judged = to;
    }

    fn take(&mut self, buffer: &[u8], window: &Window<'_>, first: usize, candidate: &Candidate) {
        if self.is_full() {
            return;
        }
        let start = first + candidate.range.start;
        let end = first + candidate.range.end;
        let span = Span::new(self.base.offset + start, self.base.offset + end);
        let other = self
            .matches
            .iter()
            .rposition(|other| other.span.start < span.end && span.start < other.span.end);
        // Of two rules that see one secret, the more certain one tells of it.
        if let Some(other) = other {
            let rank = |rule: &Rule| (rule.certainty, !rule.by_name);
            if rank(self.matches[other].rule) >= rank(candidate.rule) {
                return;
            }
            self.matches
                .retain(|other| other.span.end <= span.start || span.end <= other.span.start);
        }
        let place = self.base.moved_over(&buffer[..start]);
        self.matches.push(Match {
            rule: candidate.rule,
            span,
            start: LineColumn {
                line: place.newlines + 1,
                column: place.characters + 1,
            },
            redacted: redacted(&window.bytes[candidate.range.clone()], candidate.public),
        });
    }

    /// Lets go of what no window needs.
    fn forget(&mut self) {
        let gone = self.judged.saturating_sub(BEFORE);
        self.base = self.base.moved_over(&self.buffer[..gone]);
        self.buffer.drain(..gone);
        self.judged -= gone;
    }
}

impl Position {
    fn moved_over(self, bytes: &[u8]) -> Self {
        let newlines = memchr::memchr_iter(b'\n', bytes).count();
        let last = memchr::memrchr(b'\n', bytes);
        let line = &bytes[last.map_or(0, |newline| newline + 1)..];
        // Every character of UTF-8 has one byte that is no continuation.
        let characters = count(line, |byte| byte & 0xC0 != 0x80);
        Self {
            offset: self.offset + bytes.len(),
            newlines: self.newlines + newlines,
            characters: match last {
                Some(_) => characters,
                None => self.characters + characters,
            },
        }
    }
}

/// Counts in blocks that fit a byte, which the compiler turns into vector instructions.
fn count(bytes: &[u8], is_such: impl Fn(u8) -> bool) -> usize {
    bytes
        .chunks(255)
        .map(|block| {
            usize::from(
                block
                    .iter()
                    .map(|&byte| u8::from(is_such(byte)))
                    .sum::<u8>(),
            )
        })
        .sum()
}

/// What may be shown of a secret.
fn redacted(secret: &[u8], public: usize) -> String {
    let shown = String::from_utf8_lossy(&secret[..public.min(4).min(secret.len())]);
    let characters = count(secret, |byte| byte & 0xC0 != 0x80);
    let noun = if characters == 1 {
        "character"
    } else {
        "characters"
    };
    format!("{shown}… {characters} {noun}")
}
