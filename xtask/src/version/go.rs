//! Versions of Go modules (go.dev/ref/mod#versions) and of Go itself (`go1.21rc2`, which advisories write
//! `1.21.0-rc.2`).

use super::Digits;
use super::digits::take_digits;
use super::semver::{Announcement, Version};

/// A module's version has a `v` in front, a release of Go a `go`; advisories have neither.
pub(super) fn parse(text: &str) -> Option<Version<'_>> {
    let text = text
        .strip_prefix("go")
        .or_else(|| text.strip_prefix('v'))
        .unwrap_or(text);
    Version::parse(text).or_else(|| release_of_go(text))
}

/// `1.21`, `1.21rc2`, `1.4beta1`, `1.20.3`; what vendors add behind a hyphen or a space (`1.22.1 X:loopvar`) is no part
/// of it.
fn release_of_go(text: &str) -> Option<Version<'_>> {
    let text = text.split([' ', '-', '+']).next()?;
    let mut rest = text;
    let mut numbers = [Digits::ZERO; 3];
    for (index, number) in numbers.iter_mut().enumerate() {
        if index > 0 {
            match rest.strip_prefix('.') {
                Some(behind) => rest = behind,
                None if index == 1 => return None,
                None => break,
            }
        }
        let digits = take_digits(&mut rest);
        if digits.is_empty() {
            return None;
        }
        *number = Digits::new(digits);
    }
    let mut announcement = None;
    if !rest.is_empty() {
        let word = ["alpha", "beta", "rc"]
            .into_iter()
            .find(|word| rest.starts_with(word))?;
        let (word, mut digits) = rest.split_at(word.len());
        let number = take_digits(&mut digits);
        if number.is_empty() || !digits.is_empty() {
            return None;
        }
        announcement = Some(Announcement::Numbered(word, Digits::new(number)));
    }
    Some(Version {
        numbers,
        announcement,
    })
}
