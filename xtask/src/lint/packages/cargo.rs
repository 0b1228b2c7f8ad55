//! `cargo install`.

use std::borrow::Cow;

use super::grammar::{Grammar, Named};
use super::{Call, Requirement, RequirementKind};

pub(super) const GRAMMAR: Grammar = Grammar {
    verbs: &[&["install"]],
    value_options: &[
        "--bin",
        "--branch",
        "--color",
        "--config",
        "--example",
        "--features",
        "--git",
        "--index",
        "--jobs",
        "--path",
        "--profile",
        "--registry",
        "--rev",
        "--root",
        "--tag",
        "--target",
        "--target-dir",
        "--vers",
        "--version",
    ],
    value_letters: "jFZC",
    groups: true,
    read,
    finish,
};

fn read(text: &str) -> Option<Named> {
    (!text.is_empty() && !text.starts_with('+')).then(|| Named::package(text, text.find('@')))
}

fn finish<'i>(call: &Call<'i>, packages: &mut Vec<Requirement<'i>>) {
    let version = call
        .option_value(&["--version", "--vers"])
        .map(|version| Cow::Owned(format!("@{version}")));
    let revision = call.option_value(&["--rev", "--tag"]);
    for package in packages {
        if call.has_option(&["--path"]) {
            package.kind = RequirementKind::Path;
            package.pinned = true;
        } else if call.has_option(&["--git"]) {
            package.kind = RequirementKind::Repository;
            package.constraint = revision.map(Cow::Borrowed);
            package.pinned = revision.is_some();
        } else if package.constraint.is_none() {
            package.constraint.clone_from(&version);
            package.pinned = version.is_some();
        }
    }
}
