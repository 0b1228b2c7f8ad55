//! Faults that are injected, and what must hold then: nothing is lost, nothing half is left, what is said helps, and the
//! next run works. docs/reliability.md lists them.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a test ends where something it needs fails, tells what was skipped, and keeps hold of what it kills"
)]

mod cases;
mod clock;
mod engine;
mod full_disk;
mod killed;
mod own_engine;
mod read_only;
mod registry;
mod repository;
mod streams;
mod strike;
#[path = "../support/mod.rs"]
mod support;
mod together;
