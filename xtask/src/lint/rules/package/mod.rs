//! Package managers.

use crate::lint::rule::Rule;

mod apk_package_without_version;
mod apk_redundant_cache_cleanup;
mod apk_without_no_cache;
mod apt_install_recommends;
mod apt_install_without_update;
mod apt_instead_of_apt_get;
mod apt_key;
mod apt_lists_left;
mod apt_package_without_version;
mod apt_without_yes;
mod cache_mount_and_clean;
mod cache_mount_missing;
mod cleaning;
mod confirmation;
mod deprecated_npm_flag;
mod dnf_cache_left;
mod dnf_package_without_version;
mod dnf_without_yes;
mod gem_without_version;
mod go_package_without_version;
mod moving_tag_in_install;
mod node;
mod npm_install_instead_of_ci;
mod npm_package_without_version;
mod npx_of_unpinned_package;
mod offline_flag_without_cache_mount;
mod options;
mod os_upgrade_in_build;
mod pip_package_without_version;
mod pip_without_no_cache_dir;
mod unknown_cli_flag;
mod unpinned;
mod yarn_cache_left;
mod yum_cache_left;
mod yum_package_without_version;
mod yum_without_yes;
mod zypper_cache_left;
mod zypper_dist_upgrade;
mod zypper_interactive;
mod zypper_package_without_version;

/// By code.
pub(super) const RULES: &[&Rule] = &[
    &apt_package_without_version::RULE,
    &apt_lists_left::RULE,
    &pip_package_without_version::RULE,
    &apt_without_yes::RULE,
    &apt_install_recommends::RULE,
    &npm_package_without_version::RULE,
    &apk_package_without_version::RULE,
    &apk_without_no_cache::RULE,
    &apt_instead_of_apt_get::RULE,
    &gem_without_version::RULE,
    &yum_without_yes::RULE,
    &yum_cache_left::RULE,
    &yum_package_without_version::RULE,
    &zypper_interactive::RULE,
    &zypper_dist_upgrade::RULE,
    &zypper_cache_left::RULE,
    &zypper_package_without_version::RULE,
    &dnf_without_yes::RULE,
    &dnf_cache_left::RULE,
    &dnf_package_without_version::RULE,
    &pip_without_no_cache_dir::RULE,
    &yarn_cache_left::RULE,
    &go_package_without_version::RULE,
    &moving_tag_in_install::RULE,
    &npx_of_unpinned_package::RULE,
    &unknown_cli_flag::RULE,
    &deprecated_npm_flag::RULE,
    &apk_redundant_cache_cleanup::RULE,
    &os_upgrade_in_build::RULE,
    &cache_mount_missing::RULE,
    &offline_flag_without_cache_mount::RULE,
    &apt_install_without_update::RULE,
    &npm_install_instead_of_ci::RULE,
    &cache_mount_and_clean::RULE,
    &apt_key::RULE,
];
