//! `--tree`: the visible files of an image, drawn with their weight.

use std::fmt::Write as _;

use super::output::bytes;
use crate::image::analysis::{Analysis, Folder};

/// The visible files as a tree, `depth` folders deep, at most `top` entries in each.
pub(super) fn tree(image: &Analysis, depth: usize, top: usize) -> String {
    let mut text = format!("{}  {}\n", bytes(image.folders.bytes), image.name);
    branches(&image.folders, "", depth, top, &mut text);
    text
}

fn branches(folder: &Folder, prefix: &str, depth: usize, top: usize, text: &mut String) {
    if depth == 0 {
        return;
    }
    let shown = folder.children.len().min(top);
    let hidden = &folder.children[shown..];
    for (index, child) in folder.children[..shown].iter().enumerate() {
        let is_last = index + 1 == shown && hidden.is_empty();
        let (branch, below) = if is_last {
            ("└── ", "    ")
        } else {
            ("├── ", "│   ")
        };
        let slash = if child.children.is_empty() { "" } else { "/" };
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{prefix}{branch}{:>9}  {}{slash}",
            bytes(child.bytes),
            child.name
        );
        branches(child, &format!("{prefix}{below}"), depth - 1, top, text);
    }
    if !hidden.is_empty() {
        let sum: u64 = hidden.iter().map(|child| child.bytes).sum();
        let _ = writeln!(text, "{prefix}└── {:>9}  {} more", bytes(sum), hidden.len());
    }
}
