//! What runs in the container: command, health check, signals, ports.

use crate::lint::rule::Rule;

mod expose_unused_port;
mod healthcheck_inherited;
mod healthcheck_port_mismatch;
mod package_manager_as_pid1;
mod start;

/// By code.
pub(super) const RULES: &[&Rule] = &[
    &package_manager_as_pid1::RULE,
    &healthcheck_port_mismatch::RULE,
    &healthcheck_inherited::RULE,
    &expose_unused_port::RULE,
];
