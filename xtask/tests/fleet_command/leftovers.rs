//! What was started goes, however a trial ends.

use std::time::Duration;

use crate::shop::{GOOD, Shop};
use crate::support::within;

/// Starts the trial of a fleet, and waits until containers run.
#[expect(
    clippy::disallowed_methods,
    reason = "a test keeps hold of what it starts"
)]
fn started(shop: &Shop) -> std::process::Child {
    shop.fleet(GOOD.compose, "restart = []\n");
    let command = shop.trial();
    let mut program = std::process::Command::new(command.program());
    program.args(command.arguments()).current_dir(shop.root());
    for (name, value) in command.variables() {
        program.env(name, value);
    }
    let null = std::process::Stdio::null;
    let child = program.stdout(null()).stderr(null()).spawn().unwrap();
    within(Duration::from_mins(2), "containers run", || {
        shop.root()
            .join("target/docker-test")
            .exists()
            .then_some(())?;
        let left = shop.left();
        (left.iter().filter(|one| one.starts_with("ps")).count() >= 3).then_some(())
    });
    child
}

#[test]
fn after_control_c_nothing_is_left_and_after_a_kill_the_next_run_removes_it() {
    let Some(shop) = Shop::new() else { return };
    let mut child = started(&shop);
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    let status = child.wait().unwrap();
    assert_eq!(status.code(), Some(130));
    shop.assert_nothing_is_left();

    let mut child = started(&shop);
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(!shop.left().is_empty());
    shop.fleet(
        "services: {web: {image: shop-member}}",
        "kill = []\nrestart = []\n",
    );
    let told = shop.tried();
    assert_eq!(told.code, Some(0), "{}", told.text);
    shop.assert_nothing_is_left();
}
