//! Base images: tags, digests, platforms, registries.

use crate::lint::rule::Rule;

mod digest_behind_tag;
mod image_tag_latest;
mod image_without_digest;
mod image_without_tag;
mod invalid_default_in_from;
mod latest_via_argument;
mod pinning;
mod platform_constant;
mod platform_flag;
mod platform_malformed;
mod platform_not_offered;
mod platform_redundant;
mod registry_not_trusted;
mod undeclared_argument_in_from;

/// By code.
pub(super) const RULES: &[&Rule] = &[
    &image_without_tag::RULE,
    &image_tag_latest::RULE,
    &registry_not_trusted::RULE,
    &platform_constant::RULE,
    &platform_redundant::RULE,
    &latest_via_argument::RULE,
    &platform_malformed::RULE,
    &image_without_digest::RULE,
    &digest_behind_tag::RULE,
    &platform_not_offered::RULE,
    &invalid_default_in_from::RULE,
    &undeclared_argument_in_from::RULE,
];
