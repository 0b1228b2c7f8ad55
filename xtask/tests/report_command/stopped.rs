//! Somebody asks to stop while something is measured.

use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process, test_kill_process};

use super::Shop;
use crate::support::within;

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "a test keeps hold of what it sends a signal to"
)]
fn the_command_is_stopped_with_what_it_started_and_nothing_is_recorded() {
    let shop = Shop::new();
    shop.replace(
        "docker/scorecard.toml",
        "program = \"sleep 600\"\nlimit = \"1 second\"",
        "program = \"sh -c 'echo $$ > waits.new; mv waits.new waits; exec sleep 600'\"",
    );
    assert_eq!(
        shop.report(&["--measure", "linted", "--record"]).code,
        Some(0)
    );
    let before = shop.read("docker/scorecard.jsonl");
    let mut report = std::process::Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(["docker-report", "--measure", "sizes", "slow", "--record"])
        .current_dir(shop.root())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let minutes = Duration::from_mins(2);
    let waits = within(minutes, "the slow command", || {
        std::fs::read_to_string(shop.file("waits")).ok()
    });
    let pid = |number: i32| Pid::from_raw(number).unwrap();
    kill_process(pid(i32::try_from(report.id()).unwrap()), Signal::TERM).unwrap();
    assert_eq!(report.wait().unwrap().code(), Some(130));
    let waits = pid(waits.trim().parse().unwrap());
    within(minutes, "the end of what was started", || {
        test_kill_process(waits).err()
    });
    assert_eq!(shop.read("docker/scorecard.jsonl"), before);
}
