//! `cargo xtask docker-deploy` as a user runs it: in this repository, and in one that has nothing in common with it.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "helpers of tests fail by panicking, and tell what was skipped"
)]
#![expect(
    clippy::disallowed_methods,
    reason = "a test starts its peers and asks where they are"
)]

mod bad_input;
mod broken;
mod kustomize;
mod operations;
#[path = "../support/peers.rs"]
mod peers;
mod pinning;
mod repository;
mod schemas;
mod shop;
#[path = "../support/mod.rs"]
mod support;

/// What a peer gave, or `None` with the reason printed where it cannot be had; in CI that is a failure.
fn found<T>(peer: Result<T, String>) -> Option<T> {
    match peer {
        Ok(peer) => Some(peer),
        Err(why) => {
            assert!(!support::in_ci(), "cannot run in CI: {why}");
            println!("skipped: {why}");
            None
        }
    }
}
