//! The grammar of tokens: a start, then runs of characters and fixed texts, and perhaps a checksum.

use super::Rule;
use super::window::{Candidate, Window, is_word, run};
use crate::secrets::placeholder::is_placeholder_token;

/// Tokens of one kind.
pub(super) struct Token {
    /// What they are.
    pub rule: Rule,
    /// How they start; each of three bytes at least.
    pub starts: &'static [&'static str],
    /// What follows the start: the first that matches counts.
    pub bodies: &'static [&'static [Part]],
    /// What the grammar does not say, of the whole token.
    pub check: fn(&[u8]) -> bool,
}

/// A part of a token.
#[derive(Clone, Copy, Debug)]
pub(super) enum Part {
    /// As many characters of a class as there are, at least so many, at most so many.
    Run(Class, usize, usize),
    /// This text.
    Text(&'static str),
}

/// Characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// `0-9`
    Digit,
    /// `0-9a-f`, or capitals.
    Hex,
    /// `A-Z2-7`
    Base32,
    /// `A-Z0-9`
    Capital,
    /// `a-z0-9`
    Small,
    /// `A-Za-z0-9`
    Alphanumeric,
    /// `A-Za-z0-9_-`
    Base64Url,
    /// `A-Za-z0-9+/`
    Base64,
}

impl Class {
    pub(super) fn has(self, byte: u8) -> bool {
        match self {
            Self::Digit => byte.is_ascii_digit(),
            Self::Hex => byte.is_ascii_hexdigit(),
            Self::Base32 => byte.is_ascii_uppercase() || matches!(byte, b'2'..=b'7'),
            Self::Capital => byte.is_ascii_uppercase() || byte.is_ascii_digit(),
            Self::Small => byte.is_ascii_lowercase() || byte.is_ascii_digit(),
            Self::Alphanumeric => byte.is_ascii_alphanumeric(),
            Self::Base64Url => byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'),
            Self::Base64 => byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'),
        }
    }
}

impl Token {
    /// The token at the window's anchor, which is `start`.
    pub(super) fn judge(&'static self, window: &Window<'_>, start: &str) -> Option<Candidate> {
        if !window.is_start(window.at) {
            return None;
        }
        let rest = window.rest();
        let after = rest.get(start.len()..)?;
        let length = self
            .bodies
            .iter()
            .find_map(|body| match_body(body, after))?;
        let token = &rest[..start.len() + length];
        let is_real = (self.check)(token) && !is_placeholder_token(&token[start.len()..]);
        is_real.then(|| Candidate {
            rule: &self.rule,
            range: window.at..window.at + token.len(),
            public: start.len(),
        })
    }
}

/// How long the body is, if it stands here and ends where no token goes on.
pub(super) fn match_body(body: &[Part], text: &[u8]) -> Option<usize> {
    let mut at = 0;
    let mut class_before = None;
    for part in body {
        let rest = &text[at..];
        match *part {
            Part::Run(class, least, most) => {
                let length = run(&rest[..rest.len().min(most)], |byte| class.has(byte));
                if length < least {
                    return None;
                }
                at += length;
                class_before = Some(class);
            }
            Part::Text(fixed) => {
                if !rest.starts_with(fixed.as_bytes()) {
                    return None;
                }
                at += fixed.len();
                class_before = None;
            }
        }
    }
    let goes_on = text.get(at).is_some_and(|&next| {
        is_word(next) || class_before.is_some_and(|class: Class| class.has(next))
    });
    (!goes_on).then_some(at)
}

/// Whether the last six digits are the CRC-32 of the others but for the start `xxx_`, in base 62: tokens of GitHub and
/// npm. <https://github.blog/engineering/behind-githubs-new-authentication-token-formats/>
pub(super) fn has_checksum(token: &[u8]) -> bool {
    let Some(body) = token.get(4..) else {
        return false;
    };
    let Some((random, digits)) = body.len().checked_sub(6).map(|at| body.split_at(at)) else {
        return false;
    };
    digits == checksum(random)
}

/// The checksum of a token's random part.
pub(super) fn checksum(random: &[u8]) -> [u8; 6] {
    const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut crc = flate2::Crc::new();
    crc.update(random);
    let mut rest = crc.sum() as usize;
    let mut digits = [b'0'; 6];
    for digit in digits.iter_mut().rev() {
        *digit = DIGITS[rest % 62];
        rest /= 62;
    }
    digits
}

/// No check.
pub(super) fn any(_: &[u8]) -> bool {
    true
}
