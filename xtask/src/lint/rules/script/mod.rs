//! Shell text of `RUN`.

use crate::lint::rule::Rule;

/// By code.
pub(super) const RULES: &[&Rule] = &[];
