//! What layers hold that nobody needs.

use crate::lint::rule::Rule;

mod binary_copied_without_libraries;
mod build_tools_in_final_stage;
mod copies;
mod copy_hidden_by_later_copy;
mod duplicate_copy;
mod hardcoded_runtime_version;
mod installed_but_not_shipped;
mod remove_in_later_layer;
mod shipped;

/// By code.
pub(super) const RULES: &[&Rule] = &[
    &remove_in_later_layer::RULE,
    &build_tools_in_final_stage::RULE,
    &hardcoded_runtime_version::RULE,
    &binary_copied_without_libraries::RULE,
    &installed_but_not_shipped::RULE,
    &duplicate_copy::RULE,
    &copy_hidden_by_later_copy::RULE,
];
