//! What enters each image: sent, taken by which step, in the image or seen by the build alone, taken by nobody.

use std::collections::HashMap;
use std::fmt::Write as _;

use camino::{Utf8Path, Utf8PathBuf};
use serde::Serialize;

use super::subjects::Subjects;
use crate::context::{
    BuildContexts, Change, ChangeKind, ContextView, Flow, From, Image, Kind, NodeSet, Recipe, Tree,
    Verdict, flow_across,
};
use crate::report::table::{Alignment, Table};
use crate::size::Bytes;

/// What enters one image.
#[derive(Serialize)]
pub(super) struct ImageCoverage {
    image: String,
    stage: String,
    dockerfile: Utf8PathBuf,
    context: Utf8PathBuf,
    ignore_file: Option<Utf8PathBuf>,
    /// What the ignore file lets through.
    admitted: Amount,
    /// What `BuildKit` asks for, of that.
    sent: Amount,
    /// In a layer of the image.
    in_image: Amount,
    /// Perhaps in a layer of the image: a source or destination is not known.
    maybe_in_image: Amount,
    /// In a layer of the image, removed by a later one.
    hidden: Amount,
    /// Taken by a step, and not in the image.
    build_only: Amount,
    /// Let through, and taken by no step of this image.
    unused: Amount,
    takes: Vec<TakeCoverage>,
}

/// What a context lets through of what no context should hold.
#[derive(Serialize)]
pub(super) struct ContextCoverage {
    context: Utf8PathBuf,
    /// Steps take from it by name (`--from`); it is no Dockerfile's own context.
    named: bool,
    ignore_file: Option<Utf8PathBuf>,
    dockerfiles: Vec<Utf8PathBuf>,
    /// Let through, and taken by no step of any Dockerfile that is looked at.
    unused: Amount,
    categories: Vec<CategoryCoverage>,
    /// What has changed of what enters, since the commit that was named.
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<Vec<ChangedPath>>,
}

#[derive(Serialize)]
struct ChangedPath {
    path: Utf8PathBuf,
    change: &'static str,
}

#[derive(Serialize)]
struct CategoryCoverage {
    name: &'static str,
    verdict: &'static str,
    /// Patterns that are missing, each with a path that would enter.
    open: Vec<OpenPattern>,
    /// What enters now.
    leaks: Vec<LeakCoverage>,
}

#[derive(Serialize)]
struct OpenPattern {
    pattern: &'static str,
    example: Utf8PathBuf,
}

#[derive(Serialize)]
struct LeakCoverage {
    path: Utf8PathBuf,
    #[serde(flatten)]
    amount: Amount,
}

/// Files and links with their size.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Amount {
    files: usize,
    bytes: u64,
}

/// What one step takes.
#[derive(Serialize)]
struct TakeCoverage {
    dockerfile: Utf8PathBuf,
    line: usize,
    stage: String,
    instruction: String,
    /// A source is not known: it takes at most this.
    at_most: bool,
    #[serde(flatten)]
    amount: Amount,
}

impl Amount {
    fn of(tree: &Tree, set: &NodeSet) -> Self {
        let files = set.iter().filter(|node| tree.kind(*node) != Kind::Folder);
        files.fold(Self::default(), |sum, node| Self {
            files: sum.files + 1,
            bytes: sum.bytes + tree.bytes(node),
        })
    }

    fn told(self) -> String {
        if self.files == 0 {
            return "-".to_owned();
        }
        format!(
            "{} in {}",
            Bytes(self.bytes),
            super::number(self.files, "file")
        )
    }
}

impl std::ops::Sub for Amount {
    type Output = Self;

    fn sub(self, less: Self) -> Self {
        Self {
            files: self.files - less.files,
            bytes: self.bytes - less.bytes,
        }
    }
}

/// Amounts of sets that are near to what a view lets through: that is counted once for all images that share it.
struct Amounts<'c> {
    tree: &'c Tree,
    admitted: &'c NodeSet,
    all: Amount,
}

impl<'c> Amounts<'c> {
    fn new(contexts: &'c BuildContexts, view: usize) -> Self {
        let (tree, admitted) = (&contexts.tree, &contexts.views[view].admitted);
        Self {
            tree,
            admitted,
            all: Amount::of(tree, admitted),
        }
    }

    fn of(&self, set: &NodeSet) -> Amount {
        if set == self.admitted {
            self.all
        } else {
            Amount::of(self.tree, set)
        }
    }

    /// All but what is in `taken`.
    fn without(&self, mut taken: NodeSet) -> Amount {
        taken.keep_common(self.admitted);
        self.all - self.of(&taken)
    }
}

/// No more changed files are named to people.
const MOST_CHANGES: usize = 20;

/// Follows what enters every image that is looked at.
pub(super) fn of(looked: &Subjects) -> Vec<ImageCoverage> {
    let contexts = &looked.contexts;
    let mut images = Vec::new();
    let mut amounts: HashMap<usize, Amounts<'_>> = HashMap::new();
    for subject in &looked.images {
        let (Some(view), Some(recipe)) = (
            contexts.view_of(&subject.dockerfile),
            contexts.recipes.get(&subject.dockerfile),
        ) else {
            continue;
        };
        for &target in &subject.targets {
            let image = Image {
                name: &subject.name,
                recipe,
                target,
            };
            let amounts = amounts.entry(view);
            let amounts = amounts.or_insert_with(|| Amounts::new(contexts, view));
            images.push(one(contexts, view, &image, amounts));
        }
    }
    images
}

/// Where what enters an image ends up.
pub(super) fn follow(contexts: &BuildContexts, image: &Image<'_>) -> Flow {
    let given = |dockerfile: &Utf8Path, from: &From| contexts.given(dockerfile, from);
    flow_across(&contexts.tree, &given, &contexts.recipes, image)
}

fn one(
    contexts: &BuildContexts,
    view: usize,
    image: &Image<'_>,
    amounts: &Amounts<'_>,
) -> ImageCoverage {
    let Recipe {
        dockerfile, stages, ..
    } = image.recipe;
    let tree = &contexts.tree;
    let seen = &contexts.views[view];
    let flow = follow(contexts, image);
    let amount = |set: &NodeSet| amounts.of(set);
    let sent = contexts.sent(dockerfile, &[image.target]);
    let takes = flow.takes.iter().filter_map(|take| {
        let stage = contexts
            .recipes
            .get(&take.stage.dockerfile)?
            .stages
            .get(take.stage.stage)?;
        let step = stage.steps.get(take.step)?;
        let at = &step.location;
        Some(TakeCoverage {
            dockerfile: at.source.path().to_owned(),
            line: at.source.line_column(at.span.start).line,
            stage: stage.name.clone(),
            instruction: step.text.clone(),
            at_most: take.is_unknown,
            amount: amount(&take.nodes),
        })
    });
    ImageCoverage {
        image: image.name.to_owned(),
        stage: stages
            .get(image.target)
            .map_or_else(String::new, |stage| stage.name.clone()),
        dockerfile: dockerfile.clone(),
        context: seen.root.clone(),
        ignore_file: seen.ignore.as_ref().map(crate::context::IgnoreFile::path),
        admitted: amount(&seen.admitted),
        sent: sent.map(|sent| amount(&sent)).unwrap_or_default(),
        in_image: amount(&flow.in_image),
        maybe_in_image: amount(&flow.maybe_in_image),
        hidden: amount(&flow.hidden),
        build_only: amount(&flow.build_only(tree)),
        unused: amounts.without(flow.used(tree)),
        takes: takes.collect(),
    }
}

/// What each context that is looked at lets through.
pub(super) fn of_contexts(looked: &Subjects, since: Option<&[Change]>) -> Vec<ContextCoverage> {
    let contexts = &looked.contexts;
    let tree = &contexts.tree;
    let one = |index: usize| {
        let view = &contexts.views[index];
        let mut used = NodeSet::none(tree);
        for dockerfile in &view.dockerfiles {
            let recipe = contexts.recipes.get(dockerfile).into_iter();
            for place in recipe.flat_map(|recipe| view.takes(recipe)) {
                let taken = contexts.selection(index, &place);
                used.insert_all(&taken.nodes);
            }
        }
        let categories = contexts
            .coverage(index)
            .iter()
            .map(|found| CategoryCoverage {
                name: found.category.name,
                verdict: match found.verdict {
                    Verdict::Covered => "covered",
                    Verdict::Absent => "absent",
                    Verdict::Partly => "partly",
                    Verdict::NotCovered => "not covered",
                },
                open: found
                    .open
                    .iter()
                    .map(|open| OpenPattern {
                        pattern: open.pattern,
                        example: open.example.clone(),
                    })
                    .collect(),
                leaks: found
                    .leaks
                    .iter()
                    .map(|leak| LeakCoverage {
                        path: tree.path(leak.node),
                        amount: Amount {
                            files: leak.files,
                            bytes: leak.bytes,
                        },
                    })
                    .collect(),
            });
        ContextCoverage {
            context: view.root.clone(),
            named: view.from != From::Context,
            ignore_file: view.ignore.as_ref().map(crate::context::IgnoreFile::path),
            dockerfiles: view.dockerfiles.clone(),
            unused: Amounts::new(contexts, index).without(used),
            categories: categories.collect(),
            since: since.map(|changes| changed(view, changes)),
        }
    };
    looked
        .by_view(true)
        .into_iter()
        .map(|(index, _)| one(index))
        .collect()
}

/// The changes of what a view lets through.
fn changed(view: &ContextView, changes: &[Change]) -> Vec<ChangedPath> {
    let enters = |change: &&Change| {
        let patterns = view.ignore.as_ref().map(|ignore| &ignore.patterns);
        view.inside(&change.path)
            .is_some_and(|path| patterns.is_none_or(|patterns| !patterns.decide(path).ignored))
    };
    let changes = changes.iter().filter(enters);
    changes
        .map(|change| ChangedPath {
            path: change.path.clone(),
            change: match change.kind {
                ChangeKind::Added => "added",
                ChangeKind::Removed => "removed",
                ChangeKind::Edited => "edited",
                ChangeKind::Mode => "mode",
            },
        })
        .collect()
}

/// Above each context's table, what it is; then a row for each category that is not simply covered or absent.
pub(super) fn contexts_told(contexts: &[ContextCoverage], write: fn(&Table) -> String) -> String {
    let mut text = String::new();
    for context in contexts {
        let root = match context.context.as_str() {
            "" => ".",
            root => root,
        };
        let file = context
            .ignore_file
            .as_ref()
            .map_or("no ignore file", |path| path.as_str());
        let is_shut =
            |category: &&CategoryCoverage| matches!(category.verdict, "covered" | "absent");
        let (shut, open): (Vec<_>, Vec<_>) = context.categories.iter().partition(is_shut);
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{}context {root}, {file}: {} of {} categories covered, {} let through and taken by no step",
            if context.named { "named " } else { "" },
            shut.len(),
            context.categories.len(),
            match context.unused.files {
                0 => "nothing".to_owned(),
                _ => context.unused.told(),
            }
        );
        if let Some(since) = &context.since {
            let _ = writeln!(text, "changed of what enters: {}", since.len());
            for changed in since.iter().take(MOST_CHANGES) {
                let _ = writeln!(text, "  {:8}{}", changed.change, changed.path);
            }
            if since.len() > MOST_CHANGES {
                let _ = writeln!(text, "  … and {} more", since.len() - MOST_CHANGES);
            }
        }
        if open.is_empty() {
            continue;
        }
        let mut table = Table::new(&[
            ("category", Alignment::Left),
            ("verdict", Alignment::Left),
            ("enters now", Alignment::Left),
            ("would enter", Alignment::Left),
        ]);
        for category in open {
            table.row([
                category.name.to_owned(),
                category.verdict.to_owned(),
                few(category.leaks.iter().map(|leak| leak.path.as_str())),
                few(category.open.iter().map(|open| open.example.as_str())),
            ]);
        }
        text.push('\n');
        text.push_str(&write(&table));
    }
    text
}

/// The first of some paths, and how many more there are.
fn few<'p>(mut paths: impl Iterator<Item = &'p str>) -> String {
    let Some(first) = paths.next() else {
        return "-".to_owned();
    };
    match paths.count() {
        0 => first.to_owned(),
        more => format!("{first} and {more} more"),
    }
}

/// A row for each image.
pub(super) fn table(images: &[ImageCoverage]) -> Table {
    let mut table = Table::new(&[
        ("image", Alignment::Left),
        ("stage", Alignment::Left),
        ("sent", Alignment::Right),
        ("in the image", Alignment::Right),
        ("build only", Alignment::Right),
        ("not taken", Alignment::Right),
    ]);
    for image in images {
        let mut in_image = image.in_image.told();
        if image.maybe_in_image.files > 0 {
            in_image = format!("{in_image}, perhaps {}", image.maybe_in_image.told());
        }
        table.row([
            image.image.clone(),
            image.stage.clone(),
            image.sent.told(),
            in_image,
            image.build_only.told(),
            image.unused.told(),
        ]);
    }
    table
}
