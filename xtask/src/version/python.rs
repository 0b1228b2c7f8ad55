//! Versions of Python packages (packaging.python.org, "Version specifiers", once PEP 440).

use std::cmp::Ordering;

use super::Digits;
use super::digits::take_digits;

#[derive(Clone, Debug)]
pub(super) struct Version<'t> {
    epoch: Digits<'t>,
    /// Digits and periods.
    release: &'t str,
    /// Alpha, beta or release candidate, in this order, with its number.
    announcement: Option<(u8, Digits<'t>)>,
    post: Option<Digits<'t>>,
    development: Option<Digits<'t>>,
    local: Option<&'t str>,
}

/// A version of a Python package in its normal form (packaging.python.org, "Version specifiers", normalization).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PythonRelease {
    /// `1.2.3rc1.post2.dev3+local.4`.
    pub version: String,
    /// The numbers of the release, in decimal; never empty.
    pub release: Vec<String>,
    /// Whether it only announces, follows or leads to a release.
    pub is_special: bool,
}

/// What a text says, in normal form; `None` if it is no version.
#[must_use]
pub fn python_release(text: &str) -> Option<PythonRelease> {
    Version::parse(text).map(|version| version.normal())
}

/// What may announce a release, the longer words first, with their order.
const ANNOUNCING: [(&str, u8); 8] = [
    ("alpha", 0),
    ("a", 0),
    ("beta", 1),
    ("b", 1),
    ("preview", 2),
    ("pre", 2),
    ("c", 2),
    ("rc", 2),
];

impl<'t> Version<'t> {
    pub(super) fn parse(text: &'t str) -> Option<Self> {
        let mut rest = text.trim();
        skip(&mut rest, &["v"]);
        let before = rest;
        let mut epoch = take_digits(&mut rest);
        if let Some(behind) = rest.strip_prefix('!').filter(|_| !epoch.is_empty()) {
            rest = behind;
        } else {
            rest = before;
            epoch = "";
        }
        let release = take_release(&mut rest)?;
        let announcement = take_announcement(&mut rest);
        let post = take_post(&mut rest);
        let development = take_marked(&mut rest, &["dev"]);
        let mut local = None;
        if let Some(text) = rest.strip_prefix('+') {
            let is_part = |part: &str| {
                !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
            };
            if !text.split(SEPARATORS).all(is_part) {
                return None;
            }
            local = Some(text);
            rest = "";
        }
        rest.is_empty().then_some(Self {
            epoch: Digits::new(epoch),
            release,
            announcement,
            post,
            development,
            local,
        })
    }

    fn normal(&self) -> PythonRelease {
        let release: Vec<String> = self
            .release
            .split('.')
            .map(|number| Digits::new(number).text().to_owned())
            .collect();
        let mut version = match self.epoch.text() {
            "0" => String::new(),
            epoch => format!("{epoch}!"),
        };
        version.push_str(&release.join("."));
        if let Some((class, number)) = self.announcement {
            let word = match class {
                0 => "a",
                1 => "b",
                _ => "rc",
            };
            version.push_str(word);
            version.push_str(number.text());
        }
        for (word, number) in [(".post", self.post), (".dev", self.development)] {
            if let Some(number) = number {
                version.push_str(word);
                version.push_str(number.text());
            }
        }
        if let Some(local) = self.local {
            let is_number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
            let parts = local.split(SEPARATORS).map(|part| {
                if is_number(part) {
                    Digits::new(part).text().to_owned()
                } else {
                    part.to_ascii_lowercase()
                }
            });
            version.push('+');
            version.push_str(&parts.collect::<Vec<_>>().join("."));
        }
        PythonRelease {
            version,
            release,
            is_special: self.announcement.is_some()
                || self.post.is_some()
                || self.development.is_some(),
        }
    }

    pub(super) fn order(&self, other: &Self) -> Ordering {
        self.epoch
            .order(other.epoch)
            .then_with(|| order_of_releases(self.release, other.release))
            .then_with(|| {
                let (class, number) = self.announced();
                let (other_class, other_number) = other.announced();
                class
                    .cmp(&other_class)
                    .then_with(|| number.order(other_number))
            })
            .then_with(|| order_of_optional(self.post, other.post, Ordering::Less))
            .then_with(|| order_of_optional(self.development, other.development, Ordering::Greater))
            .then_with(|| order_of_locals(self.local, other.local))
    }

    /// A development release of the release itself is before all that announces it; the release and what was posted
    /// after it are behind.
    fn announced(&self) -> (u8, Digits<'t>) {
        match self.announcement {
            Some((class, number)) => (class + 1, number),
            None if self.post.is_none() && self.development.is_some() => (0, Digits::ZERO),
            None => (4, Digits::ZERO),
        }
    }
}

const SEPARATORS: [char; 3] = ['-', '_', '.'];

/// Skips the first of `words` that `rest` begins with, in any case.
fn skip(rest: &mut &str, words: &[&str]) -> bool {
    for word in words {
        let front = rest.as_bytes().get(..word.len());
        if front.is_some_and(|front| front.eq_ignore_ascii_case(word.as_bytes())) {
            *rest = &rest[word.len()..];
            return true;
        }
    }
    false
}

fn skip_separator(rest: &mut &str) {
    *rest = rest.strip_prefix(SEPARATORS).unwrap_or(rest);
}

fn take_release<'t>(rest: &mut &'t str) -> Option<&'t str> {
    let whole = *rest;
    if take_digits(rest).is_empty() {
        return None;
    }
    while let Some(mut behind) = rest.strip_prefix('.') {
        if take_digits(&mut behind).is_empty() {
            break;
        }
        *rest = behind;
    }
    Some(&whole[..whole.len() - rest.len()])
}

fn take_announcement<'t>(rest: &mut &'t str) -> Option<(u8, Digits<'t>)> {
    ANNOUNCING
        .iter()
        .find_map(|(word, class)| Some((*class, take_marked(rest, &[word])?)))
}

/// `-1`, `.post1`, `rev`, `r2`.
fn take_post<'t>(rest: &mut &'t str) -> Option<Digits<'t>> {
    if let Some(mut behind) = rest.strip_prefix('-') {
        let digits = take_digits(&mut behind);
        if !digits.is_empty() {
            *rest = behind;
            return Some(Digits::new(digits));
        }
    }
    take_marked(rest, &["post", "rev", "r"])
}

/// A word with separators and a number around it, each of which may be missing; no number is zero.
fn take_marked<'t>(rest: &mut &'t str, words: &[&str]) -> Option<Digits<'t>> {
    let mut behind = *rest;
    skip_separator(&mut behind);
    if !skip(&mut behind, words) {
        return None;
    }
    skip_separator(&mut behind);
    let digits = take_digits(&mut behind);
    *rest = behind;
    Some(Digits::new(digits))
}

/// Zeros at the end make no difference.
fn order_of_releases(a: &str, b: &str) -> Ordering {
    let mut a = a.split('.').map(Digits::new);
    let mut b = b.split('.').map(Digits::new);
    loop {
        let order = match (a.next(), b.next()) {
            (None, None) => return Ordering::Equal,
            (a, b) => a.unwrap_or(Digits::ZERO).order(b.unwrap_or(Digits::ZERO)),
        };
        if order.is_ne() {
            return order;
        }
    }
}

/// `missing` is how one that is not there stands to one that is.
fn order_of_optional(a: Option<Digits<'_>>, b: Option<Digits<'_>>, missing: Ordering) -> Ordering {
    match (a, b) {
        (None, None) => Ordering::Equal,
        (None, Some(_)) => missing,
        (Some(_), None) => missing.reverse(),
        (Some(a), Some(b)) => a.order(b),
    }
}

/// Numbers are behind texts, and a longer one behind its beginning.
fn order_of_locals(a: Option<&str>, b: Option<&str>) -> Ordering {
    let mut a = a.into_iter().flat_map(|text| text.split(SEPARATORS));
    let mut b = b.into_iter().flat_map(|text| text.split(SEPARATORS));
    loop {
        let order = match (a.next(), b.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => Ordering::Less,
            (Some(_), None) => Ordering::Greater,
            (Some(a), Some(b)) => order_of_local_parts(a, b),
        };
        if order.is_ne() {
            return order;
        }
    }
}

fn order_of_local_parts(a: &str, b: &str) -> Ordering {
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    match (is_number(a), is_number(b)) {
        (true, true) => Digits::new(a).order(Digits::new(b)),
        (true, false) => Ordering::Greater,
        (false, true) => Ordering::Less,
        (false, false) => {
            let lower = |byte: u8| byte.to_ascii_lowercase();
            a.bytes().map(lower).cmp(b.bytes().map(lower))
        }
    }
}
