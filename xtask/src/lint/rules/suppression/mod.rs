//! The linter's own bookkeeping: comments that keep findings back.

use crate::lint::rule::Rule;

mod inline_suppression;
mod malformed_suppression;
mod unknown_suppression;
mod unused_suppression;

pub(in crate::lint) use inline_suppression::RULE as INLINE_SUPPRESSION;
pub(in crate::lint) use malformed_suppression::RULE as MALFORMED_SUPPRESSION;
pub(in crate::lint) use unknown_suppression::RULE as UNKNOWN_SUPPRESSION;
pub(in crate::lint) use unused_suppression::RULE as UNUSED_SUPPRESSION;

/// By code.
pub(in crate::lint) const RULES: &[&Rule] = &[
    &inline_suppression::RULE,
    &unused_suppression::RULE,
    &unknown_suppression::RULE,
    &malformed_suppression::RULE,
];
