//! The page as data: what every format shows.

use serde::{Deserialize, Serialize};

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
    /// Such as acceptance criteria and success metrics.
    pub groups: Vec<Group>,
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
    /// Stable, lower case with `-`: what files and command lines call it.
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
    /// When and on what it was measured; `None` if it never was.
    pub measured: Option<Measured>,
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

/// A part of what was measured.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Part {
    /// Such as the image's name.
    pub name: String,
    /// Its share, in the unit of the row.
    pub value: Value,
    /// What this part is held to, where it has a limit of its own.
    pub limit: Option<Value>,
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
