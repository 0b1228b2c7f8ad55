//! What a project set out to reach, row by row, and how far it is: each goal with what was measured, when, on which
//! commit, and by which command.
//!
//! A row that was not measured says so and why. It is never blank, and never counts as passed.

mod assembly;
pub mod badge;
pub mod card;
pub mod definition;
mod evaluation;
mod goal;
pub mod history;
mod keys;
mod pattern;
mod reading;
mod run;
#[cfg(test)]
mod tests;
mod tests_of_cargo;
mod words;

pub use assembly::{Facts, assemble};
pub use card::{Card, Counts, Group, Measured, Outcome, Part, Point, Row, Unit, Value};
pub use definition::{
    CommandDefinition, Definition, Evidence, GroupDefinition, Kind, RowDefinition,
};
pub use evaluation::judge;
pub use goal::{Comparison, Goal};
pub use history::{History, Measurement};
pub use pattern::Pattern;
pub use reading::{Condition, Demand, Reading, Selection, Take};
pub use run::{Ending, Judgment, Run};
pub use words::Words;
