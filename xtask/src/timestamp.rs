//! A moment, without a clock: seconds and milliseconds since 1970 in UTC, read and written as RFC 3339 has them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::date::Date;

const SECONDS_OF_DAY: i64 = 86_400;

/// A moment between the years 1970 and 9999. Shown as `2026-12-01T04:05:06.789Z`, always in UTC and always with
/// milliseconds: texts sort as the moments do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    milliseconds: i64,
}

impl Timestamp {
    /// That many milliseconds after 1970 began, in UTC.
    #[must_use]
    pub fn from_unix_milliseconds(milliseconds: u64) -> Self {
        Self {
            milliseconds: i64::try_from(milliseconds).unwrap_or(i64::MAX),
        }
    }

    /// Seconds from `earlier` to this moment; negative if it is the earlier one.
    #[must_use]
    pub fn seconds_since(self, earlier: Self) -> i64 {
        (self.milliseconds - earlier.milliseconds).div_euclid(1000)
    }

    /// The moment that many seconds before; the beginning of 1970 if there is none.
    #[must_use]
    pub fn minus_seconds(self, seconds: u64) -> Self {
        let back = i64::try_from(seconds)
            .unwrap_or(i64::MAX)
            .saturating_mul(1000);
        Self {
            milliseconds: self.milliseconds.saturating_sub(back).max(0),
        }
    }

    /// The day in UTC.
    #[must_use]
    pub fn date(self) -> Date {
        Date::from_unix_days(self.milliseconds.div_euclid(SECONDS_OF_DAY * 1000))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of_day = self.milliseconds.rem_euclid(SECONDS_OF_DAY * 1000);
        let (seconds, milliseconds) = (of_day / 1000, of_day % 1000);
        write!(
            f,
            "{}T{:02}:{:02}:{:02}.{milliseconds:03}Z",
            self.date(),
            seconds / 3600,
            seconds / 60 % 60,
            seconds % 60
        )
    }
}

impl FromStr for Timestamp {
    type Err = String;

    /// RFC 3339, section 5.6: with a fraction of any length (cut after milliseconds) and any offset. A leap second
    /// counts as the first one of the next minute. A day alone is its beginning in UTC.
    fn from_str(text: &str) -> Result<Self, String> {
        parse(text).ok_or_else(|| {
            format!("\"{text}\" is no moment: expected one such as 2026-12-01T04:05:06Z, or a day")
        })
    }
}

fn parse(text: &str) -> Option<Timestamp> {
    let date: Date = text.get(..10)?.parse().ok()?;
    let rest = &text[10..];
    let days = date.unix_days();
    if days < 0 {
        return None;
    }
    let of_day = if rest.is_empty() {
        0
    } else {
        time_of_day(rest)?
    };
    let milliseconds = days * SECONDS_OF_DAY * 1000 + of_day;
    (milliseconds >= 0).then_some(Timestamp { milliseconds })
}

/// `T04:05:06.789+01:00`, in milliseconds of the UTC day; may lie outside of it.
fn time_of_day(text: &str) -> Option<i64> {
    let text = text.strip_prefix(['T', 't', ' '])?;
    let number = |at: usize, most: i64| -> Option<i64> {
        let digits = text.get(at..at + 2)?;
        let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
        let value: i64 = plain.then(|| digits.parse().ok())??;
        (value <= most).then_some(value)
    };
    let colon = |at: usize| (text.as_bytes().get(at) == Some(&b':')).then_some(());
    let (hours, minutes, seconds) = (number(0, 23)?, number(3, 59)?, number(6, 60)?);
    colon(2)?;
    colon(5)?;
    let rest = text.get(8..)?;
    let (fraction, zone) = match rest.strip_prefix('.') {
        Some(rest) => {
            let end = rest.find(|c: char| !c.is_ascii_digit())?;
            (&rest[..end], &rest[end..])
        }
        None => ("", rest),
    };
    if rest.starts_with('.') && fraction.is_empty() {
        return None;
    }
    let milliseconds = fraction
        .bytes()
        .chain(*b"000")
        .take(3)
        .fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0'));
    let local = ((hours * 60 + minutes) * 60 + seconds) * 1000 + milliseconds;
    Some(local - offset(zone)? * 60_000)
}

/// `Z`, `+01:00`: minutes east of UTC.
fn offset(zone: &str) -> Option<i64> {
    if matches!(zone, "Z" | "z") {
        return Some(0);
    }
    let sign = match zone.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let (hours, minutes) = zone[1..].split_once(':')?;
    let two = |text: &str, most: i64| -> Option<i64> {
        let plain = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        let value: i64 = plain.then(|| text.parse().ok())??;
        (value <= most).then_some(value)
    };
    Some(sign * (two(hours, 23)? * 60 + two(minutes, 59)?))
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_in_every_zone_and_written_in_one() {
        for (text, expected) in [
            ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000Z"),
            ("2026-12-01", "2026-12-01T00:00:00.000Z"),
            ("2026-12-01T04:05:06.7891234Z", "2026-12-01T04:05:06.789Z"),
            ("2026-12-01t04:05:06.7z", "2026-12-01T04:05:06.700Z"),
            ("2026-12-01 00:30:00+01:00", "2026-11-30T23:30:00.000Z"),
            ("2026-12-31T23:59:60Z", "2027-01-01T00:00:00.000Z"),
            ("2026-12-31T20:00:00-05:30", "2027-01-01T01:30:00.000Z"),
        ] {
            assert_eq!(text.parse::<Timestamp>().unwrap().to_string(), expected);
        }
    }

    #[test]
    fn what_is_no_moment_is_refused() {
        for text in [
            "",
            "2026-12-01T",
            "2026-12-01T04:05Z",
            "2026-12-01T04:05:06",
            "2026-12-01T04:05:06.Z",
            "2026-12-01T24:00:00Z",
            "2026-12-01T+4:05:06Z",
            "2026-12-01T04:05:06+1:00",
            "2026-13-01T04:05:06Z",
            "1969-12-31T23:59:59Z",
            "1970-01-01T00:00:00+01:00",
            "2026-12-0é",
        ] {
            assert!(text.parse::<Timestamp>().is_err(), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn every_moment_is_read_as_it_is_written(milliseconds in 0u64..253_402_300_800_000) {
            let moment = Timestamp::from_unix_milliseconds(milliseconds);
            proptest::prop_assert_eq!(moment.to_string().parse::<Timestamp>().unwrap(), moment);
        }

        #[test]
        fn no_text_makes_the_reader_panic(text in "\\PC{0,40}", tail in "[T0-9:.+Z-]{0,20}") {
            let _ = text.parse::<Timestamp>();
            let _ = format!("2026-12-01{tail}").parse::<Timestamp>();
        }
    }
}
