use camino::{Utf8Path, Utf8PathBuf};

use super::*;
use crate::context::recipe::{Definition, Stage, StageReference, Step};
use crate::context::selection::tests::take;
use crate::context::tests::{patterns, walk};
use crate::context::{MemoryFolders, select};
use crate::source::{Source, Span};

fn copy(take: Take) -> StepKind {
    StepKind::Copy {
        take,
        destination: Some("/x".to_owned()),
        into_folder: true,
    }
}

/// A recipe of stages: each a base (`scratch`, or the number of a stage) and what its steps take.
fn recipe(stages: &[(&str, &[&str])]) -> Recipe {
    let reference = |stage: usize| StageReference {
        dockerfile: Utf8PathBuf::from("Dockerfile"),
        stage,
    };
    let step = |text: &&str| Step {
        location: Source::new("Dockerfile", "").location(Span::default()),
        text: format!("COPY {text} /x"),
        definition: Definition::Executed(format!("COPY {text} /x")),
        kind: match text.strip_prefix("--from=") {
            Some(stage) => copy(Take {
                from: From::Stage(reference(stage.parse().unwrap())),
                ..take("x")
            }),
            None => copy(take(text)),
        },
    };
    Recipe {
        dockerfile: "Dockerfile".into(),
        stages: stages
            .iter()
            .enumerate()
            .map(|(index, (base, steps))| Stage {
                name: index.to_string(),
                location: Source::new("Dockerfile", "").location(Span::default()),
                text: format!("FROM {base}"),
                platform: None,
                base: match base.parse() {
                    Ok(stage) => Base::Stage(reference(stage)),
                    Err(_) => Base::Image((*base).to_owned()),
                },
                steps: steps.iter().map(step).collect(),
            })
            .collect(),
    }
}

fn told(paths: &[(&str, u64)], ignored: &str, recipe: &Recipe, stages: &[usize]) -> String {
    let folders = MemoryFolders::new(paths.iter().copied());
    let patterns = patterns(ignored);
    let view = View {
        root: Utf8Path::new(""),
        patterns: Some(&patterns),
    };
    let tree = walk(&folders, &[view], 1);
    let nodes = sent_of_all(&tree, &view, recipe, stages);
    let mut paths: Vec<String> = nodes.iter().map(|it| tree.path(it).to_string()).collect();
    paths.sort_unstable();
    paths.join(" ")
}

fn sent_of_all(tree: &Tree, view: &View<'_>, recipe: &Recipe, stages: &[usize]) -> NodeSet {
    let admitted = admitted(tree, 0, view);
    sent(tree, 0, view, &admitted, &From::Context, recipe, stages)
}

const TREE: [(&str, u64); 11] = [
    ("!e", 1),
    ("#e", 1),
    ("a/b/c", 1),
    ("a/d", 1),
    ("e", 1),
    ("l1 -> real", 0),
    ("l2 -> l1", 0),
    ("real/x", 1),
    ("real/y", 1),
    ("top -> .", 0),
    ("z*/q", 1),
];

fn one(sources: &str, ignored: &str) -> String {
    told(&TREE, ignored, &recipe(&[("scratch", &[sources])]), &[0])
}

#[test]
fn only_what_is_asked_for_is_sent() {
    for (sources, expected) in [
        ("a/d e", "a a/d e"),
        ("a", "a a/b a/b/c a/d"),
        ("a/*/c", "a a/b a/b/c"),
        ("none e", "e"),
        ("l1/x", "l1 real real/x"),
        ("l2", "l1 l2 real real/x real/y"),
        ("l2/y e", "e l1 l2 real real/y"),
        ("l*/x", "l1 l2 real real/x"),
        ("e a/*/c l1/y", "a a/b a/b/c e l1 real real/y"),
        ("e/f a/b/c/", "a a/b a/b/c"),
        // The client takes it for a pattern that takes `e` back.
        ("!e #e", "#e"),
        ("e [", ""),
        ("--parents a/./b/c", "a a/b a/b/c"),
        ("[", ""),
    ] {
        assert_eq!(one(sources, ""), expected, "{sources}");
    }
    let all = "!e #e a a/b a/b/c a/d e l1 l2 real real/x real/y top z* z*/q";
    for sources in [".", "e ../", "top", "l1/../../top"] {
        assert_eq!(one(sources, ""), all, "{sources}");
    }
    assert_eq!(one("top/top", ""), "top");
}

#[test]
fn a_link_is_followed_for_the_first_path_through_it_alone() {
    assert_eq!(one("l1/x l1/y", ""), "l1 real real/x");
    let step = recipe(&[("scratch", &["l1/x l1/y"])]);
    let StepKind::Copy { take, .. } = &step.stages[0].steps[0].kind else {
        panic!()
    };
    let folders = MemoryFolders::new(TREE);
    let view = View {
        root: Utf8Path::new(""),
        patterns: None,
    };
    let tree = walk(&folders, &[view], 1);
    let available = sent_of_all(&tree, &view, &step, &[0]);
    assert_eq!(select(&tree, &view, &available, take).broken, [1]);
}

#[test]
fn what_is_ignored_is_not_sent_nor_a_folder_for_it_alone() {
    assert_eq!(one("a/b/c e", "a/b"), "e");
    assert_eq!(one("a", "a\n!a/b/c"), "a a/b a/b/c");
    assert_eq!(one("l1/x", "l1"), "real real/x");
    assert_eq!(one(".", "*\n!e"), "e");
}

#[test]
fn the_stages_that_are_built_count() {
    let recipe = recipe(&[
        ("scratch", &["e"]),
        ("scratch", &["a/d"]),
        ("0", &["--from=1"]),
        ("scratch", &["real"]),
        ("scratch", &[]),
    ]);
    let told = |stages: &[usize]| told(&TREE, "", &recipe, stages);
    assert_eq!(told(&[0]), "e");
    assert_eq!(told(&[2]), "a a/d e");
    assert_eq!(told(&[2, 3]), "a a/d e real real/x real/y");
    assert_eq!(told(&[4]), "");
    assert_eq!(told(&[9]), "");
}

#[test]
fn a_source_that_is_not_known_may_be_anything() {
    let mut recipe = recipe(&[("scratch", &["e"])]);
    let StepKind::Copy { take, .. } = &mut recipe.stages[0].steps[0].kind else {
        panic!()
    };
    take.unknown = true;
    assert!(told(&TREE, "", &recipe, &[0]).contains("a/b/c"));
}
