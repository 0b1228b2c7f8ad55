//! `user:group`, and who may have been meant.

use crate::lint::{Account, Known, Moment};

/// The two sides of `user:group`.
pub(super) fn split(owner: &str) -> (&str, Option<&str>) {
    match owner.split_once(':') {
        Some((user, group)) => (user, Some(group)),
        None => (owner, None),
    }
}

/// A number needs no account.
pub(super) fn is_number(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_digit())
}

/// There is surely no user of this name.
pub(super) fn lacks_user(moment: Moment<'_>, name: &str) -> bool {
    is_name(name) && moment.has_user(name) == Known::Yes(false)
}

/// There is surely no group of this name.
pub(super) fn lacks_group(moment: Moment<'_>, name: &str) -> bool {
    is_name(name) && moment.has_group(name) == Known::Yes(false)
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && !is_number(name) && !name.contains(['$', '`', '*', '%'])
}

/// The one user (or group) that was created, if there is exactly one.
pub(super) fn only_created(moment: Moment<'_>, group: bool) -> Option<&Account> {
    let mut created = moment
        .created_accounts()
        .into_iter()
        .filter(|account| account.is_group == group);
    let first = created.next()?;
    created
        .all(|other| other.name == first.name)
        .then_some(first)
}

/// "the user that was created is called `x`", or what else to do.
pub(super) fn advice(moment: Moment<'_>, name: &str, group: bool) -> String {
    let kind = if group { "group" } else { "user" };
    let other = if group { "user" } else { "group" };
    let accounts = moment.created_accounts();
    let is_other = accounts
        .iter()
        .any(|account| account.is_group != group && account.name == name);
    match only_created(moment, group) {
        Some(account) if is_other => format!(
            "`{name}` is a {other}; the {kind} that was created is called `{}`",
            account.name
        ),
        Some(account) => format!("the {kind} that was created is called `{}`", account.name),
        None => format!("create the {kind} before, or use its number"),
    }
}
