//! What the build does again although nothing changed.

use crate::lint::rule::Rule;

mod copy_all;
pub(super) mod installs;
mod sources_copied_before_install;
mod volatile_argument_early;
mod workspace_manifests_missing;

/// By code.
pub(super) const RULES: &[&Rule] = &[
    &sources_copied_before_install::RULE,
    &volatile_argument_early::RULE,
    &copy_all::RULE,
    &workspace_manifests_missing::RULE,
];
