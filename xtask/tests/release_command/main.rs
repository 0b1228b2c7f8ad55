//! The release drill and `docker-rollback`, with a real registry, the real cosign, real compose, and images that were really
//! built, pushed, signed and started.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "helpers of tests fail by panicking, and tell what was skipped"
)]

#[path = "../support/mod.rs"]
mod support;

mod drill;
mod rollback;
#[path = "../trust_command/stage.rs"]
#[expect(dead_code, reason = "every test binary takes its part of it")]
mod stage;
