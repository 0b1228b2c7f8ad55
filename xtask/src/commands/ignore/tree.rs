//! `--tree`: what enters the build, folder by folder, with its weight.

use std::fmt::Write as _;

use crate::context::{Kind, NodeId, NodeSet, Tree, Weights};
use crate::size::Bytes;

/// A folder with more entries shows the heaviest of them.
const MOST_ENTRIES: usize = 50;

/// Draws what a set holds below `root`, `depth` folders deep.
pub(super) fn draw(tree: &Tree, root: NodeId, set: &NodeSet, depth: usize) -> String {
    let weights = Weights::of(tree, set);
    let mut drawing = Drawing {
        tree,
        set,
        weights,
        lines: Vec::new(),
    };
    drawing.line(root, ".", String::new());
    drawing.folder(root, "", depth);
    let widest = |part: fn(&Line) -> &str| {
        let widths = drawing.lines.iter().map(|line| part(line).chars().count());
        widths.max().unwrap_or_default()
    };
    let (bytes, files) = (widest(|line| &line.bytes), widest(|line| &line.files));
    let mut text = String::new();
    for line in &drawing.lines {
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{:>bytes$}  {:>files$}  {}",
            line.bytes, line.files, line.name
        );
    }
    text
}

struct Line {
    bytes: String,
    files: String,
    name: String,
}

struct Drawing<'t> {
    tree: &'t Tree,
    set: &'t NodeSet,
    weights: Weights,
    lines: Vec<Line>,
}

impl Drawing<'_> {
    fn folder(&mut self, folder: NodeId, indent: &str, depth: usize) {
        let tree = self.tree;
        let mut inside: Vec<NodeId> = tree
            .children(folder)
            .filter(|child| self.set.contains(*child))
            .collect();
        let left_out = inside.len().saturating_sub(MOST_ENTRIES);
        if left_out > 0 {
            inside.sort_by_key(|child| std::cmp::Reverse(self.weights.get(*child).bytes));
            inside.truncate(MOST_ENTRIES);
            inside.sort_unstable();
        }
        let last = inside.len();
        for (index, child) in inside.into_iter().enumerate() {
            let is_last = index + 1 == last && left_out == 0;
            let (branch, below) = if is_last {
                ("└── ", "    ")
            } else {
                ("├── ", "│   ")
            };
            let name = match (tree.kind(child), tree.link_target(child)) {
                (Kind::Folder, _) => format!("{}/", tree.name(child)),
                (_, Some(target)) => format!("{} -> {target}", tree.name(child)),
                _ => tree.name(child).to_owned(),
            };
            self.line(child, &name, format!("{indent}{branch}"));
            if tree.kind(child) == Kind::Folder && depth > 1 {
                self.folder(child, &format!("{indent}{below}"), depth - 1);
            }
        }
        if left_out > 0 {
            self.lines.push(Line {
                bytes: String::new(),
                files: String::new(),
                name: format!("{indent}└── … and {left_out} lighter ones"),
            });
        }
    }

    fn line(&mut self, node: NodeId, name: &str, branch: String) {
        let weight = self.weights.get(node);
        let is_folder = self.tree.kind(node) == Kind::Folder;
        self.lines.push(Line {
            bytes: Bytes(weight.bytes).to_string(),
            files: if is_folder {
                super::number(weight.files, "file")
            } else {
                String::new()
            },
            name: branch + &super::listing::visible(name),
        });
    }
}
