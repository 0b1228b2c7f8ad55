//! Those who build: workflows, compose files, bake files, package managers of the repository.

use crate::lint::rule::Rule;

mod action_not_pinned;
mod base_not_published_on_pr;
mod build_arg_multiline;
mod build_arg_not_declared;
mod build_tool_pruned_in_base;
mod compose_dockerfile_missing;
mod compose_target_missing;
mod image_input_not_in_paths;
mod lockfile_manager_mismatch;
mod matrix_dockerfile_missing;
mod path_filter;

/// By code.
pub(super) const RULES: &[&Rule] = &[
    &lockfile_manager_mismatch::RULE,
    &build_tool_pruned_in_base::RULE,
    &build_arg_not_declared::RULE,
    &build_arg_multiline::RULE,
    &base_not_published_on_pr::RULE,
    &matrix_dockerfile_missing::RULE,
    &image_input_not_in_paths::RULE,
    &action_not_pinned::RULE,
    &compose_dockerfile_missing::RULE,
    &compose_target_missing::RULE,
];
