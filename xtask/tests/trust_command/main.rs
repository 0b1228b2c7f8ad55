//! `docker-sign` and `docker-verify` with the real cosign, a real registry, and images that were really built and
//! pushed.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "helpers of tests fail by panicking, and tell what was skipped"
)]

#[path = "../support/mod.rs"]
mod support;

mod keys;
mod push;
mod refused;
mod stage;
mod trusted;
