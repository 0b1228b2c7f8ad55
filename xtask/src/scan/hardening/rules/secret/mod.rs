//! Secrets in settings, history and files.

mod secret_file;
mod secret_in_arg_or_env;
mod secret_in_layer;
mod secret_literal;
mod texts;

use crate::scan::hardening::{Rule, Shared};

pub(super) const RULES: &[&Rule] = &[&secret_in_layer::RULE];
pub(super) const SHARED: &[&Shared] = &[
    &secret_in_arg_or_env::SHARED,
    &secret_literal::SHARED,
    &secret_file::SHARED,
];
