//! `COPY` and `ADD`.

use crate::lint::rule::Rule;

/// By code.
pub(super) const RULES: &[&Rule] = &[];
