//! Moments and how long things take: what the remediation clock counts in.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::date::Date;

/// Seconds of a day; leap seconds do not count, as in POSIX.
const DAY: i64 = 86_400;

/// A moment in UTC, in whole seconds, written as RFC 3339 has it: `2026-11-30T09:15:00Z`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The moment that many seconds after 1970 began. What lies outside of the years 0 to 9999 is their first or last
    /// second.
    #[must_use]
    pub fn from_unix_seconds(seconds: i64) -> Self {
        Self(seconds.clamp(-719_528 * DAY, 2_932_897 * DAY - 1))
    }

    /// Seconds since 1970 began.
    #[must_use]
    pub const fn unix_seconds(self) -> i64 {
        self.0
    }

    /// Its day, in UTC.
    #[must_use]
    pub fn date(self) -> Date {
        Date::from_unix_days(self.0.div_euclid(DAY))
    }

    /// That much later.
    #[must_use]
    pub fn plus(self, period: Period) -> Self {
        let seconds = i64::try_from(period.0).unwrap_or(i64::MAX);
        Self::from_unix_seconds(self.0.saturating_add(seconds))
    }

    /// How long after `earlier` it is; nothing if it is not after it.
    #[must_use]
    pub fn since(self, earlier: Self) -> Period {
        Period(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let second = self.0.rem_euclid(DAY);
        let (hour, minute) = (second / 3_600, second / 60 % 60);
        write!(
            f,
            "{}T{hour:02}:{minute:02}:{:02}Z",
            self.date(),
            second % 60
        )
    }
}

impl FromStr for Timestamp {
    type Err = String;

    /// With any offset, and with parts of a second, which are cut off. A leap second is the one after it.
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!("\"{text}\" is no moment: expected one such as 2027-06-30T12:00:00Z (RFC 3339)")
        };
        let parse = || -> Option<Self> {
            let date: Date = text.get(..10)?.parse().ok()?;
            if !text.get(10..11)?.contains(['T', 't', ' ']) {
                return None;
            }
            let time = text.get(11..19)?.as_bytes();
            let two = |at: usize| -> Option<i64> {
                let digits = time.get(at..at + 2)?;
                let is_number = digits.iter().all(u8::is_ascii_digit);
                is_number.then(|| i64::from(digits[0] - b'0') * 10 + i64::from(digits[1] - b'0'))
            };
            let (hour, minute, second) = (two(0)?, two(3)?, two(6)?);
            if time[2] != b':' || time[5] != b':' || hour > 23 || minute > 59 || second > 60 {
                return None;
            }
            let mut zone = text.get(19..)?;
            if let Some(fraction) = zone.strip_prefix('.') {
                let digits = fraction.bytes().take_while(u8::is_ascii_digit).count();
                zone = (digits > 0).then(|| &fraction[digits..])?;
            }
            let offset = offset(zone)?;
            let seconds = date.unix_days() * DAY + hour * 3_600 + minute * 60 + second - offset;
            Some(Self::from_unix_seconds(seconds))
        };
        parse().ok_or_else(wrong)
    }
}

/// Seconds that a zone is ahead of UTC.
fn offset(zone: &str) -> Option<i64> {
    if zone.eq_ignore_ascii_case("z") {
        return Some(0);
    }
    let sign = match zone.get(..1)? {
        "+" => 1,
        "-" => -1,
        _ => return None,
    };
    let (hours, minutes) = zone.get(1..)?.split_once(':')?;
    let number = |text: &str, most: i64| -> Option<i64> {
        let plain = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        let number: i64 = plain.then(|| text.parse().ok())??;
        (number <= most).then_some(number)
    };
    Some(sign * (number(hours, 23)? * 3_600 + number(minutes, 59)? * 60))
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// How long something takes, in whole seconds, written with one unit: `24 hours`, `7 days`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Period(u64);

/// Units with their seconds, the largest first. Months and years have no fixed length.
const UNITS: [(&str, u64); 5] = [
    ("week", 604_800),
    ("day", 86_400),
    ("hour", 3_600),
    ("minute", 60),
    ("second", 1),
];

impl Period {
    /// That many seconds.
    #[must_use]
    pub const fn from_seconds(seconds: u64) -> Self {
        Self(seconds)
    }

    /// That many hours.
    #[must_use]
    pub const fn from_hours(hours: u64) -> Self {
        Self(hours.saturating_mul(3_600))
    }

    /// In seconds.
    #[must_use]
    pub const fn seconds(self) -> u64 {
        self.0
    }

    /// As a person says it: the largest two units that matter, such as `3 days 4 hours`.
    #[must_use]
    pub fn words(self) -> String {
        let mut rest = self.0;
        let mut words: Vec<String> = Vec::new();
        // Weeks are for who writes them; days are easier to compare.
        for (name, seconds) in &UNITS[1..] {
            let count = rest / seconds;
            rest %= seconds;
            if count > 0 {
                words.push(counted(count, name));
            }
            if !words.is_empty() && (count == 0 || words.len() == 2) {
                break;
            }
        }
        if words.is_empty() {
            "0 seconds".to_owned()
        } else {
            words.join(" ")
        }
    }
}

fn counted(count: u64, unit: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {unit}{plural}")
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fits = |unit: &&(&str, u64)| self.0 > 0 && self.0.is_multiple_of(unit.1);
        // `24 hours` is what everybody says, not `1 day`.
        let hours = self.0.is_multiple_of(3_600) && self.0 <= 3 * 86_400;
        let first = UNITS.iter().find(fits);
        let (name, seconds) = match first {
            Some(("day", _)) if hours => ("hour", 3_600),
            Some(unit) => *unit,
            None => ("second", 1),
        };
        f.write_str(&counted(self.0 / seconds, name))
    }
}

impl FromStr for Period {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "\"{text}\" is no time span: expected a whole number with a unit, such as \"24 hours\" or \"7 days\""
            )
        };
        let text = text.trim();
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (number, unit) = text.split_at(digits);
        let number: u64 = number.parse().map_err(|_| wrong())?;
        let unit = unit.trim();
        let seconds = UNITS.iter().find_map(|(name, seconds)| {
            let short = &name[..1];
            let named = unit == *name || unit.strip_suffix('s') == Some(name) || unit == short;
            named.then_some(*seconds)
        });
        let seconds = number.checked_mul(seconds.ok_or_else(wrong)?);
        seconds.map(Self).ok_or_else(wrong)
    }
}

impl Serialize for Period {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Period {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn moments_are_read_as_rfc_3339_writes_them() {
        for (text, expected) in [
            ("1970-01-01T00:00:00Z", Some(0)),
            ("2026-12-01T04:15:05Z", Some(1_796_098_505)),
            ("2026-12-01t06:15:05.999+02:00", Some(1_796_098_505)),
            ("2026-11-30T23:15:05-05:00", Some(1_796_098_505)),
            ("2016-12-31T23:59:60Z", Some(1_483_228_800)),
            ("2026-12-01", None),
            ("2026-12-01T04:15:05", None),
            ("2026-12-01T24:00:00Z", None),
            ("2026-12-01T04:15:05.Z", None),
            ("2026-12-01T04:15:05+2:00", None),
            ("2026-13-01T04:15:05Z", None),
            ("2026-12-01T0ä:15:05Z", None),
            ("ä", None),
        ] {
            let found: Option<Timestamp> = text.parse().ok();
            assert_eq!(found.map(Timestamp::unix_seconds), expected, "{text}");
        }
    }

    #[test]
    fn spans_have_one_unit_and_are_said_in_two() {
        for (text, written, words) in [
            ("24 hours", "24 hours", "1 day"),
            ("1 day", "24 hours", "1 day"),
            ("7d", "1 week", "7 days"),
            ("10 days", "10 days", "10 days"),
            ("90 minutes", "90 minutes", "1 hour 30 minutes"),
            ("86461 s", "86461 seconds", "1 day"),
            ("1 hour", "1 hour", "1 hour"),
            ("0 days", "0 seconds", "0 seconds"),
        ] {
            let period: Period = text.parse().unwrap();
            assert_eq!(period.to_string(), written);
            assert_eq!(period.words(), words);
        }
        for text in [
            "",
            "24",
            "hours",
            "-1 day",
            "1.5 days",
            "1 month",
            "99999999999999999999 days",
            "18446744073709551615 weeks",
        ] {
            text.parse::<Period>().unwrap_err();
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(seconds in 0_i64..253_402_300_799, span in 0_u64..1 << 40) {
            let moment = Timestamp::from_unix_seconds(seconds);
            prop_assert_eq!(moment.to_string().parse(), Ok(moment));
            let period = Period::from_seconds(span);
            prop_assert_eq!(period.to_string().parse(), Ok(period));
        }

        #[test]
        fn no_text_is_too_odd(text in "\\PC{0,40}") {
            let _ = text.parse::<Timestamp>();
            let _ = text.parse::<Period>();
        }
    }
}
