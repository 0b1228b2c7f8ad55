//! What a value has to be: a comparison with a limit that is written with its unit.

use std::fmt;

use super::card::{Outcome, Unit, Value};
use crate::size::Bytes;

/// How a value is held to its limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// The limit or less.
    AtMost,
    /// The limit or more.
    AtLeast,
    /// Less than the limit.
    Below,
    /// More than the limit.
    Above,
    /// The limit itself.
    Equals,
}

/// What has to be measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Goal {
    /// How it is compared.
    pub comparison: Comparison,
    /// With what.
    pub limit: Value,
}

impl Comparison {
    /// Its key in the file.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::AtMost => "at_most",
            Self::AtLeast => "at_least",
            Self::Below => "below",
            Self::Above => "above",
            Self::Equals => "equals",
        }
    }

    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::AtMost,
        Self::AtLeast,
        Self::Below,
        Self::Above,
        Self::Equals,
    ];

    /// Whether less is better: the part that decides is the largest then.
    #[must_use]
    pub const fn wants_little(self) -> bool {
        matches!(self, Self::AtMost | Self::Below | Self::Equals)
    }
}

impl Goal {
    /// Whether `value`, which has the unit of the limit, reaches it.
    #[must_use]
    pub fn outcome(self, value: Value) -> Outcome {
        let (value, limit) = (value.thousandths, self.limit.thousandths);
        let reached = match self.comparison {
            Comparison::AtMost => value <= limit,
            Comparison::AtLeast => value >= limit,
            Comparison::Below => value < limit,
            Comparison::Above => value > limit,
            Comparison::Equals => value == limit,
        };
        if reached {
            Outcome::Pass
        } else {
            Outcome::Fail
        }
    }

    /// The same comparison with another limit.
    #[must_use]
    pub const fn with_limit(self, limit: Value) -> Self {
        Self { limit, ..self }
    }
}

impl fmt::Display for Goal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self.comparison {
            Comparison::AtMost => "at most",
            Comparison::AtLeast => "at least",
            Comparison::Below => "below",
            Comparison::Above => "above",
            Comparison::Equals => "exactly",
        };
        write!(f, "{word} {}", self.limit)
    }
}

impl Unit {
    /// The units that files name.
    pub const NAMES: [&'static str; 5] = ["bytes", "ms", "percent", "count", "ratio"];

    /// The unit with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "bytes" => Self::Bytes,
            "ms" => Self::Milliseconds,
            "percent" => Self::Percent,
            "count" => Self::Count,
            "ratio" => Self::Ratio,
            _ => return None,
        })
    }

    /// How a limit of this unit is written, for messages.
    #[must_use]
    pub const fn example(self) -> &'static str {
        match self {
            Self::Bytes => "\"150 MB\"",
            Self::Milliseconds => "\"30 seconds\"",
            Self::Percent => "\"80 %\"",
            Self::Count => "\"0\"",
            Self::Ratio => "\"1.5\"",
        }
    }
}

/// Words for units of time with their milliseconds.
const TIMES: [(&str, i64); 12] = [
    ("ms", 1),
    ("milliseconds", 1),
    ("s", 1_000),
    ("second", 1_000),
    ("seconds", 1_000),
    ("minute", 60_000),
    ("minutes", 60_000),
    ("hour", 3_600_000),
    ("hours", 3_600_000),
    ("day", 86_400_000),
    ("days", 86_400_000),
    ("min", 60_000),
];

impl Value {
    /// A limit as it is written: `150 MB`, `30 seconds`, `80 %`, `0`; `None` if it is none of that unit.
    #[must_use]
    pub fn parse(text: &str, unit: Unit) -> Option<Self> {
        let text = text.trim();
        let thousandths = match unit {
            Unit::Bytes => {
                let bytes: Bytes = text.parse().ok()?;
                i64::try_from(bytes.0).ok()?.checked_mul(1_000)?
            }
            Unit::Percent => decimal(text.strip_suffix('%')?.trim_end())?,
            Unit::Count | Unit::Ratio => decimal(text)?,
            Unit::Milliseconds => {
                let end = text.find(|c: char| !c.is_ascii_digit() && c != '.')?;
                let (number, word) = text.split_at(end);
                let (_, scale) = TIMES.iter().find(|(name, _)| *name == word.trim())?;
                decimal(number)?.checked_mul(*scale)?
            }
        };
        Some(Self { thousandths, unit })
    }

    /// A number of JSON; `None` if it is beyond what can be counted exactly.
    #[must_use]
    pub fn of_json(number: &serde_json::Number, unit: Unit) -> Option<Self> {
        let thousandths = if let Some(whole) = number.as_i64() {
            whole.checked_mul(1_000)?
        } else {
            thousandths(number.as_f64()?)?
        };
        Some(Self { thousandths, unit })
    }
}

/// Rounded to thousandths; beyond 2^53 of them a float is no exact number any more.
#[expect(
    clippy::cast_possible_truncation,
    reason = "its size is looked at before"
)]
fn thousandths(number: f64) -> Option<i64> {
    const LARGEST: f64 = 9_007_199_254_740_992.0;
    let scaled = (number * 1_000.0).round();
    (scaled.abs() < LARGEST).then_some(scaled as i64)
}

/// A decimal number with at most three digits behind the point, in thousandths.
fn decimal(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(fraction) || fraction.len() > 3 {
        return None;
    }
    let whole: i64 = whole.parse().ok()?;
    let fraction: i64 = format!("{fraction:0<3}").parse().ok()?;
    whole.checked_mul(1_000)?.checked_add(fraction)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str, unit: Unit) -> Option<i64> {
        Value::parse(text, unit).map(|value| value.thousandths)
    }

    #[test]
    fn limits_are_read_in_their_unit_only() {
        assert_eq!(value("150 MB", Unit::Bytes), Some(150_000_000_000));
        assert_eq!(value("1 MiB", Unit::Bytes), Some(1_048_576_000));
        assert_eq!(value("30 seconds", Unit::Milliseconds), Some(30_000_000));
        assert_eq!(value("0.5 s", Unit::Milliseconds), Some(500_000));
        assert_eq!(value("2 minutes", Unit::Milliseconds), Some(120_000_000));
        assert_eq!(value("80 %", Unit::Percent), Some(80_000));
        assert_eq!(value("99.5%", Unit::Percent), Some(99_500));
        assert_eq!(value("0", Unit::Count), Some(0));
        assert_eq!(value("1.125", Unit::Ratio), Some(1_125));
        for (text, unit) in [
            ("150", Unit::Bytes),
            ("30", Unit::Milliseconds),
            ("30 MB", Unit::Milliseconds),
            ("80", Unit::Percent),
            ("-1", Unit::Count),
            ("1.0001", Unit::Ratio),
            ("9223372036854775807", Unit::Count),
            ("1e3", Unit::Count),
            ("", Unit::Count),
        ] {
            assert_eq!(value(text, unit), None, "{text}");
        }
    }

    #[test]
    fn numbers_of_json_are_exact_or_none() {
        let read = |text: &str| {
            let number = serde_json::from_str(text).unwrap();
            Value::of_json(&number, Unit::Count).map(|value| value.thousandths)
        };
        assert_eq!(read("150"), Some(150_000));
        assert_eq!(read("0.1"), Some(100));
        assert_eq!(read("-3.0004"), Some(-3_000));
        assert_eq!(read("9223372036854775807"), None);
        assert_eq!(read("1e300"), None);
    }

    #[test]
    fn each_comparison_has_its_own_edge() {
        let of = |thousandths| Value {
            thousandths,
            unit: Unit::Count,
        };
        for (comparison, below, equal, above) in [
            (Comparison::AtMost, true, true, false),
            (Comparison::AtLeast, false, true, true),
            (Comparison::Below, true, false, false),
            (Comparison::Above, false, false, true),
            (Comparison::Equals, false, true, false),
        ] {
            let goal = Goal {
                comparison,
                limit: of(5),
            };
            let reached = [4, 5, 6].map(|value| goal.outcome(of(value)) == Outcome::Pass);
            assert_eq!(reached, [below, equal, above], "{goal}");
        }
    }
}
