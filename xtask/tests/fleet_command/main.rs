//! `docker-test --suite fleet` against real fleets: a good one, ones that are broken in one way each, and what stays
//! behind.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "helpers of tests fail by panicking, and tell what was skipped"
)]

#[path = "../support/mod.rs"]
mod support;

mod broken;
mod leftovers;
mod refused;
mod shop;

use shop::{GOOD, Shop};

#[test]
fn a_good_fleet_passes_everything() {
    let Some(shop) = Shop::new() else { return };
    shop.fleet(GOOD.compose, GOOD.manifest);
    let told = shop.tried();
    told.assert_failed(&[]);
    assert_eq!(told.code, Some(0), "{}", told.text);
    let of = |name: &str| told.outcomes(name);
    for name in [
        "never-healthy",
        "starts-too-early",
        "unreachable-peer",
        "unwell-at-rest",
        "broken-scenario",
        "falls-with-its-peer",
        "hides-a-lost-peer",
        "does-not-recover",
        "loses-requests-on-restart",
        "slow-under-load",
        "breaks-under-burst",
        "dies-with-its-database",
    ] {
        assert!(
            of(name).contains(&"passed".to_owned()),
            "{name}: {:?}\n{}",
            of(name),
            told.text
        );
    }
    shop.assert_nothing_is_left();
}
