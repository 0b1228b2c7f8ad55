//! What the own instructions did.

mod add_instead_of_copy;
mod os_upgrade;
mod remote_add;
mod sudo;
mod unverified_download;
mod update_alone;

use crate::scan::hardening::files::ending;
use crate::scan::hardening::history::HistoryStep;
use crate::scan::hardening::image::Image;
use crate::scan::hardening::{Rule, Shared};

pub(super) const RULES: &[&Rule] = &[
    &remote_add::RULE,
    &update_alone::RULE,
    &unverified_download::RULE,
];
pub(super) const SHARED: &[&Shared] = &[
    &add_instead_of_copy::SHARED,
    &os_upgrade::SHARED,
    &sudo::SHARED,
];

/// The instructions that are not the base image's.
fn own<'i>(image: &'i Image<'_>) -> impl Iterator<Item = &'i HistoryStep> {
    image.history.iter().filter(|step| image.is_own_step(step))
}

/// The sources of an `ADD`, as builders write them, without options and destination.
fn added(step: &HistoryStep) -> Vec<&str> {
    if step.keyword != "ADD" {
        return Vec::new();
    }
    let mut words: Vec<&str> = step
        .text
        .split_whitespace()
        .filter(|word| !word.starts_with("--"))
        .collect();
    words.pop();
    // The older builder: `file:4711… in /app`.
    words.retain(|word| *word != "in");
    words
}

/// Whether a source is a repository of git: by its form, as builders know it.
fn is_repository(source: &str) -> bool {
    source.starts_with("git@") || source.contains(".git#") || ending(source) == "git"
}

fn is_url(source: &str) -> bool {
    ["http://", "https://", "ftp://"]
        .iter()
        .any(|scheme| source.starts_with(scheme))
}
