//! Those who build: workflows, compose files, bake files, package managers of the repository.

use crate::lint::rule::Rule;

/// By code.
pub(super) const RULES: &[&Rule] = &[];
