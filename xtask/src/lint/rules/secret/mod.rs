//! Secrets.

use crate::lint::rule::Rule;

mod secret_file_copied;
mod secret_in_arg_or_env;
mod secret_in_run_argument;
mod secret_literal;
mod secret_mount_copied;
mod shapes;

/// By code.
pub(super) const RULES: &[&Rule] = &[
    &secret_in_arg_or_env::RULE,
    &secret_literal::RULE,
    &secret_mount_copied::RULE,
    &secret_file_copied::RULE,
    &secret_in_run_argument::RULE,
];
