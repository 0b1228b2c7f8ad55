//! `go install`, `go get`, `go run`.

use super::grammar::{Grammar, Named, is_file};
use super::{Call, Requirement, RequirementKind};

pub(super) const GRAMMAR: Grammar = Grammar {
    verbs: &[&["install"], &["get"], &["run"]],
    value_options: &[
        "-C",
        "-asmflags",
        "-buildmode",
        "-compiler",
        "-covermode",
        "-coverpkg",
        "-exec",
        "-gccgoflags",
        "-gcflags",
        "-installsuffix",
        "-ldflags",
        "-mod",
        "-modfile",
        "-o",
        "-overlay",
        "-p",
        "-pgo",
        "-pkgdir",
        "-tags",
        "-toolexec",
    ],
    value_letters: "",
    groups: false,
    read,
    finish,
};

/// Only a path whose first element has a dot is downloaded: the others are the standard library and this module.
fn read(text: &str) -> Option<Named> {
    if text.is_empty() {
        return None;
    }
    let name_end = text.find('@');
    let name = &text[..name_end.unwrap_or(text.len())];
    let first = name.split('/').next().unwrap_or_default();
    let is_remote = first.contains('.') && !first.starts_with('.') && !is_file(name, &[".go"]);
    let is_unknown = first.contains(['$', '`']);
    Some(if is_remote || is_unknown {
        Named::package(text, name_end)
    } else {
        Named::other(text, RequirementKind::Path)
    })
}

fn finish<'i>(call: &Call<'i>, packages: &mut Vec<Requirement<'i>>) {
    if call.is("run") {
        // What follows is for the program.
        packages.truncate(1);
    }
    for package in packages {
        if package.constraint.as_deref() == Some("@latest") {
            package.pinned = false;
        }
    }
}
