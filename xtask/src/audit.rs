//! The audit trail: what was built, scanned, signed, verified, pushed and deployed, when, by whom, of which commit, with
//! which verdict. Entries are chained by their hashes, so that a change, a removal, an insertion or another order shows.
//!
//! All of it is pure: `trail` keeps the file.

pub mod canonical;
mod chain;
mod entry;
mod filter;
mod findings;

pub use chain::{Anchor, Chain, Problem, ProblemKind, Summary};
pub use entry::{
    Action, Actor, Check, Draft, Entry, FIRST_PREVIOUS, Head, Image, LONGEST_LINE, Line, Outcome,
    SCHEMA_VERSION, Source, read_end,
};
pub use filter::Filter;
pub use findings::findings;
