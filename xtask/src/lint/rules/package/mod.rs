//! Package managers.

use crate::lint::rule::Rule;

mod apk_package_without_version;
mod apk_without_no_cache;
mod apt_install_recommends;
mod apt_instead_of_apt_get;
mod apt_package_without_version;
mod apt_without_yes;
mod confirmation;
mod dnf_package_without_version;
mod dnf_without_yes;
mod gem_without_version;
mod go_package_without_version;
mod npm_package_without_version;
mod options;
mod pip_package_without_version;
mod pip_without_no_cache_dir;
mod unpinned;
mod yum_package_without_version;
mod yum_without_yes;
mod zypper_dist_upgrade;
mod zypper_interactive;
mod zypper_package_without_version;

/// By code.
pub(super) const RULES: &[&Rule] = &[
    &apt_package_without_version::RULE,
    &pip_package_without_version::RULE,
    &apt_without_yes::RULE,
    &apt_install_recommends::RULE,
    &npm_package_without_version::RULE,
    &apk_package_without_version::RULE,
    &apk_without_no_cache::RULE,
    &apt_instead_of_apt_get::RULE,
    &gem_without_version::RULE,
    &yum_without_yes::RULE,
    &yum_package_without_version::RULE,
    &zypper_interactive::RULE,
    &zypper_dist_upgrade::RULE,
    &zypper_package_without_version::RULE,
    &dnf_without_yes::RULE,
    &dnf_package_without_version::RULE,
    &pip_without_no_cache_dir::RULE,
    &go_package_without_version::RULE,
];
