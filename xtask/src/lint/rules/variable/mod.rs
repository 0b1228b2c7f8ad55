//! `ARG` and `ENV`.

use crate::lint::rule::Rule;

mod arg_out_of_stage;
mod arg_shadowed_by_env;
mod env_expands_to_nothing;
mod env_repeats_arg;
mod misspelled_variable;
mod node_flags;
mod node_options_boolean_value;
mod path_overwritten;
mod runtime_variable_not_in_image;
mod unused_arg;
mod well_known;

/// By code.
pub(super) const RULES: &[&Rule] = &[
    &arg_out_of_stage::RULE,
    &runtime_variable_not_in_image::RULE,
    &env_expands_to_nothing::RULE,
    &node_options_boolean_value::RULE,
    &misspelled_variable::RULE,
    &unused_arg::RULE,
    &arg_shadowed_by_env::RULE,
    &env_repeats_arg::RULE,
    &path_overwritten::RULE,
];
