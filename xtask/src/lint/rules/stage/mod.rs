//! Stages: names, order, use.

use crate::lint::rule::Rule;

mod as_casing;
mod duplicate_stage_name;
mod instruction_before_from;
mod later_stage_used;
mod reserved_stage_name;
mod stage_by_number;
mod stage_name_casing;
mod stage_never_used;

/// By code.
pub(super) const RULES: &[&Rule] = &[
    &duplicate_stage_name::RULE,
    &instruction_before_from::RULE,
    &reserved_stage_name::RULE,
    &stage_never_used::RULE,
    &later_stage_used::RULE,
    &stage_by_number::RULE,
    &as_casing::RULE,
    &stage_name_casing::RULE,
];
