//! A limit as it is written: bytes, or a share of something.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::size::Bytes;

/// A percentage, in hundredths of one percent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Share(pub u32);

/// The largest share that is read; beyond it somebody has mistyped.
const MOST: u32 = 1_000_000;

impl Share {
    /// That much of `whole`, rounded down.
    #[must_use]
    pub fn of(self, whole: Bytes) -> Bytes {
        let part = u128::from(whole.0) * u128::from(self.0) / 10_000;
        Bytes(u64::try_from(part).unwrap_or(u64::MAX))
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = format!("{}.{:02}", self.0 / 100, self.0 % 100);
        write!(f, "{} %", text.trim_end_matches('0').trim_end_matches('.'))
    }
}

/// A limit as it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ceiling {
    /// `"150 MB"`.
    Bytes(Bytes),
    /// `"5 %"`: of the image's unpacked bytes; for its growth, of those it had before.
    Share(Share),
}

impl Ceiling {
    /// In bytes, where a share is one of `whole`; `None` if it is one and the whole is not known.
    #[must_use]
    pub fn bytes(self, whole: Option<Bytes>) -> Option<Bytes> {
        match self {
            Self::Bytes(bytes) => Some(bytes),
            Self::Share(share) => Some(share.of(whole?)),
        }
    }

    /// Whether both are of one kind and this one is the larger.
    pub(super) fn is_surely_above(self, other: Self) -> bool {
        match (self, other) {
            (Self::Bytes(a), Self::Bytes(b)) => a > b,
            (Self::Share(a), Self::Share(b)) => a > b,
            _ => false,
        }
    }
}

impl FromStr for Ceiling {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let Some(number) = text.trim().strip_suffix('%') else {
            return text.parse().map(Self::Bytes).map_err(|error: String| {
                error.replace(
                    "expected a number and a unit such as \"150 MB\" or \"96 MiB\"",
                    "expected a size such as \"10 MB\", or a percentage such as \"5 %\"",
                )
            });
        };
        hundredths(number.trim_end())
            .filter(|share| *share <= MOST)
            .map(|share| Self::Share(Share(share)))
            .ok_or_else(|| {
                format!(
                    "\"{text}\" is not a percentage: expected one from \"0 %\" to \"10000 %\" with at most two digits \
                     after the point, such as \"2.5 %\""
                )
            })
    }
}

fn hundredths(number: &str) -> Option<u32> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    let digits = |text: &str, most: usize| {
        (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    if !digits(whole, 5) || !digits(fraction, 2) {
        return None;
    }
    let whole: u32 = whole.parse().ok()?;
    let fraction: u32 = format!("{fraction:0<2}").parse().ok()?;
    Some(whole * 100 + fraction)
}

impl fmt::Display for Ceiling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bytes(bytes) => bytes.fmt(f),
            Self::Share(share) => share.fmt(f),
        }
    }
}

impl Serialize for Ceiling {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Bytes(bytes) => bytes.serialize(serializer),
            Self::Share(share) => serializer.collect_str(share),
        }
    }
}

impl<'de> Deserialize<'de> for Ceiling {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_shares_are_told_apart() {
        for (text, expected, shown) in [
            ("5 %", Ceiling::Share(Share(500)), "5 %"),
            ("0.5%", Ceiling::Share(Share(50)), "0.5 %"),
            ("12.34 %", Ceiling::Share(Share(1_234)), "12.34 %"),
            ("0 %", Ceiling::Share(Share(0)), "0 %"),
            ("100 %", Ceiling::Share(Share(10_000)), "100 %"),
            ("3 MB", Ceiling::Bytes(Bytes(3_000_000)), "3.0 MB"),
        ] {
            assert_eq!(text.parse(), Ok(expected), "{text}");
            assert_eq!(expected.to_string(), shown);
        }
        for (text, expected) in [
            ("%", "is not a percentage"),
            ("-1 %", "is not a percentage"),
            ("1.234 %", "at most two digits"),
            (".5 %", "is not a percentage"),
            ("5. %", "is not a percentage"),
            ("10000.01 %", "from \"0 %\" to \"10000 %\""),
            ("123456 %", "is not a percentage"),
            ("5 percent", "or a percentage such as \"5 %\""),
            ("5", "or a percentage such as \"5 %\""),
        ] {
            let error = text.parse::<Ceiling>().unwrap_err();
            assert!(error.contains(expected), "{text}: {error}");
        }
    }

    #[test]
    fn a_share_is_one_of_something_known() {
        let share = Ceiling::Share(Share(250));
        assert_eq!(share.bytes(Some(Bytes(1_999))), Some(Bytes(49)));
        assert_eq!(
            share.bytes(Some(Bytes(u64::MAX))),
            Some(Bytes(u64::MAX / 40))
        );
        assert_eq!(share.bytes(None), None);
        assert_eq!(Ceiling::Bytes(Bytes(7)).bytes(None), Some(Bytes(7)));
    }
}
