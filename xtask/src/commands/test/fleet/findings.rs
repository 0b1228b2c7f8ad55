//! What was found so far.

use std::time::Instant;

use crate::trial::{Measurement, Outcome, Property, Unit, Verdict};

/// Verdicts and numbers in the order they were found.
pub(super) struct Findings {
    pub(super) verdicts: Vec<Verdict>,
    pub(super) measurements: Vec<Measurement>,
    since: Instant,
}

impl Findings {
    pub(super) fn new() -> Self {
        Self {
            verdicts: Vec::new(),
            measurements: Vec::new(),
            since: Instant::now(),
        }
    }

    /// What follows is timed from now on.
    pub(super) fn begin(&mut self) {
        self.since = Instant::now();
    }

    /// It holds.
    pub(super) fn passed(&mut self, property: &'static Property, detail: impl Into<String>) {
        self.push(property, Outcome::Passed, detail, Vec::new());
    }

    /// It does not hold; `evidence` says why.
    pub(super) fn failed(
        &mut self,
        property: &'static Property,
        detail: impl Into<String>,
        evidence: Vec<String>,
    ) {
        self.push(property, Outcome::Failed, detail, evidence);
    }

    /// There is nothing to be tried.
    pub(super) fn skipped(&mut self, property: &'static Property, why: impl Into<String>) {
        self.push(property, Outcome::Skipped, why, Vec::new());
    }

    /// It cannot be told.
    pub(super) fn unknown(&mut self, property: &'static Property, why: impl Into<String>) {
        self.push(property, Outcome::Unknown, why, Vec::new());
    }

    /// It holds where there is no evidence against it.
    pub(super) fn judged(
        &mut self,
        property: &'static Property,
        good: impl Into<String>,
        bad: impl Into<String>,
        evidence: Vec<String>,
    ) {
        if evidence.is_empty() {
            self.passed(property, good);
        } else {
            self.failed(property, bad, evidence);
        }
    }

    fn push(
        &mut self,
        property: &'static Property,
        outcome: Outcome,
        detail: impl Into<String>,
        evidence: Vec<String>,
    ) {
        self.verdicts.push(Verdict {
            property,
            outcome,
            detail: detail.into(),
            evidence,
            took: self.since.elapsed(),
        });
    }

    /// A time in milliseconds.
    pub(super) fn time(
        &mut self,
        name: &'static str,
        value: std::time::Duration,
        budget: Option<std::time::Duration>,
    ) {
        let milliseconds = |time: std::time::Duration| (time.as_secs_f64() * 1_000.0).round();
        self.measurements.push(Measurement {
            name,
            value: milliseconds(value),
            unit: Unit::Milliseconds,
            budget: budget.map(milliseconds),
        });
    }

    /// A number of things.
    pub(super) fn count(&mut self, name: &'static str, value: usize) {
        self.measurements.push(Measurement {
            name,
            value: f64::from(u32::try_from(value).unwrap_or(u32::MAX)),
            unit: Unit::Count,
            budget: None,
        });
    }
}
