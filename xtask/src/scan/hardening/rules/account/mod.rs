//! The accounts that the image lists.

mod duplicate_account;
mod empty_password;
mod home_missing;
mod malformed_account;
mod password_set;
mod second_root;
mod service_login_shell;

use crate::image::accounts::{Password, User};
use crate::scan::hardening::Rule;
use crate::scan::hardening::image::Image;

pub(super) const RULES: &[&Rule] = &[
    &empty_password::RULE,
    &duplicate_account::RULE,
    &malformed_account::RULE,
    &service_login_shell::RULE,
    &password_set::RULE,
    &second_root::RULE,
    &home_missing::RULE,
];

/// Names whose password is of a kind, with the layer that wrote the file it stands in.
fn with_password(image: &Image<'_>, kind: Password) -> Vec<(String, Option<usize>)> {
    let accounts = &image.accounts;
    let in_passwd = accounts.users().filter(|user| user.password == kind);
    let in_shadow = accounts
        .shadow
        .iter()
        .filter(|(_, password)| *password == kind);
    in_passwd
        .map(|user: &User| (user.name.clone(), accounts.passwd_layer()))
        .chain(in_shadow.map(|(name, _)| (name.clone(), accounts.shadow_layer())))
        .collect()
}

/// `` `a`, `b` ``.
fn listed<'n>(names: impl IntoIterator<Item = &'n str>) -> String {
    let quoted: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}
