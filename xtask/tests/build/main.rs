//! What issue 2 calls done, on the real engine and a fresh copy of this repository: one command builds, measures and
//! judges seven images; their containers are healthy, hardened and stop at once; nothing is built twice.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test ends where something it needs fails, and tells how long what took"
)]

mod cache;
mod compose;
mod containers;
mod development;
mod docker;
mod hardening;
mod images;
mod repository;
mod sizes;
#[path = "../support/mod.rs"]
mod support;

use std::time::Instant;

use repository::Repository;
use support::Machine;

/// One test, as every phase stands on what the one before left on the engine.
#[test]
fn seven_images_from_one_command() {
    let Some(machine) = Machine::find() else {
        return;
    };
    let repository = Repository::copy(&machine);
    let built = phase("first build", || images::all_are_built(&repository));
    phase("images", || {
        images::hold_what_they_promise(&machine, &repository, &built);
    });
    phase("sizes", || sizes::are_accounted_for(&repository, &built));
    phase("hardening", || {
        hardening::is_as_it_should_be(&machine, &built);
    });
    phase("containers", || {
        containers::run_hardened_and_stop(&machine, &built);
    });
    phase("cache", || {
        cache::nothing_is_built_twice(&repository);
        cache::remove_images(&machine, &built);
    });
    phase("compose", || {
        compose::an_order_goes_through(&machine, &repository);
    });
    phase("development", || {
        development::an_edit_restarts_the_service(&machine, &repository);
    });
}

fn phase<T>(name: &str, work: impl FnOnce() -> T) -> T {
    println!("== {name}");
    let begin = Instant::now();
    let result = work();
    println!("== {name}: {:.1} s", begin.elapsed().as_secs_f64());
    result
}

/// The services with their ports.
const SERVICES: [(&str, u16); 6] = [
    ("api-gateway", 3001),
    ("data-ingestion", 3005),
    ("notification-service", 3006),
    ("order-execution", 3003),
    ("risk-management", 3004),
    ("strategy-engine", 3002),
];
