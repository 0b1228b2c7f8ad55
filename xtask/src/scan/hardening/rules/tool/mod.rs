//! What an image has that a running service does not need.

mod build_tools;
mod caches;
mod debugger;
mod development_dependency;
mod git_folder;
mod network_tool;
mod package_cache_left;
mod package_manager;
mod privilege_tool;
mod programs;
mod shell;
mod source_map;
mod stray_file;
mod test_files;

use crate::scan::hardening::{Rule, Shared};

pub(super) const RULES: &[&Rule] = &[
    &package_cache_left::RULE,
    &package_manager::RULE,
    &shell::RULE,
    &network_tool::RULE,
    &privilege_tool::RULE,
    &debugger::RULE,
    &development_dependency::RULE,
    &test_files::RULE,
    &source_map::RULE,
    &stray_file::RULE,
];
pub(super) const SHARED: &[&Shared] = &[
    &caches::APT,
    &caches::APK,
    &caches::PIP,
    &caches::YARN,
    &caches::DNF,
    &caches::YUM,
    &caches::ZYPPER,
    &build_tools::SHARED,
    &git_folder::SHARED,
];

/// Whether a file came with a package, a library or documentation: its authors put it there, not who made the image.
pub(super) fn is_of_package(path: &str) -> bool {
    const FOLDERS: [&str; 9] = [
        "node_modules",
        "bower_components",
        "site-packages",
        "dist-packages",
        "vendor",
        "gems",
        ".cargo",
        "rustlib",
        "testdata",
    ];
    const PLACES: [&str; 7] = [
        "usr/share/",
        "usr/lib/",
        "usr/local/share/",
        "usr/local/lib/",
        "lib/",
        "go/pkg/mod/",
        "usr/local/go/",
    ];
    let mut folders = path.split('/');
    folders.next_back();
    PLACES.iter().any(|place| path.starts_with(place))
        || folders.any(|folder| FOLDERS.contains(&folder))
}
