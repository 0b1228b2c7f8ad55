//! What runs in the container: command, health check, signals, ports.

use crate::lint::rule::Rule;

/// By code.
pub(super) const RULES: &[&Rule] = &[];
