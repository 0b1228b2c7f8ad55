//! What enters the build: files, ignore patterns, copies of what is not there.

use crate::lint::rule::Rule;

/// By code.
pub(super) const RULES: &[&Rule] = &[];
