//! What runs in the container: command, health check, signals, ports.

use crate::lint::rule::Rule;

mod command_not_produced;
mod expose_unused_port;
mod healthcheck_always_true;
mod healthcheck_inherited;
mod healthcheck_port_mismatch;
mod healthcheck_program_missing;
mod package_manager_as_pid1;
mod pid1_ignores_sigterm;
mod shell_as_pid1;
pub(in crate::lint::rules) mod start;

/// By code.
pub(super) const RULES: &[&Rule] = &[
    &package_manager_as_pid1::RULE,
    &shell_as_pid1::RULE,
    &healthcheck_program_missing::RULE,
    &healthcheck_port_mismatch::RULE,
    &healthcheck_inherited::RULE,
    &expose_unused_port::RULE,
    &command_not_produced::RULE,
    &pid1_ignores_sigterm::RULE,
    &healthcheck_always_true::RULE,
];
