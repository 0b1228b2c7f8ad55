//! What enters each image: sent, taken by which step, in the image or seen by the build alone, taken by nobody.

use camino::{Utf8Path, Utf8PathBuf};
use serde::Serialize;

use super::subjects::Subjects;
use crate::context::{
    BuildContexts, Flow, From, Given, Image, Kind, NodeSet, Recipe, Tree, flow_across,
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

/// Follows what enters every image that is looked at.
pub(super) fn of(looked: &Subjects) -> Vec<ImageCoverage> {
    let contexts = &looked.contexts;
    let mut images = Vec::new();
    for subject in &looked.subjects {
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
            images.push(one(contexts, view, &image));
        }
    }
    images
}

/// Where what enters an image ends up.
pub(super) fn follow(contexts: &BuildContexts, image: &Image<'_>) -> Flow {
    let given = |dockerfile: &Utf8Path, from: &From| {
        if *from != From::Context {
            return None;
        }
        let view = &contexts.views[contexts.view_of(dockerfile)?];
        Some(Given {
            view: view.view(),
            available: &view.admitted,
        })
    };
    flow_across(&contexts.tree, &given, &contexts.recipes, image)
}

fn one(contexts: &BuildContexts, view: usize, image: &Image<'_>) -> ImageCoverage {
    let Recipe {
        dockerfile, stages, ..
    } = image.recipe;
    let tree = &contexts.tree;
    let seen = &contexts.views[view];
    let flow = follow(contexts, image);
    let amount = |set: &NodeSet| Amount::of(tree, set);
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
        unused: amount(&flow.unused(&seen.admitted)),
        takes: takes.collect(),
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
        ("let through for nothing", Alignment::Right),
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
