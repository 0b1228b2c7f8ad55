//! What we say of a case, from the text of its Dockerfile on.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;

use camino::{Utf8Path, Utf8PathBuf};
use xtask::context::{BuildContexts, DiskFolders, From, HopKind, Image, Kind, flow_across};
use xtask::dockerfile::parse;
use xtask::lint::{Context, DiskFiles, Surroundings};
use xtask::source::Source;

use crate::case::Case;

/// Files, by their paths below the case's folder.
#[derive(Debug, Default)]
pub(crate) struct Told {
    pub(crate) in_image: BTreeSet<String>,
    pub(crate) maybe: BTreeSet<String>,
    pub(crate) hidden: BTreeSet<String>,
    pub(crate) build_only: BTreeSet<String>,
    /// How many came by way of another stage.
    pub(crate) carried: usize,
}

const DOCKERFILE: &str = "Dockerfile";

/// The folder holds the case.
pub(crate) fn told(case: &Case, folder: &Utf8Path, target: usize) -> Told {
    let (text, _) = case.dockerfile();
    let files = vec![parse(&Source::new(DOCKERFILE, text))];
    let mut surroundings =
        Surroundings::gather(Some(Box::new(DiskFiles::new(folder))), files, None);
    let context = Context {
        path: "context".into(),
        stated: true,
    };
    surroundings.contexts.insert(DOCKERFILE.into(), context);
    let named = BTreeMap::from([("lib".to_owned(), Utf8PathBuf::from("lib"))]);
    surroundings.named_contexts.insert(DOCKERFILE.into(), named);
    let recipes = surroundings.recipes();
    let roots = BTreeMap::from([(Utf8PathBuf::from(DOCKERFILE), Utf8PathBuf::from("context"))]);
    let contexts = BuildContexts::gather(
        &DiskFolders::new(folder),
        &roots,
        recipes,
        NonZeroUsize::MIN,
    );
    let recipe = &contexts.recipes[Utf8Path::new(DOCKERFILE)];
    let image = Image {
        name: "image",
        recipe,
        target,
    };
    let given = |dockerfile: &Utf8Path, from: &From| contexts.given(dockerfile, from);
    let tree = &contexts.tree;
    let flow = flow_across(tree, &given, &contexts.recipes, &image);
    let files = |nodes: &xtask::context::NodeSet| {
        let files = nodes.iter().filter(|node| tree.kind(*node) == Kind::File);
        files.map(|node| tree.path(node).into_string()).collect()
    };
    let is_carried = |path: &&String| {
        let node = tree.find(Utf8Path::new(path.as_str())).unwrap();
        let way = flow.way(tree, node);
        way.iter().any(|hop| hop.kind == HopKind::Carried)
    };
    let in_image: BTreeSet<String> = files(&flow.in_image);
    Told {
        carried: in_image.iter().filter(is_carried).count(),
        in_image,
        maybe: files(&flow.maybe_in_image),
        hidden: files(&flow.hidden),
        build_only: files(&flow.build_only(tree)),
    }
}
