//! `gem install`.

use super::grammar::{Grammar, Named, is_file, is_path};
use super::{Call, Requirement, RequirementKind};

pub(super) const GRAMMAR: Grammar = Grammar {
    verbs: &[&["install"], &["i"]],
    value_options: &[
        "--bindir",
        "--build-root",
        "--document",
        "--file",
        "--http-proxy",
        "--install-dir",
        "--platform",
        "--source",
        "--target-rbconfig",
        "--trust-policy",
        "--version",
        "--without",
    ],
    value_letters: "vinpsP",
    groups: true,
    read,
    finish,
};

fn read(text: &str) -> Option<Named> {
    if text.is_empty() {
        return None;
    }
    Some(if is_path(text) || is_file(text, &[".gem"]) {
        Named::other(text, RequirementKind::Path)
    } else {
        Named::package(text, text.find(':'))
    })
}

fn finish<'i>(call: &Call<'i>, packages: &mut Vec<Requirement<'i>>) {
    let Some(version) = call.option_value(&["--version", "-v"]) else {
        return;
    };
    for package in packages {
        if package.constraint.is_none() && package.kind != RequirementKind::Path {
            package.constraint = Some(format!(":{version}").into());
            package.pinned = true;
        }
    }
}
