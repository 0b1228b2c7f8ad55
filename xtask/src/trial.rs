//! What a started image must show: properties, how each is judged from what was observed, and the report of a trial.
//!
//! Nothing here starts anything: observations come in as values.

pub mod verdict;

pub use verdict::{Measurement, Outcome, Property, Report, Subject, Suite, Unit, Verdict};
