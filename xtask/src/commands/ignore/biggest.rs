//! `--why-big`: what weighs most in a context, and which steps take it.

use std::collections::BTreeSet;

use camino::Utf8PathBuf;
use serde::Serialize;

use crate::context::{BuildContexts, Kind, NodeId, NodeSet, Selection, Tree, Weights};
use crate::error::Result;
use crate::report::table::{Alignment, Table};
use crate::size::Bytes;

/// The heaviest of a view.
#[derive(Serialize)]
pub(super) struct Biggest {
    context: Utf8PathBuf,
    dockerfiles: Vec<Utf8PathBuf>,
    files: usize,
    bytes: u64,
    /// Folders that weigh most, leaving out those whose weight is nearly all in one folder below.
    folders: Vec<Heavy>,
    /// Files that weigh most.
    largest: Vec<Heavy>,
}

/// Something heavy.
#[derive(Serialize)]
struct Heavy {
    path: Utf8PathBuf,
    files: usize,
    bytes: u64,
    /// Of the whole context, from 0 to 1.
    share: f64,
    /// `COPY . .` at apps/api/Dockerfile:12.
    taken_by: Vec<String>,
}

#[derive(Serialize)]
struct Document<'b> {
    schema_version: u32,
    contexts: &'b [Biggest],
}

/// A folder is named instead of one above it that has little more in it.
const NEARLY_ALL: f64 = 0.9;

impl Biggest {
    /// The `top` heaviest folders and files of a set.
    pub(super) fn of(contexts: &BuildContexts, view: usize, set: &NodeSet, top: usize) -> Self {
        let tree = &contexts.tree;
        let seen = &contexts.views[view];
        let weights = Weights::of(tree, set);
        let root = tree.find(&seen.root).unwrap_or(Tree::ROOT);
        let total = weights.get(root);
        let takes = takes(contexts, view);
        let heavy = |node: NodeId| {
            let weight = weights.get(node);
            let path = tree.path(node);
            Heavy {
                path: seen.inside(&path).unwrap_or(&path).to_owned(),
                files: weight.files,
                bytes: weight.bytes,
                share: weight.bytes as f64 / (total.bytes.max(1)) as f64,
                taken_by: takers(tree, &takes, node),
            }
        };
        let heaviest = |mut nodes: Vec<NodeId>| {
            nodes.sort_by_key(|node| (std::cmp::Reverse(weights.get(*node).bytes), *node));
            nodes.truncate(top);
            nodes.into_iter().map(heavy).collect::<Vec<_>>()
        };
        let is_own = |node: &NodeId| {
            let bytes = weights.get(*node).bytes as f64;
            let inside = tree.children(*node);
            let folders = inside.filter(|child| tree.kind(*child) == Kind::Folder);
            bytes > 0.0
                && folders
                    .map(|child| weights.get(child).bytes as f64)
                    .all(|child| child < bytes * NEARLY_ALL)
        };
        let (folders, files): (Vec<NodeId>, Vec<NodeId>) = set
            .iter()
            .partition(|node| tree.kind(*node) == Kind::Folder);
        Self {
            context: seen.root.clone(),
            dockerfiles: seen.dockerfiles.clone(),
            files: total.files,
            bytes: total.bytes,
            folders: heaviest(folders.into_iter().filter(is_own).collect()),
            largest: heaviest(files),
        }
    }
}

/// Every step that takes something from a view, as a message names it.
fn takes(contexts: &BuildContexts, view: usize) -> Vec<(String, Selection)> {
    let seen = &contexts.views[view];
    let mut takes = Vec::new();
    for dockerfile in &seen.dockerfiles {
        let Some(recipe) = contexts.recipes.get(dockerfile) else {
            continue;
        };
        for place in seen.takes(recipe) {
            let step = &recipe.stages[place.stage].steps[place.step];
            let at = &step.location;
            let line = at.source.line_column(at.span.start).line;
            let told = format!("`{}` at {}:{line}", step.text, at.source.path());
            let selection = place.of(&contexts.tree, &seen.view(), &seen.admitted);
            takes.push((told, selection));
        }
    }
    takes
}

fn takers(tree: &Tree, takes: &[(String, Selection)], node: NodeId) -> Vec<String> {
    let takes_any = |selection: &Selection| {
        selection.nodes.contains(node)
            || (tree.kind(node) == Kind::Folder && holds(tree, &selection.nodes, node))
    };
    let names: BTreeSet<&str> = takes
        .iter()
        .filter(|(_, selection)| takes_any(selection))
        .map(|(told, _)| told.as_str())
        .collect();
    names.into_iter().map(str::to_owned).collect()
}

/// Whether a set holds something below a folder.
fn holds(tree: &Tree, set: &NodeSet, folder: NodeId) -> bool {
    tree.children(folder)
        .any(|child| set.contains(child) || holds(tree, set, child))
}

/// As data.
pub(super) fn json(contexts: &[Biggest]) -> Result<String> {
    super::json(&Document {
        schema_version: 1,
        contexts,
    })
}

/// For people.
pub(super) fn plain(contexts: &[Biggest]) -> String {
    tables(contexts, Table::plain)
}

/// For a pull request.
pub(super) fn markdown(contexts: &[Biggest]) -> String {
    tables(contexts, Table::markdown)
}

fn tables(contexts: &[Biggest], write: fn(&Table) -> String) -> String {
    let mut parts = Vec::new();
    for context in contexts {
        let root = match context.context.as_str() {
            "" => ".",
            root => root,
        };
        parts.push(format!(
            "context {root}: {} in {}, for {}\n",
            Bytes(context.bytes),
            super::number(context.files, "file"),
            super::explanation::shortened(&context.dockerfiles)
        ));
        for (title, heavy) in [("folder", &context.folders), ("file", &context.largest)] {
            if !heavy.is_empty() {
                parts.push(write(&table(title, heavy)));
            }
        }
    }
    parts.join("\n")
}

fn table(title: &'static str, heavy: &[Heavy]) -> Table {
    let mut table = Table::new(&[
        ("size", Alignment::Right),
        ("share", Alignment::Right),
        ("files", Alignment::Right),
        (title, Alignment::Left),
        ("taken by", Alignment::Left),
    ]);
    for heavy in heavy {
        let taken = match heavy.taken_by.as_slice() {
            [] => "no step".to_owned(),
            [one] => one.clone(),
            [one, rest @ ..] => format!("{one} and {} more", rest.len()),
        };
        table.row([
            Bytes(heavy.bytes).to_string(),
            format!("{:.0} %", heavy.share * 100.0),
            heavy.files.to_string(),
            super::listing::visible(heavy.path.as_str()).into_owned(),
            taken,
        ]);
    }
    table
}
