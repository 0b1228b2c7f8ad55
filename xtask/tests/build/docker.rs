//! Calls that must succeed.

use std::ffi::OsStr;

use xtask::process::{Command, Output};

use crate::support::{Machine, run};

/// Runs to the end, which must be a good one.
pub(crate) fn ok(command: &Command) -> Output {
    let output = run(command);
    assert!(
        output.success(),
        "{} ended with {:?}\n{}\n{}",
        command.display(),
        output.code,
        output.text(),
        output.error_text()
    );
    output
}

/// What `docker` prints.
pub(crate) fn docker<S: AsRef<OsStr>>(
    machine: &Machine,
    arguments: impl IntoIterator<Item = S>,
) -> String {
    ok(&machine.engine.command().args(arguments)).text()
}
