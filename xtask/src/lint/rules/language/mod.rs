//! How the text is written: casing, continuations, directives.

use crate::lint::rule::Rule;

mod blank_after_continuation;
mod blank_line_in_continuation;
mod broken_continuation;
mod comment_no_description;
mod directive_too_late;
mod inconsistent_instruction_casing;
mod syntax_error;

/// By code.
pub(super) const RULES: &[&Rule] = &[
    &syntax_error::RULE,
    &directive_too_late::RULE,
    &broken_continuation::RULE,
    &blank_after_continuation::RULE,
    &inconsistent_instruction_casing::RULE,
    &comment_no_description::RULE,
    &blank_line_in_continuation::RULE,
];
