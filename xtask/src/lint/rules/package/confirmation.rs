//! Whether `yum` and `dnf` ask.

use super::options;
use crate::lint::packages::Call;
use crate::lint::{Diagnostics, Step};

const ASKING: &[&str] = &[
    "install",
    "reinstall",
    "localinstall",
    "groupinstall",
    "group install",
    "module install",
];

const ANSWERS: &[&str] = &[
    "-y",
    "--assumeyes",
    "--assumeno",
    "--downloadonly",
    "--setopt=assumeyes",
];

/// Reports a call that waits for an answer.
pub(super) fn report(step: Step<'_>, call: &Call<'_>, diagnostics: &mut Diagnostics<'_>) {
    if !call.is_any(ASKING) || options::is_answered(call) || call.has_option(ANSWERS) {
        return;
    }
    let found = diagnostics
        .report(
            options::head(call),
            format!("`{}` waits for an answer", options::spoken(call)),
        )
        .help("add `-y`");
    options::add(found, step, call, "-y");
}
