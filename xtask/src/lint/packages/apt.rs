//! `apt-get` and its relatives.

use super::RequirementKind;
use super::grammar::{Grammar, Named, is_file, is_path, nothing_more};

pub(super) const GRAMMAR: Grammar = Grammar {
    verbs: &[&["install"], &["reinstall"], &["satisfy"]],
    value_options: &[
        "--config-file",
        "--default-release",
        "--host-architecture",
        "--option",
        "--solver",
        "--target-release",
    ],
    value_letters: "otca",
    groups: true,
    read,
    finish: nothing_more,
};

fn read(text: &str) -> Option<Named> {
    if text.is_empty() || text.ends_with('-') {
        // `name-` removes a package.
        return None;
    }
    if is_path(text) || is_file(text, &[".deb"]) {
        return Some(Named::other(text, RequirementKind::Path));
    }
    let end = text
        .bytes()
        .position(|byte| matches!(byte, b':' | b'=' | b'/'));
    Some(Named {
        kind: RequirementKind::Package,
        // `name:architecture`, `name=version`, `name/release`.
        name_end: end.unwrap_or(text.len()),
        constraint: end.and_then(|end| {
            let rest = &text[end..];
            let more = rest.bytes().position(|byte| matches!(byte, b'=' | b'/'))?;
            Some(end + more)
        }),
    })
}
