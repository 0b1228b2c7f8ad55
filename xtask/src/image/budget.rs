//! Whether an image is within its budget.

use std::fmt;
use std::str::FromStr;

use crate::size::Bytes;

/// A day of the calendar, to compare expiry dates with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

impl Date {
    /// The day that is `days` after 1970-01-01, as Unix counts.
    #[must_use]
    pub fn from_unix_days(days: u32) -> Self {
        // Howard Hinnant's `civil_from_days`.
        let shifted = u64::from(days) + 719_468;
        let era = shifted / 146_097;
        let day_of_era = shifted % 146_097;
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
        let month = if month_from_march < 10 {
            month_from_march + 3
        } else {
            month_from_march - 9
        };
        let year = year_of_era + era * 400 + u64::from(month <= 2);
        Self {
            year: u16::try_from(year).unwrap_or(u16::MAX),
            month: u8::try_from(month).unwrap_or(12),
            day: u8::try_from(day).unwrap_or(31),
        }
    }
}

impl FromStr for Date {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("\"{text}\" is not a date: expected one such as \"2026-12-31\"");
        let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        let parts: Vec<&str> = text.split('-').collect();
        let [year, month, day] = parts[..] else {
            return Err(wrong());
        };
        if (year.len(), month.len(), day.len()) != (4, 2, 2)
            || ![year, month, day].into_iter().all(digits)
        {
            return Err(wrong());
        }
        let read = |part: &str| part.parse::<u16>().map_err(|_| wrong());
        let (year, month, day) = (read(year)?, read(month)?, read(day)?);
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let last = match month {
            4 | 6 | 9 | 11 => 30,
            2 if leap => 29,
            2 => 28,
            1..=12 => 31,
            _ => return Err(wrong()),
        };
        if !(1..=last).contains(&day) {
            return Err(wrong());
        }
        Ok(Self {
            year,
            month: u8::try_from(month).map_err(|_| wrong())?,
            day: u8::try_from(day).map_err(|_| wrong())?,
        })
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

/// The most an image may have; `None` is no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of regular files over all layers.
    pub unpacked: Option<Bytes>,
    /// Bytes a registry stores.
    pub compressed: Option<Bytes>,
}

/// Greater limits for a time. What it leaves open stays as in the budget.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exception {
    /// The limits that are other.
    pub limits: Limits,
    /// The last day it holds.
    pub expires: Date,
}

/// What an image is judged by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Budget {
    /// The limits.
    pub limits: Limits,
    /// Granted for a time.
    pub exception: Option<Exception>,
}

/// What was measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Measured {
    /// Bytes of regular files over all layers.
    pub unpacked: Bytes,
    /// Bytes a registry stores.
    pub compressed: Bytes,
}

/// What a size is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// The size.
    pub measured: Bytes,
    /// The most it may be.
    pub limit: Bytes,
}

impl Comparison {
    /// Whether the size is at most the limit.
    #[must_use]
    pub fn within(self) -> bool {
        self.measured <= self.limit
    }

    /// Bytes left below the limit; negative above it.
    #[must_use]
    pub fn headroom(self) -> i64 {
        let difference = i128::from(self.limit.0) - i128::from(self.measured.0);
        i64::try_from(difference).unwrap_or(if difference < 0 { i64::MIN } else { i64::MAX })
    }
}

/// What became of an exception.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExceptionUse {
    /// There is none.
    None,
    /// The image would be within its budget without it: it can be removed.
    Unneeded,
    /// The image is over its budget and the exception allows for more.
    Used,
    /// Its last day is over; it was not applied.
    Expired,
}

/// The judgement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Whether every size is within its limit.
    pub within: bool,
    /// The unpacked size, if it is limited.
    pub unpacked: Option<Comparison>,
    /// The compressed size, if it is limited.
    pub compressed: Option<Comparison>,
    /// What became of the exception.
    pub exception: ExceptionUse,
}

impl Verdict {
    /// The least headroom in bytes, negative if over; `None` without limits.
    #[must_use]
    pub fn headroom(&self) -> Option<i64> {
        self.unpacked
            .iter()
            .chain(&self.compressed)
            .map(|c| c.headroom())
            .min()
    }
}

/// Compares an image's sizes with its budget as it stands on the day `today`.
#[must_use]
pub fn judge(measured: Measured, budget: &Budget, today: Date) -> Verdict {
    let plain = compare(measured, budget.limits);
    let Some(exception) = &budget.exception else {
        return plain;
    };
    if today > exception.expires {
        return Verdict {
            exception: ExceptionUse::Expired,
            ..plain
        };
    }
    if plain.within {
        return Verdict {
            exception: ExceptionUse::Unneeded,
            ..plain
        };
    }
    let limits = Limits {
        unpacked: exception.limits.unpacked.or(budget.limits.unpacked),
        compressed: exception.limits.compressed.or(budget.limits.compressed),
    };
    Verdict {
        exception: ExceptionUse::Used,
        ..compare(measured, limits)
    }
}

fn compare(measured: Measured, limits: Limits) -> Verdict {
    let against =
        |measured: Bytes, limit: Option<Bytes>| limit.map(|limit| Comparison { measured, limit });
    let unpacked = against(measured.unpacked, limits.unpacked);
    let compressed = against(measured.compressed, limits.compressed);
    Verdict {
        within: unpacked.iter().chain(&compressed).all(|c| c.within()),
        unpacked,
        compressed,
        exception: ExceptionUse::None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn budget(expires: Option<&str>) -> Budget {
        Budget {
            limits: Limits {
                unpacked: Some(Bytes(150)),
                compressed: Some(Bytes(100)),
            },
            exception: expires.map(|day| Exception {
                limits: Limits {
                    unpacked: Some(Bytes(200)),
                    compressed: None,
                },
                expires: day.parse().unwrap(),
            }),
        }
    }

    fn verdict(unpacked: u64, compressed: u64, expires: Option<&str>) -> (bool, i64, ExceptionUse) {
        let measured = Measured {
            unpacked: Bytes(unpacked),
            compressed: Bytes(compressed),
        };
        let verdict = judge(measured, &budget(expires), "2026-11-22".parse().unwrap());
        (
            verdict.within,
            verdict.headroom().unwrap(),
            verdict.exception,
        )
    }

    #[test]
    fn sizes_are_judged_against_every_limit() {
        assert_eq!(verdict(150, 20, None), (true, 0, ExceptionUse::None));
        assert_eq!(verdict(151, 20, None), (false, -1, ExceptionUse::None));
        assert_eq!(verdict(10, 101, None), (false, -1, ExceptionUse::None));
    }

    #[test]
    fn an_exception_holds_to_the_end_of_its_last_day() {
        assert_eq!(
            verdict(199, 20, Some("2026-11-22")),
            (true, 1, ExceptionUse::Used)
        );
        assert_eq!(
            verdict(199, 20, Some("2026-11-21")),
            (false, -49, ExceptionUse::Expired)
        );
        assert_eq!(
            verdict(201, 20, Some("2027-01-01")),
            (false, -1, ExceptionUse::Used)
        );
        assert_eq!(
            verdict(199, 101, Some("2027-01-01")),
            (false, -1, ExceptionUse::Used)
        );
        assert_eq!(
            verdict(100, 20, Some("2027-01-01")),
            (true, 50, ExceptionUse::Unneeded)
        );
    }

    #[test]
    fn no_limit_is_always_kept() {
        let measured = Measured {
            unpacked: Bytes(u64::MAX),
            compressed: Bytes(u64::MAX),
        };
        let verdict = judge(measured, &Budget::default(), Date::from_unix_days(0));
        assert!(verdict.within && verdict.headroom().is_none());
        let comparison = Comparison {
            measured: Bytes(u64::MAX),
            limit: Bytes(0),
        };
        assert_eq!(comparison.headroom(), i64::MIN);
    }

    #[test]
    fn dates_read_and_compare() {
        let date = |text: &str| text.parse::<Date>();
        assert!(date("2026-11-22").unwrap() < date("2026-12-01").unwrap());
        assert!(date("2024-02-29").is_ok() && date("2000-02-29").is_ok());
        for text in [
            "2026-02-29",
            "1900-02-29",
            "2026-13-01",
            "2026-00-10",
            "2026-1-1",
            "26-01-01",
            "2026-01-32",
            "2026-01-00",
            "",
            "+026-01-01",
        ] {
            assert!(date(text).is_err(), "{text}");
        }
        for (days, text) in [
            (0, "1970-01-01"),
            (20_779, "2026-11-22"),
            (19_782, "2024-02-29"),
            (11_016, "2000-02-29"),
        ] {
            assert_eq!(Date::from_unix_days(days).to_string(), text);
        }
    }
}
