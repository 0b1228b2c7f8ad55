//! What enters the build: files, ignore patterns, copies of what is not there.

use crate::lint::rule::Rule;

mod copy_ignored_file;
mod copy_source_missing;
mod dockerignore_missing;
mod git_folder_copied;
mod ignore_pattern_without_effect;
mod lockfile_not_copied;
mod root_only_ignore_pattern;
mod secret_file_in_context;
mod secret_way;

/// By code.
pub(super) const RULES: &[&Rule] = &[
    &copy_ignored_file::RULE,
    &root_only_ignore_pattern::RULE,
    &secret_file_in_context::RULE,
    &copy_source_missing::RULE,
    &dockerignore_missing::RULE,
    &ignore_pattern_without_effect::RULE,
    &git_folder_copied::RULE,
    &lockfile_not_copied::RULE,
];
