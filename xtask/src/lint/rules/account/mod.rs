//! Users and groups: who owns files, who runs the program.

use crate::lint::rule::Rule;

/// By code.
pub(super) const RULES: &[&Rule] = &[];
