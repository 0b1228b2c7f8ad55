//! What a container starts, listens on and is probed by.

mod command_not_produced;
mod healthcheck_always_true;
mod healthcheck_disabled;
mod healthcheck_missing;
mod healthcheck_program_missing;
mod interpreter_missing;
mod privileged_port;
mod program_not_executable;
mod sensitive_volume;
mod shell_as_pid1;
mod ssh_port;
mod stop_signal_kill;

use crate::image::config::HealthConfig;
use crate::scan::hardening::image::Image;
use crate::scan::hardening::{Rule, Shared};

pub(super) const RULES: &[&Rule] = &[
    &healthcheck_disabled::RULE,
    &ssh_port::RULE,
    &privileged_port::RULE,
    &sensitive_volume::RULE,
    &stop_signal_kill::RULE,
    &program_not_executable::RULE,
    &interpreter_missing::RULE,
];
pub(super) const SHARED: &[&Shared] = &[
    &healthcheck_missing::SHARED,
    &healthcheck_always_true::SHARED,
    &healthcheck_program_missing::SHARED,
    &shell_as_pid1::SHARED,
    &command_not_produced::SHARED,
];

/// How the image is probed; `None` if it is not, or probing is turned off.
fn probe<'a>(image: &Image<'a>) -> Option<&'a HealthConfig> {
    let health = image.settings().healthcheck.as_ref()?;
    let kind = health.test.first()?;
    (kind != "NONE").then_some(health)
}

/// Whether a container of the image is a service: it starts something that is no bare shell.
fn starts_a_service(image: &Image<'_>) -> bool {
    let words = super::super::start::without_launchers(&image.start.words);
    match words {
        [] => false,
        [only] => !super::super::start::is_shell(only),
        _ => true,
    }
}

/// The number of a port such as `3001/tcp`; of a range, its first.
fn port(text: &str) -> Option<u16> {
    let number = text.split('/').next()?;
    number.split('-').next()?.parse().ok()
}
