//! What a rule sees: the bytes around an anchor.

use std::ops::Range;

use super::{Format, Rule};

/// How many bytes before an anchor its rule sees.
pub(super) const BEFORE: usize = 256;

/// How many bytes from an anchor on its rule sees: a key of RSA with 4,096 bits takes 3,250.
pub(super) const BEHIND: usize = 4096;

/// The bytes around an anchor.
#[derive(Clone, Copy)]
pub(super) struct Window<'a> {
    /// All that can be seen.
    pub bytes: &'a [u8],
    /// Where the anchor starts.
    pub at: usize,
    /// How the file writes values.
    pub format: Format,
}

/// A secret in a window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Candidate {
    /// What it is.
    pub rule: &'static Rule,
    /// Its bytes in the window.
    pub range: Range<usize>,
    /// How many of its first bytes are the same in every secret of the rule, so that they may be shown.
    pub public: usize,
}

impl Candidate {
    /// A secret that shows nothing of itself.
    pub(super) fn new(rule: &'static Rule, range: Range<usize>) -> Self {
        Self {
            rule,
            range,
            public: 0,
        }
    }
}

impl<'a> Window<'a> {
    /// From the anchor on.
    pub(super) fn rest(&self) -> &'a [u8] {
        self.from(self.at)
    }

    /// From a place on; nothing past the end.
    pub(super) fn from(&self, at: usize) -> &'a [u8] {
        self.bytes.get(at..).unwrap_or_default()
    }

    /// The byte before a place.
    pub(super) fn before(&self, at: usize) -> Option<u8> {
        self.bytes.get(at.checked_sub(1)?).copied()
    }

    /// Whether a token may start here: no letter, digit or underscore is before, unless it belongs to an escape
    /// (`\n`, `%3D`).
    pub(super) fn is_start(&self, at: usize) -> bool {
        let before = &self.bytes[..at.min(self.bytes.len())];
        match before {
            [] | [.., b'\\', b'n' | b'r' | b't'] => true,
            [.., b'%', left, right] if left.is_ascii_hexdigit() && right.is_ascii_hexdigit() => {
                true
            }
            [.., last] => !is_word(*last),
        }
    }

    /// Where the place's line starts, or the window.
    pub(super) fn line_start(&self, at: usize) -> usize {
        let before = &self.bytes[..at.min(self.bytes.len())];
        before
            .iter()
            .rposition(|&byte| byte == b'\n')
            .map_or(0, |newline| newline + 1)
    }
}

/// A letter, a digit, or `_`.
pub(super) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// How many of the first bytes are such.
pub(super) fn run(bytes: &[u8], is_such: impl Fn(u8) -> bool) -> usize {
    bytes
        .iter()
        .position(|&byte| !is_such(byte))
        .unwrap_or(bytes.len())
}

/// How many of the last bytes are such.
pub(super) fn run_back(bytes: &[u8], is_such: impl Fn(u8) -> bool) -> usize {
    bytes
        .iter()
        .rev()
        .take_while(|&&byte| is_such(byte))
        .count()
}
