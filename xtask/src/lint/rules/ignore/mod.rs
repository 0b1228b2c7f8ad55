//! The ignore file itself: what in it says nothing, says it twice, or says something else than is meant.

use crate::lint::rule::Rule;

mod categories;
mod costly_commands;
mod covering;
mod duplicate_ignore_pattern;
mod files;
mod gitignore_habit;
mod ignore_exception_without_effect;
mod ignore_file_not_read;
mod ignore_pattern_names_nothing;
mod ignore_syntax_error;
mod needless_files_not_ignored;
mod needless_rebuild;
mod other_services_copied;
mod oversized_context;
mod secrets_not_ignored;
mod shadowed_ignore_pattern;
mod unneeded_sources_not_ignored;

/// By code.
pub(super) const RULES: &[&Rule] = &[
    &ignore_syntax_error::RULE,
    &duplicate_ignore_pattern::RULE,
    &shadowed_ignore_pattern::RULE,
    &ignore_exception_without_effect::RULE,
    &gitignore_habit::RULE,
    &ignore_file_not_read::RULE,
    &secrets_not_ignored::RULE,
    &needless_files_not_ignored::RULE,
    &unneeded_sources_not_ignored::RULE,
    &other_services_copied::RULE,
    &needless_rebuild::RULE,
    &oversized_context::RULE,
    &ignore_pattern_names_nothing::RULE,
];
