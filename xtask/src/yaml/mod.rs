//! YAML with places: workflows, compose files, other tools' configuration.
//!
//! The documents of a file, or its first, as trees whose every node knows the bytes it was written at. Anchors and merge keys
//! (`<<`) are carried out. Nothing is taken for a number or a date: a scalar is its text, and whether it was quoted.

mod compose;
mod node;

pub use compose::{MAX_DEPTH, MAX_NODES, SyntaxError, parse, parse_all};
pub use node::{Entry, Node, Scalar, Style, Value};

#[cfg(test)]
mod tests;
