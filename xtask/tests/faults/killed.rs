//! Commands that write, killed before each call that changes a file.

use crate::cases::{CASES, Case};
use crate::strike::{Strike, can_strike, spread, steps, struck};

/// Steps at which a command is struck, at most.
pub(crate) const MOST: usize = 16;

#[test]
fn whoever_writes_is_killed_at_each_step_and_no_file_is_half() {
    if !can_strike() {
        return;
    }
    for case in &CASES {
        killed(case);
    }
}

fn killed(case: &Case) {
    let begun = (case.prepare)();
    let before = begun.files();
    let undisturbed = begun.copy();
    let (steps, output) = steps(&undisturbed, case.arguments);
    assert!(
        output.success(),
        "{}: {}",
        case.name(),
        crate::repository::said(&output)
    );
    let after = undisturbed.files();
    assert!(steps.len() >= 3, "{}: {steps:?}", case.name());
    let mut kills = 0;
    let chosen = spread(&steps, MOST);
    for step in &chosen {
        let repository = begun.copy();
        let output = struck(&repository, case.arguments, step, Strike::Kill);
        let when = format!("killed before {}", step.shown);
        kills += usize::from(output.code.is_none());
        case.assert_nothing_half(&repository.files(), &before, &after, &when);
        case.assert_next_run_works(&repository, &after, &when);
    }
    // Where a run takes another way than the one that was looked at, it may not come to the step; that is the exception.
    assert!(
        kills * 2 > chosen.len(),
        "{}: {kills} of {}",
        case.name(),
        chosen.len()
    );
    println!(
        "{}: killed {kills} times, at {} of {} steps",
        case.name(),
        chosen.len(),
        steps.len()
    );
}
