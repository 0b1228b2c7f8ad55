//! What a project set out to reach, row by row, and how far it is: each goal with what was measured, when, on which
//! commit, and by which command.
//!
//! A row that was not measured says so and why. It is never blank, and never counts as passed.

pub mod card;
pub mod page;

pub use card::{Card, Group, Measured, Outcome, Part, Point, Row, Unit, Value};
