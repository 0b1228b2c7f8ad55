//! `--list`: every path, one a line or as JSON.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Serialize;

use crate::context::{NodeSet, Tree};
use crate::error::Result;

#[derive(Serialize)]
struct Document<'p> {
    schema_version: u32,
    paths: &'p [String],
    /// Of contexts that steps take from by name: by folder, from that folder.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    named_contexts: &'p BTreeMap<String, Vec<String>>,
}

/// The paths of a set from the context's root, sorted by their bytes.
pub(super) fn paths(tree: &Tree, context: &camino::Utf8Path, set: &NodeSet) -> Vec<String> {
    let mut paths: Vec<String> = set
        .iter()
        .map(|node| {
            let path = tree.path(node);
            let inside = path.strip_prefix(context).unwrap_or(&path);
            inside.as_str().to_owned()
        })
        .collect();
    paths.sort_unstable();
    paths
}

/// One path a line; those of named contexts below a line that names the folder.
pub(super) fn plain(paths: &[String], named: &BTreeMap<String, Vec<String>>) -> String {
    let mut text = String::new();
    let mut lines = |paths: &[String]| {
        for path in paths {
            text.push_str(&visible(path));
            text.push('\n');
        }
    };
    lines(paths);
    for (root, paths) in named {
        lines(&[String::new(), format!("named context {root}:")]);
        lines(paths);
    }
    text
}

/// A name can hold a line break or a terminal's commands: those are written as escapes.
pub(super) fn visible(name: &str) -> Cow<'_, str> {
    if !name.contains(char::is_control) {
        return name.into();
    }
    let mut text = String::new();
    for character in name.chars() {
        if character.is_control() {
            text.extend(character.escape_default());
        } else {
            text.push(character);
        }
    }
    text.into()
}

/// As data.
pub(super) fn json(paths: &[String], named: &BTreeMap<String, Vec<String>>) -> Result<String> {
    super::json(&Document {
        schema_version: 1,
        paths,
        named_contexts: named,
    })
}
