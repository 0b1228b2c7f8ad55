//! Semantic versions (semver.org, 2.0.0), of any length.

use std::cmp::Ordering;

use super::Digits;
use super::digits::take_digits;

#[derive(Clone, Debug)]
pub(super) struct Version<'t> {
    pub(super) numbers: [Digits<'t>; 3],
    /// The identifiers behind the hyphen; `None` is a release, later than all of them.
    pub(super) announcement: Option<Announcement<'t>>,
}

/// What comes before a release.
#[derive(Clone, Copy, Debug)]
pub(super) enum Announcement<'t> {
    /// `rc.1`.
    Identifiers(&'t str),
    /// A word and a number that are written without a period between them.
    Numbered(&'t str, Digits<'t>),
}

#[derive(Clone, Copy)]
enum Identifier<'t> {
    Number(Digits<'t>),
    Text(&'t str),
}

/// npm takes a version with white space around it and a `v` in front (`semver`, strict).
pub(super) fn without_prefix(text: &str) -> &str {
    let text = text.trim();
    text.strip_prefix('v').unwrap_or(text)
}

/// A semantic version in its parts, as npm's `semver` tells them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SemverParts<'t> {
    /// Major, minor and patch, in decimal.
    pub numbers: [&'t str; 3],
    /// The identifiers behind the hyphen: `rc`, `1`.
    pub prerelease: Vec<&'t str>,
    /// The identifiers behind the plus sign.
    pub build: Vec<&'t str>,
}

impl SemverParts<'_> {
    /// `1.2.3-rc.1`: without a `v` and without what stands behind the plus sign.
    #[must_use]
    pub fn version(&self) -> String {
        let mut version = self.numbers.join(".");
        if !self.prerelease.is_empty() {
            version = format!("{version}-{}", self.prerelease.join("."));
        }
        version
    }
}

/// The largest number that npm takes for one: JavaScript counts no further.
const MAX_NUMBER: u64 = 9_007_199_254_740_991;
/// The longest text that npm takes for a version, in bytes.
const MAX_TEXT: usize = 256;

/// The parts of a version as npm's `semver.valid` takes it, a `v` in front included; `None` if it does not.
#[must_use]
pub fn semver_parts(text: &str) -> Option<SemverParts<'_>> {
    if text.len() > MAX_TEXT {
        return None;
    }
    let text = without_prefix(text);
    Version::parse(text)?;
    let (rest, build) = match text.split_once('+') {
        Some((rest, build)) => (rest, build.split('.').collect()),
        None => (text, Vec::new()),
    };
    let (main, prerelease) = match rest.split_once('-') {
        Some((main, identifiers)) => (main, identifiers.split('.').collect()),
        None => (rest, Vec::new()),
    };
    let mut numbers = main.split('.');
    let mut number = || {
        let number = numbers.next()?;
        let is_counted = number.parse::<u64>().is_ok_and(|value| value <= MAX_NUMBER);
        is_counted.then_some(number)
    };
    Some(SemverParts {
        numbers: [number()?, number()?, number()?],
        prerelease,
        build,
    })
}

impl<'t> Version<'t> {
    pub(super) fn parse(text: &'t str) -> Option<Self> {
        let mut rest = text;
        let mut numbers = [Digits::ZERO; 3];
        for (index, number) in numbers.iter_mut().enumerate() {
            if index > 0 {
                rest = rest.strip_prefix('.')?;
            }
            *number = number_without_zeros(take_digits(&mut rest))?;
        }
        let (rest, build) = match rest.split_once('+') {
            Some((rest, build)) => (rest, Some(build)),
            None => (rest, None),
        };
        let mut announcement = None;
        if !rest.is_empty() {
            let identifiers = rest.strip_prefix('-')?;
            if !identifiers
                .split('.')
                .all(|one| is_identifier(one) && identifier(one).is_some())
            {
                return None;
            }
            announcement = Some(Announcement::Identifiers(identifiers));
        }
        if !build.is_none_or(|build| build.split('.').all(is_identifier)) {
            return None;
        }
        Some(Self {
            numbers,
            announcement,
        })
    }

    pub(super) fn order(&self, other: &Self) -> Ordering {
        for (a, b) in self.numbers.iter().zip(&other.numbers) {
            let order = a.order(*b);
            if order.is_ne() {
                return order;
            }
        }
        match (&self.announcement, &other.announcement) {
            (None, None) => Ordering::Equal,
            (None, Some(_)) => Ordering::Greater,
            (Some(_), None) => Ordering::Less,
            (Some(a), Some(b)) => a.order(b),
        }
    }
}

impl<'t> Announcement<'t> {
    fn order(&self, other: &Self) -> Ordering {
        let mut others = other.identifiers();
        for own in self.identifiers() {
            let order = match others.next() {
                None => Ordering::Greater,
                Some(theirs) => own.order(theirs),
            };
            if order.is_ne() {
                return order;
            }
        }
        if others.next().is_some() {
            Ordering::Less
        } else {
            Ordering::Equal
        }
    }

    fn identifiers(&self) -> impl Iterator<Item = Identifier<'t>> + use<'t> {
        let (text, number) = match *self {
            Self::Identifiers(text) => (text, None),
            Self::Numbered(text, number) => (text, Some(Identifier::Number(number))),
        };
        text.split('.').filter_map(identifier).chain(number)
    }
}

impl Identifier<'_> {
    /// Numbers are before texts.
    fn order(self, other: Self) -> Ordering {
        match (self, other) {
            (Self::Number(a), Self::Number(b)) => a.order(b),
            (Self::Number(_), Self::Text(_)) => Ordering::Less,
            (Self::Text(_), Self::Number(_)) => Ordering::Greater,
            (Self::Text(a), Self::Text(b)) => a.cmp(b),
        }
    }
}

fn is_identifier(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

fn identifier(text: &str) -> Option<Identifier<'_>> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        number_without_zeros(text).map(Identifier::Number)
    } else {
        Some(Identifier::Text(text))
    }
}

/// A number that is written the one way it may be.
fn number_without_zeros(digits: &str) -> Option<Digits<'_>> {
    let is_number = digits == "0" || !(digits.is_empty() || digits.starts_with('0'));
    is_number.then(|| Digits::new(digits))
}
