//! A calendar day, without a clock.

use std::fmt;
use std::str::FromStr;

use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A calendar day. Shown, and read from text, as `2027-06-30`; in TOML it is a date without quotes.
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
        Self::from_unix_days(i64::try_from(seconds / 86_400).unwrap_or(i64::MAX))
    }

    /// The day that many days after 1970-01-01; at most the last day of the year 9999, at least the first of year 0.
    #[must_use]
    pub fn from_unix_days(days: i64) -> Self {
        // Howard Hinnant's `civil_from_days`: http://howardhinnant.github.io/date_algorithms.html
        let days = days.clamp(-719_528, 2_932_896) + 719_468;
        let era = days.div_euclid(146_097);
        let day_of_era = days.rem_euclid(146_097);
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
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        Self {
            year: u16::try_from(year).unwrap_or(u16::MAX),
            month: u8::try_from(month).unwrap_or(12),
            day: u8::try_from(day).unwrap_or(31),
        }
    }

    /// Days from 1970-01-01 to this one; negative before.
    #[must_use]
    pub fn unix_days(self) -> i64 {
        // `days_from_civil` of the same page.
        let (year, month, day) = (
            i64::from(self.year),
            i64::from(self.month),
            i64::from(self.day),
        );
        let year = year - i64::from(month <= 2);
        let era = year.div_euclid(400);
        let year_of_era = year.rem_euclid(400);
        let day_of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        era * 146_097 + day_of_era - 719_468
    }

    /// The day that many days later.
    #[must_use]
    pub fn plus_days(self, days: i64) -> Self {
        Self::from_unix_days(self.unix_days().saturating_add(days))
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl FromStr for Date {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut parts = text.split('-');
        let mut number = |digits: usize| -> Option<u16> {
            let part = parts.next()?;
            let plain = part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit());
            plain.then(|| part.parse().ok())?
        };
        let date = (|| {
            Some(Self {
                year: number(4)?,
                month: u8::try_from(number(2)?).ok()?,
                day: u8::try_from(number(2)?).ok()?,
            })
        })();
        // A day that the calendar has not, such as February 30, comes back as another one.
        date.filter(|date| parts.next().is_none() && date.plus_days(0) == *date)
            .ok_or_else(|| format!("\"{text}\" is not a day: expected one such as 2027-06-30"))
    }
}

impl Serialize for Date {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Day;

        impl<'de> Visitor<'de> for Day {
            type Value = Date;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a date without a time, such as 2027-06-30")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Date, E> {
                text.parse().map_err(E::custom)
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Date, A::Error> {
                let deserializer = MapAccessDeserializer::new(map);
                let written = toml::value::Datetime::deserialize(deserializer)?;
                match (written.date, written.time) {
                    (Some(date), None) => Ok(Date {
                        year: date.year,
                        month: date.month,
                        day: date.day,
                    }),
                    _ => Err(serde::de::Error::custom("expected a date without a time")),
                }
            }
        }

        deserializer.deserialize_any(Day)
    }
}

#[cfg(test)]
mod tests {
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
            (u64::MAX, "9999-12-31"),
        ] {
            assert_eq!(Date::from_unix_seconds(seconds).to_string(), expected);
        }
    }

    #[test]
    fn only_days_of_the_calendar_are_read() {
        for text in ["2027-06-30", "2028-02-29", "0001-01-01", "9999-12-31"] {
            assert_eq!(text.parse::<Date>().unwrap().to_string(), text);
        }
        for text in [
            "",
            "2027-6-30",
            "2027-02-29",
            "2027-13-01",
            "2027-00-10",
            "2027-06-31",
            "2027-06-30-",
            "2027-06-30T00:00",
            "+027-06-30",
        ] {
            let error = text.parse::<Date>().unwrap_err();
            assert!(error.contains("is not a day"), "{text}: {error}");
        }
    }

    #[test]
    fn toml_has_dates_and_json_has_texts() {
        #[derive(Deserialize)]
        struct Holder {
            day: Date,
        }
        let day = "2027-06-30".parse().unwrap();
        let toml: Holder = toml::from_str("day = 2027-06-30").unwrap();
        let json: Holder = serde_json::from_str("{\"day\": \"2027-06-30\"}").unwrap();
        assert_eq!((toml.day, json.day), (day, day));
        assert!(toml::from_str::<Holder>("day = 2027-06-30T01:00:00").is_err());
        assert!(serde_json::from_str::<Holder>("{\"day\": 7}").is_err());
    }

    proptest::proptest! {
        #[test]
        fn counting_there_and_back_is_the_same_day(days in -700_000_i64..2_900_000) {
            let date = Date::from_unix_days(days);
            proptest::prop_assert_eq!(date.unix_days(), days);
            proptest::prop_assert_eq!(date.plus_days(1).unix_days(), days + 1);
            proptest::prop_assert!(date < date.plus_days(1));
            proptest::prop_assert_eq!(date.to_string().parse(), Ok(date));
        }
    }
}
