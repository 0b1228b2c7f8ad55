//! `COPY` and `ADD`: what is copied, from where, to where.

use crate::lint::rule::Rule;

mod add_instead_of_copy;
mod archive_copied_then_extracted;
mod copy_from_itself;
mod copy_from_unknown_stage;
mod copy_root;
mod multiple_sources_without_slash;
pub(in crate::lint::rules) mod origin;
mod relative_destination_without_workdir;

/// By code.
pub(super) const RULES: &[&Rule] = &[
    &archive_copied_then_extracted::RULE,
    &add_instead_of_copy::RULE,
    &multiple_sources_without_slash::RULE,
    &copy_from_unknown_stage::RULE,
    &copy_from_itself::RULE,
    &relative_destination_without_workdir::RULE,
    &copy_root::RULE,
];
