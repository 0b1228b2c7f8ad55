//! `pip`, however it is called.

use super::RequirementKind;
use super::grammar::{Grammar, Named, is_file, is_path, nothing_more};
use crate::shell::Argument;

pub(super) const GRAMMAR: Grammar = Grammar {
    verbs: &[&["install"]],
    value_options: &[
        "--abi",
        "--build",
        "--build-constraint",
        "--build-option",
        "--cache-dir",
        "--cert",
        "--client-cert",
        "--config-settings",
        "--constraint",
        "--editable",
        "--exists-action",
        "--extra-index-url",
        "--find-links",
        "--global-option",
        "--group",
        "--implementation",
        "--index-url",
        "--install-option",
        "--keyring-provider",
        "--log",
        "--no-binary",
        "--only-binary",
        "--platform",
        "--prefix",
        "--progress-bar",
        "--proxy",
        "--python",
        "--python-version",
        "--report",
        "--requirement",
        "--resume-retries",
        "--retries",
        "--root",
        "--root-user-action",
        "--src",
        "--target",
        "--timeout",
        "--trusted-host",
        "--upgrade-strategy",
        "--use-feature",
        "--use-deprecated",
    ],
    value_letters: "bcCefirt",
    groups: true,
    read,
    finish: nothing_more,
};

/// `pip`, `pip3`, `pip3.11`, `pipx`.
pub(super) fn is_pip(program: &str) -> bool {
    program
        .strip_prefix("pip")
        .is_some_and(|rest| rest == "x" || is_version(rest))
}

/// `python`, `python3`, `python3.11`.
pub(super) fn is_python(program: &str) -> bool {
    program.strip_prefix("python").is_some_and(is_version)
}

fn is_version(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit() || b == b'.')
}

/// Where the arguments of `-m pip` start.
pub(super) fn module_end(arguments: &[Argument]) -> Option<usize> {
    let at = arguments
        .iter()
        .position(|argument| !argument.text.starts_with('-') || argument.text == "-m")?;
    let is_pip = arguments[at].text == "-m" && arguments.get(at + 1)?.text == "pip";
    is_pip.then_some(at + 2)
}

fn read(text: &str) -> Option<Named> {
    if text.is_empty() {
        return None;
    }
    // `name @ address`, `git+https://…@revision`.
    if text.contains("://") {
        let is_repository = ["git+", "hg+", "svn+", "bzr+"]
            .iter()
            .any(|scheme| text.contains(scheme));
        if !is_repository {
            return Some(Named::other(text, RequirementKind::Url));
        }
        let path = text
            .find("://")
            .and_then(|at| text[at + 3..].find('/').map(|slash| at + 3 + slash));
        let revision = path.and_then(|path| text[path..].find('@').map(|at| at + path));
        return Some(Named::repository(text, revision));
    }
    let name_end = text.find(['=', '<', '>', '!', '~', '[', ';', '@', ' ']);
    let name = &text[..name_end.unwrap_or(text.len())];
    let is_archive = is_file(
        text,
        &[".whl", ".zip", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz"],
    );
    if is_path(name) || name.starts_with('.') || name.contains('/') || is_archive {
        return Some(Named::other(text, RequirementKind::Path));
    }
    Some(Named {
        kind: RequirementKind::Package,
        name_end: name_end.unwrap_or(text.len()),
        constraint: text.find(['=', '<', '>', '!', '~', '@']),
    })
}
