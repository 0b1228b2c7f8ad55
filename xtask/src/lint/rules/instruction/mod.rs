//! Single instructions: their forms, their number, their place.

use crate::lint::rule::Rule;

mod workdir_not_absolute;

/// By code.
pub(super) const RULES: &[&Rule] = &[&workdir_not_absolute::RULE];
