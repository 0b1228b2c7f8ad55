//! The rules, by family. Every family lists its own, by code.

mod account;
mod file;
mod history;
mod origin;
mod secret;
mod start;
mod tool;
mod user;

use super::rule::{Rule, Shared};

/// Every family's rules that only look at images.
pub const RULES: &[&[&Rule]] = &[
    user::RULES,
    file::RULES,
    account::RULES,
    secret::RULES,
    tool::RULES,
    start::RULES,
    history::RULES,
    origin::RULES,
];

/// Every family's parts of rules of the linter.
pub const SHARED: &[&[&Shared]] = &[
    user::SHARED,
    file::SHARED,
    secret::SHARED,
    tool::SHARED,
    start::SHARED,
    history::SHARED,
    origin::SHARED,
];
