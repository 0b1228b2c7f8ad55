//! What a command left behind that was run to measure something.

use super::card::{Outcome, Value};

/// A command that was run, or could not be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// How it ended.
    pub ending: Ending,
    /// How long it took, in milliseconds.
    pub milliseconds: u64,
}

/// How a command ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// By itself.
    Exited {
        /// Its exit code.
        code: i32,
        /// What it printed.
        stdout: String,
        /// What it told on the side.
        stderr: String,
    },
    /// A signal ended it.
    Killed {
        /// What it told on the side.
        stderr: String,
    },
    /// It could not be started, or took too long: why, in a lower-case sentence.
    NotRun(String),
}

/// What one piece of evidence came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgment {
    /// Whether the goal is reached.
    pub outcome: Outcome,
    /// What was measured, where it is a number.
    pub value: Option<Value>,
    /// What it consists of.
    pub parts: Vec<super::card::Part>,
    /// One clause: what was seen, or why nothing was.
    pub detail: String,
}

impl Judgment {
    /// Nobody knows, and this is why.
    #[must_use]
    pub fn unknown(why: impl Into<String>) -> Self {
        Self::plain(Outcome::NotMeasured, why)
    }

    /// Without a number.
    #[must_use]
    pub fn plain(outcome: Outcome, detail: impl Into<String>) -> Self {
        Self {
            outcome,
            value: None,
            parts: Vec::new(),
            detail: detail.into(),
        }
    }
}

/// The line that says what went wrong, as short as it can be shown.
pub(super) fn complaint(stderr: &str) -> Option<String> {
    /// More is for the file that keeps all of it.
    const LONGEST: usize = 200;
    let lines = || {
        stderr
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
    };
    let line = lines()
        .find_map(|line| line.strip_prefix("error: "))
        .or_else(|| lines().next_back())?;
    let mut short: String = line.chars().take(LONGEST).collect();
    if short.len() < line.len() {
        short.push('…');
    }
    Some(short)
}

/// `exited with 3: cosign is not installed`.
pub(super) fn told(code: i32, stderr: &str) -> String {
    match complaint(stderr) {
        Some(complaint) => format!("exited with {code}: {complaint}"),
        None => format!("exited with {code}"),
    }
}
