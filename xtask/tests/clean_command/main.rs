//! `docker-clean` against a real registry with images that were really built, signed and pushed, and against a server
//! that tells of the same images as GitHub's packages API does.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "helpers of tests fail by panicking, and tell what was skipped"
)]

#[path = "../support/mod.rs"]
mod support;

mod faults;
mod github;
mod history;
mod interrupted;
mod network;
mod races;
mod registries;
mod stage;
