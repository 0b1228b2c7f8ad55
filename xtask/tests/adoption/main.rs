//! What brings this tool into a repository and keeps it there: `docker-init`, `docker-new`, `docker-check`
//! and `docker-hooks`, as a user runs them.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "helpers of tests fail by panicking, and tell what was skipped"
)]
#![allow(
    clippy::disallowed_methods,
    reason = "the program, git and pre-commit are run as a user runs them"
)]

mod check;
mod hooks;
mod init;
mod new;
mod pre_commit;
mod repository;
#[path = "../support/mod.rs"]
mod support;
