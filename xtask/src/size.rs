//! A number of bytes, written and shown in Docker's decimal units.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize};

/// A number of bytes. `150 MB` is 150,000,000 bytes, as Docker counts; `MiB` is accepted and means 1,048,576.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Bytes(pub u64);

const UNITS: [(&str, u64); 7] = [
    ("GiB", 1 << 30),
    ("MiB", 1 << 20),
    ("KiB", 1 << 10),
    ("GB", 1_000_000_000),
    ("MB", 1_000_000),
    ("kB", 1_000),
    ("B", 1),
];

impl FromStr for Bytes {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let trimmed = text.trim();
        let digits = trimmed
            .find(|c: char| !c.is_ascii_digit() && c != '.' && c != '_')
            .unwrap_or(trimmed.len());
        let (number, unit) = trimmed.split_at(digits);
        let unit = unit.trim();
        let scale = UNITS
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(unit))
            .map(|(_, scale)| *scale)
            .ok_or_else(|| {
                format!("\"{text}\" is not a size: expected a number and a unit such as \"150 MB\" or \"96 MiB\"")
            })?;
        exact(&number.replace('_', ""), scale)
            .map(Self)
            .ok_or_else(|| {
                format!(
                    "\"{text}\" is not a whole number of bytes: expected a size such as \"150 MB\""
                )
            })
    }
}

/// `number * scale` if it is a whole number of bytes that fits.
fn exact(number: &str, scale: u64) -> Option<u64> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let whole: u64 = if whole.is_empty() {
        return None;
    } else {
        whole.parse().ok()?
    };
    let mut total = whole.checked_mul(scale)?;
    if !fraction.is_empty() {
        let digits: u128 = fraction.parse().ok()?;
        let power = 10u128.checked_pow(u32::try_from(fraction.len()).ok()?)?;
        let scaled = digits.checked_mul(u128::from(scale))?;
        if scaled % power != 0 {
            return None;
        }
        total = total.checked_add(u64::try_from(scaled / power).ok()?)?;
    }
    Some(total)
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// More or fewer bytes: `+1.8 MB`, `−377.0 kB`, `0 B`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Change(pub i64);

impl Change {
    /// From one number of bytes to another.
    #[must_use]
    pub fn between(before: u64, after: u64) -> Self {
        let change = i128::from(after) - i128::from(before);
        let most = i128::from(i64::MAX);
        Self(i64::try_from(change.clamp(-most, most)).unwrap_or_default())
    }

    /// Its size, whichever way it goes.
    #[must_use]
    pub const fn magnitude(self) -> Bytes {
        Bytes(self.0.unsigned_abs())
    }
}

impl fmt::Display for Change {
    /// As [`Bytes`], with a sign that is as wide as a plus.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = match self.0 {
            ..0 => "\u{2212}",
            0 => "",
            1.. => "+",
        };
        f.pad(&format!("{sign}{}", self.magnitude()))
    }
}

impl fmt::Display for Bytes {
    /// Three significant digits in decimal units: `109.8 MB`, `48.2 kB`, `12 B`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self.0 {
            0..1_000 => format!("{} B", self.0),
            1_000..999_950 => format!("{:.1} kB", self.0 as f64 / 1e3),
            999_950..999_950_000 => format!("{:.1} MB", self.0 as f64 / 1e6),
            _ => format!("{:.2} GB", self.0 as f64 / 1e9),
        };
        f.pad(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_read_exactly() {
        for (text, bytes) in [
            ("150 MB", 150_000_000),
            ("150MB", 150_000_000),
            ("1.5 kB", 1_500),
            ("96 MiB", 96 << 20),
            ("0 B", 0),
            ("2_000 B", 2_000),
            ("0.5 GiB", 1 << 29),
        ] {
            assert_eq!(text.parse::<Bytes>(), Ok(Bytes(bytes)), "{text}");
        }
        for text in [
            "150",
            "MB",
            "-1 MB",
            "1.0001 kB",
            "1e3 MB",
            "99999999999 GB",
            "",
        ] {
            assert!(text.parse::<Bytes>().is_err(), "{text}");
        }
    }

    #[test]
    fn sizes_show_in_docker_units() {
        for (bytes, text) in [
            (12, "12 B"),
            (1_000, "1.0 kB"),
            (999_949, "999.9 kB"),
            (999_950, "1.0 MB"),
            (109_800_000, "109.8 MB"),
            (1_500_000_000, "1.50 GB"),
        ] {
            assert_eq!(Bytes(bytes).to_string(), text);
        }
    }

    #[test]
    fn changes_show_their_sign() {
        for (before, after, text) in [
            (0, 1_800_000, "+1.8 MB"),
            (377_000, 0, "−377.0 kB"),
            (5, 5, "0 B"),
            (u64::MAX, 0, "−9223372036.85 GB"),
        ] {
            assert_eq!(Change::between(before, after).to_string(), text);
        }
        assert_eq!(Change(i64::MIN).magnitude(), Bytes(1 << 63));
        assert_eq!(
            format!("{:>9}|{:<9}|", Change(7), Change(-7)),
            "     +7 B|−7 B     |"
        );
    }
}
