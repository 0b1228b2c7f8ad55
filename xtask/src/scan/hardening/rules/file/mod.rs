//! Who may do what with files and folders.

mod application_writable;
mod file_capabilities;
mod path_folder_writable;
mod setuid_file;
mod unknown_owner;
mod world_writable;

use crate::scan::hardening::{Rule, Shared};

pub(super) const RULES: &[&Rule] = &[
    &setuid_file::RULE,
    &file_capabilities::RULE,
    &unknown_owner::RULE,
    &application_writable::RULE,
    &path_folder_writable::RULE,
];
pub(super) const SHARED: &[&Shared] = &[&world_writable::SHARED];
