//! `apk` of Alpine.

use super::RequirementKind;
use super::grammar::{Grammar, Named, is_file, is_path, nothing_more};

pub(super) const GRAMMAR: Grammar = Grammar {
    verbs: &[&["add"]],
    value_options: &[
        "--arch",
        "--cache-dir",
        "--cache-max-age",
        "--keys-dir",
        "--progress-fd",
        "--repositories-file",
        "--repository",
        "--root",
        "--timeout",
        "--virtual",
        "--wait",
    ],
    value_letters: "tXp",
    groups: true,
    read,
    finish: nothing_more,
};

fn read(text: &str) -> Option<Named> {
    // `!name` keeps a package out.
    if text.is_empty() || text.starts_with('!') {
        return None;
    }
    if is_path(text) || is_file(text, &[".apk"]) {
        return Some(Named::other(text, RequirementKind::Path));
    }
    let operator = text.find(['=', '<', '>', '~']);
    Some(Named {
        kind: RequirementKind::Package,
        // `name@tag` is a repository's tag.
        name_end: text.find(['=', '<', '>', '~', '@']).unwrap_or(text.len()),
        constraint: operator,
    })
}
