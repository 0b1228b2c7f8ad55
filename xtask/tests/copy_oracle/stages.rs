//! Which stages and mounts make the client send what.

use std::num::NonZeroUsize;

use camino::Utf8Path;
use xtask::context::{
    Base, Definition, DiskFolders, From, Recipe, Stage, StageReference, Step, StepKind, Take, View,
    Walk, admitted, sent,
};

use crate::case::{Case, Copy, Node, location};
use crate::support::scratch::Scratch;

pub(crate) const DOCKERFILE: &str = "\
FROM scratch AS a
COPY f /
FROM scratch AS b
COPY other /
FROM a AS c
COPY --from=b other /
FROM scratch AS d
RUN --mount=type=bind,source=l,target=/m [\"/none\"]
FROM scratch AS e
COPY f /
RUN --mount=type=bind,target=/m [\"/none\"]
FROM scratch AS f
COPY <<x /y
text
x
";

/// The same, by the names of its stages.
fn recipe() -> Recipe {
    let reference = |stage| StageReference {
        dockerfile: "Dockerfile".into(),
        stage,
    };
    let take = |sources: &[&str]| {
        let sources = sources.iter().map(|source| (*source).to_owned());
        let excludes = Vec::new();
        Copy {
            excludes,
            sources: sources.collect(),
        }
        .take()
    };
    let copy = |take: Take| StepKind::Copy {
        take,
        destination: Some("/".to_owned()),
        into_folder: true,
    };
    let mount = |source| StepKind::Run {
        mounts: vec![take(&[source])],
        removed: Vec::new(),
    };
    let from_b = Take {
        from: From::Stage(reference(1)),
        ..take(&["other"])
    };
    let scratch = || Base::Image("scratch".to_owned());
    let stages = [
        ("a", scratch(), vec![copy(take(&["f"]))]),
        ("b", scratch(), vec![copy(take(&["other"]))]),
        ("c", Base::Stage(reference(0)), vec![copy(from_b)]),
        ("d", scratch(), vec![mount("l")]),
        ("e", scratch(), vec![copy(take(&["f"])), mount("")]),
        ("f", scratch(), vec![copy(take(&[]))]),
    ];
    let step = |kind| Step {
        location: location(),
        text: String::new(),
        definition: Definition::Executed(String::new()),
        kind,
    };
    let stages = stages.into_iter().map(|(name, base, kinds)| Stage {
        name: name.to_owned(),
        location: location(),
        text: String::new(),
        base,
        platform: None,
        steps: kinds.into_iter().map(step).collect(),
    });
    Recipe {
        dockerfile: "Dockerfile".into(),
        stages: stages.collect(),
    }
}

/// For each stage a context of its own, and the bytes that we say are sent for it.
pub(crate) fn contexts(scratch: &Scratch, unit: usize) -> Vec<(String, camino::Utf8PathBuf, u64)> {
    let nodes = [
        ("big", Node::File(String::new())),
        ("f", Node::File(String::new())),
        ("folder", Node::Folder),
        ("folder/in", Node::File(String::new())),
        ("l", Node::Link("folder".to_owned())),
        ("other", Node::File(String::new())),
    ];
    let context = nodes.map(|(path, node)| (path.to_owned(), node));
    let case = Case {
        context: context.into(),
        ..Case::default()
    };
    let recipe = recipe();
    let told = recipe.stages.iter().enumerate().map(|(number, stage)| {
        let folder = scratch.folder(number);
        case.write(&folder, |file| Some(unit << file));
        let view = View {
            root: Utf8Path::new(""),
            patterns: None,
        };
        let tree = Walk {
            folders: &DiskFolders::new(&folder),
            views: &[view],
            measure: true,
            threads: NonZeroUsize::MIN,
        }
        .carry_out();
        let all = admitted(&tree, 0, &view);
        let nodes = sent(&tree, 0, &view, &all, &From::Context, &recipe, &[number]);
        let bytes = nodes.bytes(&tree);
        (stage.name.clone(), folder, bytes)
    });
    told.collect()
}
