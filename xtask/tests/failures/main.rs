//! What goes wrong ends in the message that helps and the exit code that scripts rely on.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test ends where something it needs fails, and tells how long what took"
)]

mod builds;
mod configuration;
mod engines;
mod fixture;
mod streams;
#[path = "../support/mod.rs"]
mod support;
