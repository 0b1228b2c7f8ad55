//! The page as data: what every format shows.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::size::Bytes;
use crate::timestamp::Timestamp;

/// The version of the JSON shape of [`Card`]; raised when a field changes its meaning or goes away.
pub const SCHEMA_VERSION: u32 = 1;

/// All rows, in the order of the file that names them.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Card {
    /// [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// What it is about, such as the project's name.
    pub title: String,
    /// When it was put together.
    pub generated: Timestamp,
    /// The commit that is checked out, in full.
    pub commit: Option<String>,
    /// The worst of all rows.
    pub outcome: Outcome,
    /// How many rows came out how.
    pub counts: Counts,
    /// Such as acceptance criteria and success metrics.
    pub groups: Vec<Group>,
}

/// How many rows came out how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// The goal is reached.
    pub pass: usize,
    /// The goal is not reached.
    pub fail: usize,
    /// Nobody knows.
    pub not_measured: usize,
}

impl Counts {
    /// Of these rows.
    #[must_use]
    pub fn of<'a>(rows: impl IntoIterator<Item = &'a Row>) -> Self {
        let mut counts = Self::default();
        for row in rows {
            match row.outcome {
                Outcome::Pass => counts.pass += 1,
                Outcome::NotMeasured => counts.not_measured += 1,
                Outcome::Fail => counts.fail += 1,
            }
        }
        counts
    }

    /// Those that came out so.
    #[must_use]
    pub const fn with(self, outcome: Outcome) -> usize {
        match outcome {
            Outcome::Pass => self.pass,
            Outcome::NotMeasured => self.not_measured,
            Outcome::Fail => self.fail,
        }
    }

    /// All rows.
    #[must_use]
    pub const fn all(self) -> usize {
        self.pass + self.fail + self.not_measured
    }

    /// The worst there is: one row that fails is worse than any number that nobody measured. Nothing at all is not
    /// measured.
    #[must_use]
    pub const fn outcome(self) -> Outcome {
        if self.fail > 0 {
            Outcome::Fail
        } else if self.not_measured > 0 || self.pass == 0 {
            Outcome::NotMeasured
        } else {
            Outcome::Pass
        }
    }
}

impl Card {
    /// Counts the rows of `groups`.
    #[must_use]
    pub fn new(
        title: String,
        generated: Timestamp,
        commit: Option<String>,
        groups: Vec<Group>,
    ) -> Self {
        let counts = Counts::of(groups.iter().flat_map(|group| &group.rows));
        Self {
            schema_version: SCHEMA_VERSION,
            title,
            generated,
            commit,
            outcome: counts.outcome(),
            counts,
            groups,
        }
    }

    /// All rows, in order.
    pub fn rows(&self) -> impl Iterator<Item = &Row> {
        self.groups.iter().flat_map(|group| &group.rows)
    }
}

/// Rows under one heading.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Group {
    /// The heading.
    pub name: String,
    /// In the order of the file.
    pub rows: Vec<Row>,
}

/// One goal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    /// Stable, letters, digits, `-` and `_`: what files and command lines call it.
    pub id: String,
    /// The goal as the specification words it.
    pub text: String,
    /// Where the specification says so, such as `Success Metrics, Image Optimization`.
    pub source: String,
    /// What has to be measured for it to hold, such as `at most 150 MB`.
    pub goal: String,
    /// How it came out.
    pub outcome: Outcome,
    /// What was measured, where it is a number.
    pub value: Option<Value>,
    /// What the value consists of, such as one part for each image, largest first. May be empty.
    pub parts: Vec<Part>,
    /// One sentence: what was seen, or why nothing was measured.
    pub detail: String,
    /// What to run to see it again; empty only if nothing can be run.
    pub command: String,
    /// Pages that tell more, from the root.
    pub docs: Vec<String>,
    /// When and on what it was measured; `None` if it never was.
    pub measured: Option<Measured>,
    /// How many commits were made since it was measured, 0 for the one that is checked out; `None` if it never was
    /// measured or nobody knows.
    pub commits_since: Option<u64>,
    /// Earlier measurements and this one, oldest first.
    pub history: Vec<Point>,
}

/// How a row came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The goal is reached.
    Pass,
    /// Nobody knows.
    NotMeasured,
    /// The goal is not reached.
    Fail,
}

impl Outcome {
    /// As people read it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::NotMeasured => "not measured",
            Self::Fail => "FAIL",
        }
    }
}

/// What numbers count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    /// Things.
    Count,
    /// Bytes.
    Bytes,
    /// Thousandths of a second.
    Milliseconds,
    /// Hundredths of a whole.
    Percent,
    /// How many times another value.
    Ratio,
}

/// A number that was measured, in thousandths of its unit: exact, and the same on every machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
pub struct Value {
    /// Thousandths of the unit.
    pub thousandths: i64,
    /// The unit.
    pub unit: Unit,
}

impl fmt::Display for Value {
    /// With its unit, as short as people want it: `149.2 MB`, `1.02 s`, `45.3 %`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let minus = if self.thousandths < 0 { "\u{2212}" } else { "" };
        let amount = self.thousandths.unsigned_abs();
        let text = match self.unit {
            Unit::Bytes => Bytes(amount.div_euclid(1_000)).to_string(),
            Unit::Milliseconds => duration(amount),
            Unit::Percent => format!("{} %", decimal(amount)),
            Unit::Count => decimal(amount),
            Unit::Ratio => format!("{} times", decimal(amount)),
        };
        f.pad(&format!("{minus}{text}"))
    }
}

/// Microseconds in the unit that suits them.
fn duration(microseconds: u64) -> String {
    let hundredths =
        |per_hundredth: u64| microseconds.saturating_add(per_hundredth / 2) / per_hundredth;
    match microseconds {
        0..1_000_000 => format!("{} ms", decimal(microseconds)),
        1_000_000..120_000_000 => {
            let hundredths = hundredths(10_000);
            format!("{}.{:02} s", hundredths / 100, hundredths % 100)
        }
        _ => {
            let seconds = microseconds.saturating_add(500_000) / 1_000_000;
            let (hours, minutes) = (seconds / 3_600, seconds / 60 % 60);
            if hours > 0 {
                format!("{hours} h {minutes:02} min")
            } else {
                format!("{minutes} min {:02} s", seconds % 60)
            }
        }
    }
}

/// Thousandths as a decimal number without zeros at its end.
fn decimal(thousandths: u64) -> String {
    let text = format!("{}.{:03}", thousandths / 1_000, thousandths % 1_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A part of what was measured.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Part {
    /// Such as the image's name.
    pub name: String,
    /// Its share, in the unit of the row.
    pub value: Value,
    /// What this part is held to, where it has a limit of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<Value>,
    /// Why it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Whether the goal holds for it.
    pub outcome: Outcome,
}

/// When and on what something was measured.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Measured {
    /// When.
    pub at: Timestamp,
    /// The commit that was checked out, in full.
    pub commit: Option<String>,
    /// Whether files differed from that commit.
    pub changed: bool,
    /// How long the command ran, in milliseconds.
    pub milliseconds: u64,
}

/// A measurement in the history.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Point {
    /// When and on what.
    pub measured: Measured,
    /// How it came out.
    pub outcome: Outcome,
    /// What was measured, where it is a number.
    pub value: Option<Value>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_shown_with_their_unit() {
        for (thousandths, unit, expected) in [
            (149_200_000_000, Unit::Bytes, "149.2 MB"),
            (0, Unit::Bytes, "0 B"),
            (-1_500_000, Unit::Bytes, "\u{2212}1.5 kB"),
            (12_500, Unit::Milliseconds, "12.5 ms"),
            (1_024_999, Unit::Milliseconds, "1.02 s"),
            (119_996_000, Unit::Milliseconds, "120.00 s"),
            (300_000_000, Unit::Milliseconds, "5 min 00 s"),
            (86_400_000_000, Unit::Milliseconds, "24 h 00 min"),
            (45_300, Unit::Percent, "45.3 %"),
            (100_000, Unit::Percent, "100 %"),
            (6_000, Unit::Count, "6"),
            (1_250, Unit::Ratio, "1.25 times"),
        ] {
            assert_eq!(Value { thousandths, unit }.to_string(), expected);
        }
    }

    #[test]
    fn the_worst_row_counts_and_no_row_is_no_pass() {
        let outcome = |pass, not_measured, fail| {
            let counts = Counts {
                pass,
                fail,
                not_measured,
            };
            counts.outcome()
        };
        assert_eq!(outcome(2, 0, 0), Outcome::Pass);
        assert_eq!(outcome(2, 1, 0), Outcome::NotMeasured);
        assert_eq!(outcome(2, 5, 1), Outcome::Fail);
        assert_eq!(outcome(0, 0, 0), Outcome::NotMeasured);
    }
}
