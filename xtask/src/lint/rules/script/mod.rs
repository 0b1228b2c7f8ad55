//! Shell text of `RUN`.

use crate::lint::rule::Rule;

mod cd_in_run;
mod command_without_use_in_build;
mod consecutive_runs;
mod curl_and_wget;
mod curl_without_fail;
mod download_piped_to_shell;
mod download_run_unchecked;
mod pipe_without_pipefail;
mod shell_replaced_by_link;
mod sudo_in_run;
mod useradd_with_high_uid;
mod wget_with_progress_bar;

/// By code.
pub(super) const RULES: &[&Rule] = &[
    &command_without_use_in_build::RULE,
    &cd_in_run::RULE,
    &sudo_in_run::RULE,
    &useradd_with_high_uid::RULE,
    &wget_with_progress_bar::RULE,
    &consecutive_runs::RULE,
    &curl_and_wget::RULE,
    &shell_replaced_by_link::RULE,
    &pipe_without_pipefail::RULE,
    &download_piped_to_shell::RULE,
    &download_run_unchecked::RULE,
    &curl_without_fail::RULE,
];
