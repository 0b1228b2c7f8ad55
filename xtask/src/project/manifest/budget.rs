//! How large images may be, and the exceptions with a date.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::size::Bytes;

/// What is limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Measure {
    /// All layers, unpacked.
    Unpacked,
    /// All layers, as they travel.
    Compressed,
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unpacked => "unpacked",
            Self::Compressed => "compressed",
        })
    }
}

/// Limits; `None` is no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Most unpacked bytes.
    pub unpacked: Option<Bytes>,
    /// Most compressed bytes.
    pub compressed: Option<Bytes>,
}

impl Limits {
    fn of(self, measure: Measure) -> Option<Bytes> {
        match measure {
            Measure::Unpacked => self.unpacked,
            Measure::Compressed => self.compressed,
        }
    }
}

/// `[budget]`.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Budget {
    /// Most unpacked bytes of any image.
    pub unpacked: Option<Bytes>,
    /// Most compressed bytes of any image.
    pub compressed: Option<Bytes>,
    /// Other limits, by image.
    pub images: BTreeMap<String, Limits>,
    /// Limits relaxed for a time.
    pub exceptions: Vec<Exception>,
}

/// `[[budget.exceptions]]`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Exception {
    /// The image.
    pub image: String,
    /// Which limit.
    pub measure: Measure,
    /// The limit that holds instead.
    pub limit: Bytes,
    /// Why it must be so.
    pub reason: String,
    /// Who answers for it.
    #[serde(default)]
    pub owner: Option<String>,
    /// The last day it holds.
    pub expires: Date,
}

/// The limit that holds for an image on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit<'a> {
    /// The limit; `None` if the image is measured and not judged.
    pub bytes: Option<Bytes>,
    /// The exception that set it.
    pub exception: Option<&'a Exception>,
    /// An exception that would have, had it not expired.
    pub expired: Option<&'a Exception>,
}

impl Budget {
    /// The limit for `image` on the day `today`.
    #[must_use]
    pub fn limit(&self, image: &str, measure: Measure, today: Date) -> Limit<'_> {
        let general = Limits {
            unpacked: self.unpacked,
            compressed: self.compressed,
        };
        let ordinary = self
            .images
            .get(image)
            .and_then(|limits| limits.of(measure))
            .or_else(|| general.of(measure));
        let (valid, expired): (Vec<_>, Vec<_>) = self
            .exceptions
            .iter()
            .filter(|e| e.image == image && e.measure == measure)
            .partition(|e| today <= e.expires);
        let exception = valid.into_iter().max_by_key(|e| e.limit);
        Limit {
            bytes: exception.map_or(ordinary, |e| Some(e.limit)),
            exception,
            expired: expired.into_iter().max_by_key(|e| e.expires),
        }
    }
}

/// A calendar day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    /// The year.
    pub year: u16,
    /// The month, from 1.
    pub month: u8,
    /// The day, from 1.
    pub day: u8,
}

impl Date {
    /// The day in UTC that many seconds after 1970 began.
    #[must_use]
    pub fn from_unix_seconds(seconds: u64) -> Self {
        // Howard Hinnant's `civil_from_days`, for days after 1970: http://howardhinnant.github.io/date_algorithms.html
        let days = seconds / 86_400 + 719_468;
        let era = days / 146_097;
        let day_of_era = days % 146_097;
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted_month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
        let month = if shifted_month < 10 {
            shifted_month + 3
        } else {
            shifted_month - 9
        };
        let year = year_of_era + era * 400 + u64::from(month <= 2);
        Self {
            year: u16::try_from(year).unwrap_or(u16::MAX),
            month: u8::try_from(month).unwrap_or(12),
            day: u8::try_from(day).unwrap_or(31),
        }
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl Serialize for Date {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = toml::value::Datetime::deserialize(deserializer)?;
        match (written.date, written.time) {
            (Some(date), None) => Ok(Self {
                year: date.year,
                month: date.month,
                day: date.day,
            }),
            _ => Err(serde::de::Error::custom("expected a date without a time")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Measure::{Compressed, Unpacked};
    use super::*;

    #[test]
    fn days_are_counted_as_the_calendar_does() {
        for (seconds, expected) in [
            (0, "1970-01-01"),
            (951_782_399, "2000-02-28"),
            (951_782_400, "2000-02-29"),
            (1_798_675_199, "2026-12-30"),
            (1_798_761_600, "2027-01-01"),
            (4_107_542_400, "2100-03-01"),
        ] {
            assert_eq!(Date::from_unix_seconds(seconds).to_string(), expected);
        }
    }

    #[test]
    fn an_exception_holds_up_to_its_last_day() {
        let budget: Budget = toml::from_str(
            "unpacked = '150 MB'\ncompressed = '60 MB'\n[images.small]\nunpacked = '20 MB'\n\
             [[exceptions]]\nimage = 'big'\nmeasure = 'unpacked'\nlimit = '190 MB'\nreason = 'r'\nexpires = 2027-06-30\n",
        )
        .unwrap();
        let day = |month, day| Date {
            year: 2027,
            month,
            day,
        };
        let limit = |image, measure, today| {
            let limit = budget.limit(image, measure, today);
            (
                limit.bytes.map(|b| b.0 / 1_000_000),
                limit.exception.is_some(),
                limit.expired.is_some(),
            )
        };
        assert_eq!(limit("big", Unpacked, day(6, 30)), (Some(190), true, false));
        assert_eq!(limit("big", Unpacked, day(7, 1)), (Some(150), false, true));
        assert_eq!(
            limit("big", Compressed, day(6, 1)),
            (Some(60), false, false)
        );
        assert_eq!(
            limit("small", Unpacked, day(6, 1)),
            (Some(20), false, false)
        );
        assert_eq!(
            limit("small", Compressed, day(6, 1)),
            (Some(60), false, false)
        );
        assert_eq!(
            Budget::default().limit("x", Unpacked, day(1, 1)).bytes,
            None
        );
    }
}
