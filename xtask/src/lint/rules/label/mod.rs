//! Labels.

use crate::lint::rule::Rule;

mod empty_label;
mod invalid_label_key;
mod label_not_email;
mod label_not_git_hash;
mod label_not_rfc3339;
mod label_not_semver;
mod label_not_spdx;
mod label_not_url;
mod labels;
mod required_label_missing;
mod superfluous_label;

/// By code.
pub(super) const RULES: &[&Rule] = &[
    &invalid_label_key::RULE,
    &required_label_missing::RULE,
    &superfluous_label::RULE,
    &empty_label::RULE,
    &label_not_url::RULE,
    &label_not_rfc3339::RULE,
    &label_not_spdx::RULE,
    &label_not_git_hash::RULE,
    &label_not_semver::RULE,
    &label_not_email::RULE,
];
