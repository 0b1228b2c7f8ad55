//! What goes wrong ends in the message that helps and the exit code that scripts rely on.
#![expect(
    clippy::unwrap_used,
    reason = "a test ends where something it needs fails"
)]

mod builds;
mod configuration;
mod engines;
mod fixture;
mod streams;
#[path = "../support/mod.rs"]
mod support;
