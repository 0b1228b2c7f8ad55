//! Versions of Alpine's packages, as apk 3 orders them: `number{.number}…{letter}{_suffix{number}}…{~hash}{-r#}`
//! (`apk-package(5)`).
//!
//! A version is a row of parts; two are compared part by part. Where the kinds of parts differ, and where one row ends,
//! the order of kinds decides; only a suffix that announces a release (`_rc1`) is before the end of a row.

use std::cmp::Ordering;

use super::Digits;
use super::digits::{leading_digits, take_digits};

/// The suffixes in their order; those up to `rc` come before the version without a suffix.
const SUFFIXES: [&str; 9] = ["alpha", "beta", "pre", "rc", "cvs", "svn", "git", "hg", "p"];
/// How many of them announce a release.
const ANNOUNCING: usize = 4;

#[derive(Clone, Debug)]
pub(super) struct Version<'t> {
    /// Digits and periods.
    numbers: &'t str,
    letter: Option<u8>,
    /// `_rc1_p2`, checked.
    suffixes: &'t str,
    hash: Option<&'t str>,
    revision: Option<&'t str>,
}

/// One part of a version.
#[derive(Clone, Copy)]
enum Part<'t> {
    First(&'t str),
    Number(&'t str),
    Letter(u8),
    Suffix(usize),
    SuffixNumber(&'t str),
    Hash(&'t str),
    Revision(&'t str),
    End,
}

impl Part<'_> {
    /// Where kinds differ, the one with the larger number is the later one.
    const fn rank(self) -> u8 {
        match self {
            Self::Suffix(which) if which < ANNOUNCING => 0,
            Self::End => 1,
            Self::Revision(_) => 2,
            Self::Hash(_) => 3,
            Self::SuffixNumber(_) => 4,
            Self::Suffix(_) => 5,
            Self::Letter(_) => 6,
            Self::Number(_) => 7,
            Self::First(_) => 8,
        }
    }

    fn order(self, other: Self) -> Ordering {
        match (self, other) {
            // A zero in front makes it a fraction: text decides, as `1.010` is before `1.09`.
            (Self::Number(a), Self::Number(b)) if a.starts_with('0') || b.starts_with('0') => {
                a.cmp(b)
            }
            (Self::First(a), Self::First(b))
            | (Self::Number(a), Self::Number(b))
            | (Self::SuffixNumber(a), Self::SuffixNumber(b))
            | (Self::Revision(a), Self::Revision(b)) => Digits::new(a).order(Digits::new(b)),
            (Self::Letter(a), Self::Letter(b)) => a.cmp(&b),
            (Self::Suffix(a), Self::Suffix(b)) => a.cmp(&b),
            (Self::Hash(a), Self::Hash(b)) => a.cmp(b),
            _ => self.rank().cmp(&other.rank()),
        }
    }
}

impl<'t> Version<'t> {
    pub(super) fn parse(text: &'t str) -> Option<Self> {
        let end = text
            .bytes()
            .take_while(|byte| byte.is_ascii_digit() || *byte == b'.')
            .count();
        let (numbers, mut rest) = text.split_at(end);
        if numbers.split('.').any(str::is_empty) {
            return None;
        }
        let letter = rest.bytes().next().filter(u8::is_ascii_lowercase);
        if letter.is_some() {
            rest = &rest[1..];
        }
        let behind = rest;
        while let Some(suffix) = rest.strip_prefix('_') {
            rest = take_suffix(suffix)?.1;
            rest = &rest[leading_digits(rest)..];
        }
        let suffixes = &behind[..behind.len() - rest.len()];
        let mut hash = None;
        if let Some(after) = rest.strip_prefix('~') {
            let is_hex = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
            let (digits, behind) = after.split_at(after.bytes().take_while(is_hex).count());
            if digits.is_empty() {
                return None;
            }
            hash = Some(digits);
            rest = behind;
        }
        let mut revision = None;
        if let Some(mut after) = rest.strip_prefix("-r") {
            let digits = take_digits(&mut after);
            if digits.is_empty() {
                return None;
            }
            revision = Some(digits);
            rest = after;
        }
        rest.is_empty().then_some(Self {
            numbers,
            letter,
            suffixes,
            hash,
            revision,
        })
    }

    pub(super) fn order(&self, other: &Self) -> Ordering {
        let mut others = other.parts();
        for part in self.parts() {
            // Both rows end with an end, so neither runs out before they differ or both end.
            let order = part.order(others.next().unwrap_or(Part::End));
            if order.is_ne() {
                return order;
            }
        }
        Ordering::Equal
    }

    fn parts(&self) -> impl Iterator<Item = Part<'t>> + use<'t> {
        let numbers = self.numbers.split('.').enumerate();
        let numbers = numbers.map(|(index, digits)| {
            if index == 0 {
                Part::First(digits)
            } else {
                Part::Number(digits)
            }
        });
        let suffixes = self.suffixes.split('_').skip(1).flat_map(|suffix| {
            let (which, number) = take_suffix(suffix).unwrap_or((0, ""));
            let number = (!number.is_empty()).then_some(Part::SuffixNumber(number));
            [Some(Part::Suffix(which)), number].into_iter().flatten()
        });
        numbers
            .chain(self.letter.map(Part::Letter))
            .chain(suffixes)
            .chain(self.hash.map(Part::Hash))
            .chain(self.revision.map(Part::Revision))
            .chain([Part::End])
    }
}

/// The suffix that `text` begins with, and what follows it.
fn take_suffix(text: &str) -> Option<(usize, &str)> {
    let letters = text.bytes().take_while(u8::is_ascii_lowercase).count();
    let (word, rest) = text.split_at(letters);
    Some((SUFFIXES.iter().position(|known| *known == word)?, rest))
}
