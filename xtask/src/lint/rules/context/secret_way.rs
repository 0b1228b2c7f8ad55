//! How secrets in the build context get into images.

use std::collections::BTreeMap;

use crate::context::{
    BuildContexts, Flow, From, HopKind, Image, NodeId, Recipe, SensitiveFiles, flow_across,
};
use crate::lint::Diagnostics;

/// Where a file ends up, the worst last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum End {
    BuildOnly,
    Maybe,
    Hidden,
    InImage,
}

impl End {
    fn of(flow: &Flow, node: NodeId) -> Self {
        if flow.maybe_in_image.contains(node) {
            Self::Maybe
        } else if !flow.in_image.contains(node) {
            Self::BuildOnly
        } else if flow.hidden.contains(node) {
            Self::Hidden
        } else {
            Self::InImage
        }
    }

    const fn words(self) -> &'static str {
        match self {
            Self::BuildOnly => "is seen by the build alone",
            Self::Maybe => "may stay in the image",
            Self::Hidden => "stays in a layer of the image, which a later step hides",
            Self::InImage => "stays in the image",
        }
    }
}

/// Of one step, no more files are reported one by one.
const MOST_FILES: usize = 50;

/// By Dockerfile, stage and step where secrets enter: which, and the worst that becomes of each.
type Entrances<'c> = BTreeMap<(&'c str, usize, usize), BTreeMap<NodeId, End>>;

/// Reports every step that secrets enter at. What is shown to a `RUN` alone leaves nothing behind.
pub(super) fn report(
    contexts: &BuildContexts,
    sensitive: &SensitiveFiles,
    diagnostics: &mut Diagnostics<'_>,
) {
    let secrets: BTreeMap<NodeId, String> = sensitive
        .files
        .iter()
        .filter(|file| file.is_secret())
        .map(|file| (file.node, file.description()))
        .collect();
    if secrets.is_empty() {
        return;
    }
    let mut entrances = Entrances::new();
    for recipe in contexts.recipes.values() {
        follow(contexts, recipe, &secrets, &mut entrances);
    }
    for ((dockerfile, stage, step), nodes) in entrances {
        let Some(step) = contexts
            .recipes
            .get(camino::Utf8Path::new(dockerfile))
            .and_then(|recipe| recipe.stages.get(stage)?.steps.get(step))
        else {
            continue;
        };
        // The worst first, then by path.
        let mut nodes: Vec<(NodeId, End)> = nodes.into_iter().collect();
        nodes.sort_by_key(|(node, end)| (std::cmp::Reverse(*end), contexts.tree.path(*node)));
        let (named, others) = nodes.split_at(nodes.len().min(MOST_FILES));
        for (index, (node, end)) in named.iter().enumerate() {
            let path = contexts.tree.path(*node);
            let is_last = index + 1 == named.len();
            let more = match others.len() {
                0 => String::new(),
                count if is_last => format!(", with {count} more such files,"),
                _ => String::new(),
            };
            let description = secrets.get(node).map_or("", String::as_str);
            let at = &step.location;
            let line = at.source.line_column(at.span.start).line;
            diagnostics
                .report_in(
                    &at.source,
                    at.span,
                    format!(
                        "`{path}` ({description}) enters through `{}` at {}:{line}{more} and {}",
                        step.text,
                        at.source.path(),
                        end.words()
                    ),
                )
                .help(format!(
                    "add `**/{}` to the ignore file; a build step gets a secret by `RUN --mount=type=secret`",
                    contexts.tree.name(*node)
                ))
                .property("files", vec![path.into_string()]);
        }
    }
}

/// Follows the secrets of a Dockerfile to its last stage.
fn follow<'c>(
    contexts: &'c BuildContexts,
    recipe: &'c Recipe,
    secrets: &BTreeMap<NodeId, String>,
    entrances: &mut Entrances<'c>,
) {
    let Some(target) = recipe.stages.len().checked_sub(1) else {
        return;
    };
    let image = Image {
        name: recipe.dockerfile.as_str(),
        recipe,
        target,
    };
    let given = |dockerfile: &camino::Utf8Path, from: &From| contexts.given(dockerfile, from);
    let flow = flow_across(&contexts.tree, &given, &contexts.recipes, &image);
    for node in secrets.keys() {
        let way = flow.way(&contexts.tree, *node);
        let Some(hop) = way.iter().find(|hop| hop.kind == HopKind::Enters) else {
            continue;
        };
        let Some((dockerfile, _)) = contexts.recipes.get_key_value(&hop.stage.dockerfile) else {
            continue;
        };
        let end = End::of(&flow, *node);
        let place = (dockerfile.as_str(), hop.stage.stage, hop.step);
        let worst = entrances
            .entry(place)
            .or_default()
            .entry(*node)
            .or_insert(end);
        *worst = end.max(*worst);
    }
}
