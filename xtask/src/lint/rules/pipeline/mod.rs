//! Pipelines: how workflows build, judge, push and clean up images.

use crate::lint::build_files::github::Job;
use crate::lint::build_files::matrix::combinations;
use crate::lint::rule::Rule;

mod branch_in_tag_without_branch;
mod cache_scope_shared;
mod cache_written_by_pull_request;
mod cleanup_of_unknown_package;
mod cleanup_runs_at_once;
mod fail_fast_while_pushing;
mod image_input_multiline;
mod image_title_shared;
mod job_without_timeout;
mod login_without_push;
mod matrix_misses_dockerfile;
mod platform_emulated;
mod provenance_left_to_default;
mod push_canceled_midway;
mod pushed_without_signature;
mod sarif_category_shared;
mod sarif_upload_from_fork;
mod sarif_upload_without_file;
mod scan_after_push;
mod scan_without_verdict;
mod scanned_image_not_there;
mod schedule_on_the_hour;
mod target_left_to_order;
mod untagged_versions_deleted;

/// By code.
pub(super) const RULES: &[&Rule] = &[
    &branch_in_tag_without_branch::RULE,
    &image_input_multiline::RULE,
    &target_left_to_order::RULE,
    &matrix_misses_dockerfile::RULE,
    &image_title_shared::RULE,
    &cache_scope_shared::RULE,
    &cache_written_by_pull_request::RULE,
    &platform_emulated::RULE,
    &scanned_image_not_there::RULE,
    &scan_after_push::RULE,
    &scan_without_verdict::RULE,
    &sarif_upload_without_file::RULE,
    &sarif_category_shared::RULE,
    &sarif_upload_from_fork::RULE,
    &login_without_push::RULE,
    &provenance_left_to_default::RULE,
    &pushed_without_signature::RULE,
    &push_canceled_midway::RULE,
    &fail_fast_while_pushing::RULE,
    &job_without_timeout::RULE,
    &cleanup_of_unknown_package::RULE,
    &untagged_versions_deleted::RULE,
    &cleanup_runs_at_once::RULE,
    &schedule_on_the_hour::RULE,
];

/// Whether a job becomes several: its matrix has more than one combination, or is only known when it runs.
fn is_many(job: Job<'_>) -> bool {
    job.node.at(&["strategy", "matrix"]).is_some() && combinations(job.node).len() != 1
}
