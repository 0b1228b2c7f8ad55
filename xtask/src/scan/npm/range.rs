//! Which versions a `package.json` asks for.
//!
//! <https://github.com/npm/node-semver#ranges>

use std::cmp::Ordering;

use crate::version::{Scheme, compare, is_valid};

/// Whether a range allows a version; `None` if it is no range: a tag, a URL, a folder.
#[must_use]
pub fn allows(range: &str, version: &str) -> Option<bool> {
    if !is_valid(Scheme::Npm, version) {
        return None;
    }
    let mut allowed = false;
    for part in range.split("||") {
        allowed |= all(part.trim(), version)?;
    }
    Some(allowed)
}

/// Whether all of the comparators, which blanks divide, allow a version.
fn all(part: &str, version: &str) -> Option<bool> {
    if let Some((low, high)) = part.split_once(" - ") {
        let at_least = one(">=", low.trim(), version)?;
        return Some(at_least && one("<=", high.trim(), version)?);
    }
    // A blank may stand between the operator and the version.
    let mut operator = "";
    let mut allowed = true;
    for word in part.split_whitespace() {
        let length = word.len() - word.trim_start_matches(['<', '>', '=', '^', '~']).len();
        let (sign, rest) = word.split_at(length);
        let sign = if sign.is_empty() { operator } else { sign };
        if rest.is_empty() {
            operator = sign;
            continue;
        }
        allowed &= one(sign, rest, version)?;
        operator = "";
    }
    Some(allowed)
}

/// A version of which the last parts may be missing: `1`, `1.2.x`, `*`.
struct Partial<'t> {
    numbers: Vec<u64>,
    /// `-rc.1`, without the build.
    pre: &'t str,
}

impl<'t> Partial<'t> {
    fn parse(text: &'t str) -> Option<Self> {
        let text = text.trim_start_matches(['v', '=']);
        let text = text.split('+').next()?;
        let (numbers, pre) = match text.find('-') {
            Some(at) => text.split_at(at),
            None => (text, ""),
        };
        let mut parts = Vec::new();
        let mut is_open = false;
        for part in numbers.split('.') {
            match part {
                "x" | "X" | "*" => is_open = true,
                _ if is_open => return None,
                _ => parts.push(part.parse().ok()?),
            }
        }
        (parts.len() <= 3 && (pre.is_empty() || parts.len() == 3)).then_some(Self {
            numbers: parts,
            pre,
        })
    }

    fn number(&self, index: usize) -> u64 {
        self.numbers.get(index).copied().unwrap_or(0)
    }

    /// The first version it may be.
    fn least(&self) -> String {
        let [a, b, c] = [0, 1, 2].map(|index| self.number(index));
        format!("{a}.{b}.{c}{}", self.pre)
    }

    /// The first version behind all that have the same numbers up to `index`.
    fn behind(&self, index: usize) -> String {
        let mut numbers = [0, 1, 2].map(|at| if at <= index { self.number(at) } else { 0 });
        numbers[index] = numbers[index].saturating_add(1);
        let [a, b, c] = numbers;
        // Versions before a release belong to it, not to the range below it.
        format!("{a}.{b}.{c}-0")
    }
}

fn one(operator: &str, text: &str, version: &str) -> Option<bool> {
    let partial = Partial::parse(text)?;
    let least = partial.least();
    let against = |other: &str| compare(Scheme::Npm, version, other);
    let known = partial.numbers.len();
    let is_at_least = against(&least)? != Ordering::Less;
    let below = |index: usize| Some(against(&partial.behind(index))? == Ordering::Less);
    if known == 0 {
        return Some(!matches!(operator, "<" | ">"));
    }
    Some(match operator {
        "" | "=" if known == 3 => against(&least)? == Ordering::Equal,
        "" | "=" => is_at_least && below(known - 1)?,
        ">=" => is_at_least,
        ">" if known == 3 => against(&least)? == Ordering::Greater,
        ">" => !below(known - 1)?,
        "<" => against(&least)? == Ordering::Less,
        "<=" if known == 3 => against(&least)? != Ordering::Greater,
        "<=" => below(known - 1)?,
        "~" | "~>" => is_at_least && below(1.min(known - 1))?,
        "^" => {
            // The first number that is not zero stays.
            let first = (0..known).find(|index| partial.number(*index) > 0);
            is_at_least && below(first.unwrap_or(known - 1))?
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_allows_what_npm_says() {
        for (range, version, expected) in [
            ("^3.0.0", "3.9.9", Some(true)),
            ("^3.0.0", "4.0.0", Some(false)),
            ("^3.0.0", "4.0.0-rc.1", Some(false)),
            ("^0.2.3", "0.2.9", Some(true)),
            ("^0.2.3", "0.3.0", Some(false)),
            ("^0.0.3", "0.0.4", Some(false)),
            ("^0.0", "0.0.9", Some(true)),
            ("^0", "0.9.0", Some(true)),
            ("~1.2.3", "1.2.9", Some(true)),
            ("~1.2.3", "1.3.0", Some(false)),
            ("~1", "1.9.0", Some(true)),
            ("1.2.x", "1.2.7", Some(true)),
            ("1.x", "2.0.0", Some(false)),
            ("*", "7.0.0", Some(true)),
            ("", "7.0.0", Some(true)),
            ("3.0.2", "3.0.3", Some(false)),
            (">=1.2.0 <2.0.0", "1.9.0", Some(true)),
            (">= 1.2.0 < 2.0.0", "2.0.0", Some(false)),
            ("1.2.3 - 2.3", "2.3.9", Some(true)),
            ("1.2.3 - 2.3", "2.4.0", Some(false)),
            ("^1.0.0 || ^3.0.0", "3.1.0", Some(true)),
            ("^1.0.0 || ^3.0.0", "2.1.0", Some(false)),
            (">1.2", "1.2.9", Some(false)),
            (">1.2", "1.3.0", Some(true)),
            ("latest", "1.0.0", None),
            ("file:../x", "1.0.0", None),
            ("^1.0.0", "no", None),
            ("1.2.3.4", "1.2.3", None),
            ("^18446744073709551615.0.0", "1.0.0", Some(false)),
        ] {
            assert_eq!(allows(range, version), expected, "{range} {version}");
        }
    }
}
