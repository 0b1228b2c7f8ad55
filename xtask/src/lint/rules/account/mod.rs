//! Users and groups: who owns files, who runs the program.

use crate::lint::rule::Rule;

mod chown_in_own_layer;
mod chown_unknown_user;
mod command_with_unknown_account;
mod names;
mod root_at_run_time;
mod user_not_created;
mod world_writable;

/// By code.
pub(super) const RULES: &[&Rule] = &[
    &user_not_created::RULE,
    &command_with_unknown_account::RULE,
    &chown_unknown_user::RULE,
    &root_at_run_time::RULE,
    &chown_in_own_layer::RULE,
    &world_writable::RULE,
];
