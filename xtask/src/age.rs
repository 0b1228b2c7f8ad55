//! How old something may be: `"30 days"`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A number of seconds, written with a unit: minutes, hours, days or weeks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Age {
    /// How many.
    pub seconds: u64,
}

/// Each unit with its seconds, the largest first.
const UNITS: [(&str, u64); 4] = [
    ("week", 604_800),
    ("day", 86_400),
    ("hour", 3_600),
    ("minute", 60),
];

impl FromStr for Age {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let read = || {
            let text = text.trim();
            let end = text.find(|c: char| !c.is_ascii_digit())?;
            let number: u64 = text[..end].parse().ok()?;
            let unit = text[end..].trim();
            let (_, seconds) = UNITS
                .iter()
                .find(|(name, _)| unit == *name || unit.strip_suffix('s') == Some(name))?;
            let seconds = number.checked_mul(*seconds)?;
            // A century; beyond it somebody has mistyped.
            (seconds > 0 && seconds <= 3_155_760_000).then_some(Self { seconds })
        };
        read().ok_or_else(|| {
            format!("\"{text}\" is no age: expected one such as \"24 hours\" or \"30 days\"")
        })
    }
}

impl fmt::Display for Age {
    /// In the largest unit of days, hours and minutes that it is a whole number of.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whole = |(_, seconds): &&(&str, u64)| self.seconds.is_multiple_of(*seconds);
        let (name, seconds) = UNITS[1..].iter().find(whole).unwrap_or(&UNITS[3]);
        let number = self.seconds / seconds;
        write!(f, "{number} {name}{}", if number == 1 { "" } else { "s" })
    }
}

impl Serialize for Age {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Age {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_read_with_their_unit_and_told_in_the_largest_that_fits() {
        for (text, seconds, shown) in [
            ("24 hours", 86_400, "1 day"),
            ("30 days", 2_592_000, "30 days"),
            ("2weeks", 1_209_600, "14 days"),
            ("90 minutes", 5_400, "90 minutes"),
            ("1 hour", 3_600, "1 hour"),
        ] {
            let age: Age = text.parse().unwrap();
            assert_eq!((age.seconds, age.to_string().as_str()), (seconds, shown));
        }
        for text in [
            "",
            "30",
            "days",
            "-1 days",
            "0 days",
            "1.5 days",
            "1 month",
            "99999999999 weeks",
        ] {
            assert!(text.parse::<Age>().is_err(), "{text}");
        }
    }
}
