//! Who a container runs as.

mod last_user_root;
mod root_at_run_time;
mod root_group;
mod user_not_created;
mod user_not_numeric;

use crate::scan::hardening::{Rule, Shared};

pub(super) const RULES: &[&Rule] = &[&root_group::RULE];
pub(super) const SHARED: &[&Shared] = &[
    &last_user_root::SHARED,
    &root_at_run_time::SHARED,
    &user_not_created::SHARED,
    &user_not_numeric::SHARED,
];
