//! What was measured before: a file that is committed, one measurement a line, its order always the same.

use serde::{Deserialize, Serialize};

use super::card::{Measured, Outcome, Part, Point, Value};
use super::run::Judgment;
use crate::error::{Error, Result};
use crate::source::{Source, Span};
use crate::timestamp::Timestamp;

/// Raised when a field changes its meaning or goes away.
pub const SCHEMA_VERSION: u32 = 1;
/// The largest file that is read, in bytes.
pub const MAX_BYTES: u64 = 32 * 1024 * 1024;
/// How many measurements of a row are kept: the newest.
pub const MOST: usize = 100;

/// The first line.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Head {
    schema_version: u32,
}

/// One measurement of one row.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Measurement {
    /// The row.
    pub row: String,
    /// When.
    pub at: Timestamp,
    /// The commit that was checked out, in full; none outside of a repository.
    pub commit: Option<String>,
    /// Whether files differed from that commit, the history itself aside.
    pub changed: bool,
    /// How long its commands ran, in milliseconds.
    pub milliseconds: u64,
    /// What it was held to: the fingerprint of the row.
    pub definition: String,
    /// How it came out.
    pub outcome: Outcome,
    /// What was measured, where it is a number.
    pub value: Option<Value>,
    /// What was seen, or why nothing was.
    pub detail: String,
    /// What it consists of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Part>,
}

impl Measurement {
    /// What was measured of a row.
    #[must_use]
    pub fn new(row: &str, definition: &str, measured: Measured, judgment: Judgment) -> Self {
        Self {
            row: row.to_owned(),
            at: measured.at,
            commit: measured.commit,
            changed: measured.changed,
            milliseconds: measured.milliseconds,
            definition: definition.to_owned(),
            outcome: judgment.outcome,
            value: judgment.value,
            detail: judgment.detail,
            parts: judgment.parts,
        }
    }

    /// When and on what.
    #[must_use]
    pub fn measured(&self) -> Measured {
        Measured {
            at: self.at,
            commit: self.commit.clone(),
            changed: self.changed,
            milliseconds: self.milliseconds,
        }
    }

    /// As a point of the history that is shown.
    #[must_use]
    pub fn point(&self) -> Point {
        Point {
            measured: self.measured(),
            outcome: self.outcome,
            value: self.value,
        }
    }

    /// Whether `other` is of the same files, so that one of the two is enough.
    fn is_of_the_same(&self, other: &Self) -> bool {
        let of = |one: &Self| {
            (
                one.row.clone(),
                one.commit.clone(),
                one.changed,
                one.definition.clone(),
            )
        };
        self.commit.is_some() && of(self) == of(other)
    }
}

/// All measurements: by row, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History(Vec<Measurement>);

impl History {
    /// Reads the file.
    ///
    /// # Errors
    /// A line is no measurement, or the file is of a later version: with line and column. It must not be overwritten
    /// then.
    pub fn parse(source: &Source) -> Result<Self> {
        let mut measurements = Vec::new();
        let mut start = 0;
        let broken = |at: usize, why: String| {
            Error::usage("the history of measurements cannot be read")
                .because(why)
                .at(source.location(Span::new(at, at)))
        };
        for (index, line) in source.text().split_inclusive('\n').enumerate() {
            let at = start;
            start += line.len();
            if ["<<<<<<<", "=======", ">>>>>>>", "|||||||"]
                .iter()
                .any(|mark| line.starts_with(mark))
            {
                return Err(broken(at, "two branches changed it, and git could not merge them".to_owned())
                    .help("keep the lines of both sides: the next `docker-report --measure --record` puts them in order"));
            }
            let unreadable = |error: serde_json::Error| {
                let column = error
                    .column()
                    .saturating_sub(1)
                    .min(line.len().saturating_sub(1));
                broken(source.offset(index + 1, column + 1), error.to_string())
                    .help("restore it from git; or remove it to begin anew, which gives up what was measured")
            };
            if index == 0 {
                let head: Head = serde_json::from_str(line).map_err(unreadable)?;
                if head.schema_version != SCHEMA_VERSION {
                    let version = head.schema_version;
                    let why = format!(
                        "it is of version {version}, and this program reads {SCHEMA_VERSION}"
                    );
                    return Err(broken(at, why).help("use the version of this tool that wrote it"));
                }
            } else {
                measurements.push(serde_json::from_str(line).map_err(unreadable)?);
            }
        }
        let mut history = Self(measurements);
        history.put_in_order();
        Ok(history)
    }

    /// With these measurements besides. Of those of the same files the newest is kept.
    pub fn add(&mut self, measurements: impl IntoIterator<Item = Measurement>) {
        self.0.extend(measurements);
        self.put_in_order();
    }

    /// Without rows that are gone.
    pub fn retain(&mut self, is_there: impl Fn(&str) -> bool) {
        self.0.retain(|measurement| is_there(&measurement.row));
    }

    /// The measurements of a row, oldest first.
    #[must_use]
    pub fn of(&self, row: &str) -> &[Measurement] {
        let start = self.0.partition_point(|one| one.row.as_str() < row);
        let end = self.0.partition_point(|one| one.row.as_str() <= row);
        &self.0[start..end]
    }

    /// Each commit that something was measured on, once.
    #[must_use]
    pub fn commits(&self) -> Vec<&str> {
        let commits = self.0.iter().filter_map(|one| one.commit.as_deref());
        let mut commits: Vec<&str> = commits.collect();
        commits.sort_unstable();
        commits.dedup();
        commits
    }

    /// The file's text.
    #[must_use]
    pub fn text(&self) -> String {
        // Plain data always serializes.
        let head = serde_json::to_string(&Head {
            schema_version: SCHEMA_VERSION,
        });
        let lines = self.0.iter().map(serde_json::to_string);
        std::iter::once(head)
            .chain(lines)
            .map(|line| line.unwrap_or_default() + "\n")
            .collect()
    }

    fn put_in_order(&mut self) {
        // Those of one second stay in the order in which they were made.
        self.0
            .sort_by(|a, b| a.row.cmp(&b.row).then_with(|| a.at.cmp(&b.at)));
        let mut kept: Vec<Measurement> = Vec::new();
        // The newest first, so that it is the one that stays.
        for measurement in std::mem::take(&mut self.0).into_iter().rev() {
            let of_row = kept
                .iter()
                .rev()
                .take_while(|one| one.row == measurement.row);
            let (mut count, mut known) = (0, false);
            for one in of_row {
                count += 1;
                known |= one.is_of_the_same(&measurement);
            }
            if !known && count < MOST {
                kept.push(measurement);
            }
        }
        kept.reverse();
        self.0 = kept;
    }
}

#[cfg(test)]
#[path = "history/tests.rs"]
mod tests;
