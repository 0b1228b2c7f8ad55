//! What is written into ignore files: the smallest one, and the block of added patterns. Whatever the tree, the
//! Dockerfile and the ignore file are, no step takes anything else afterwards than it should.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail by panicking")]

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use proptest::prelude::*;
use xtask::context::{
    self, BuildContexts, MemoryFolders, NodeSet, ignore_block, patterns_that_break_nothing,
};
use xtask::dockerfile::parse;
use xtask::dockerignore::Patterns;
use xtask::lint::Surroundings;
use xtask::source::Source;

/// A context with one Dockerfile in it.
#[derive(Clone, Debug)]
struct Case {
    files: BTreeSet<String>,
    links: Vec<(String, String)>,
    ignore: Option<String>,
    copies: Vec<String>,
}

impl Case {
    fn gather(&self, ignore: Option<&str>) -> Arc<BuildContexts> {
        let links: Vec<String> = self
            .links
            .iter()
            .map(|(path, target)| format!("{path} -> {target}"))
            .collect();
        let mut folders = MemoryFolders::new(links.iter().map(|link| (link.as_str(), 0)));
        for file in &self.files {
            folders = folders.with_text(file, "text");
        }
        if let Some(ignore) = ignore {
            folders = folders.with_text(".dockerignore", ignore);
        }
        let dockerfile: String = std::iter::once("FROM scratch\n".to_owned())
            .chain(self.copies.iter().map(|copy| format!("COPY {copy} /x/\n")))
            .collect();
        let file = parse(&Source::new("Dockerfile", dockerfile));
        Surroundings::gather(None, vec![file], None)
            .with_build_contexts(&folders, NonZeroUsize::MIN)
            .build_contexts
            .unwrap()
    }
}

/// What each step takes, by path; `None` for one that stops the build.
fn taken(contexts: &BuildContexts) -> Vec<Option<BTreeSet<Utf8PathBuf>>> {
    let view = &contexts.views[0];
    view.takes(&contexts.recipes[Utf8Path::new("Dockerfile")])
        .map(|take| {
            let selection = take.of(&contexts.tree, &view.view(), &view.admitted);
            let paths =
                |nodes: &NodeSet| nodes.iter().map(|node| contexts.tree.path(node)).collect();
            selection.broken.is_empty().then(|| paths(&selection.nodes))
        })
        .collect()
}

/// Without what some patterns name, and the folders that are empty without it.
fn without(
    paths: &BTreeSet<Utf8PathBuf>,
    patterns: &Patterns,
    files: &BTreeSet<String>,
) -> BTreeSet<Utf8PathBuf> {
    paths
        .iter()
        .filter(|path| !patterns.decide(path).ignored)
        .filter(|path| files.contains(path.as_str()))
        .cloned()
        .collect()
}

fn name() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "a",
        "b",
        "src",
        "node_modules",
        ".env",
        ".env.local",
        "x.md",
        "key.pem",
        "dist",
        "a b",
        "[x]",
    ])
    .prop_map(str::to_owned)
}

fn path() -> impl Strategy<Value = String> {
    prop::collection::vec(name(), 1..4).prop_map(|parts| parts.join("/"))
}

fn pattern() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => path(),
        2 => path().prop_map(|path| format!("!{path}")),
        1 => name().prop_map(|name| format!("**/{name}")),
        1 => prop::sample::select(vec!["*", "**/*.md", "!**/*.md", "a/*", "*/src", "# c", ""]).prop_map(str::to_owned),
    ]
}

fn source() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => path().prop_filter("no blanks", |path| !path.contains([' ', '['])),
        1 => prop::sample::select(vec![".", "a*", "*", "*/src", "*.md", "b/"]).prop_map(str::to_owned),
    ]
}

fn case() -> impl Strategy<Value = Case> {
    (
        prop::collection::btree_set(path(), 1..10),
        prop::collection::vec((path(), path()), 0..2),
        prop::option::of(prop::collection::vec(pattern(), 0..6)),
        prop::collection::vec(source(), 1..4),
    )
        .prop_map(|(mut files, mut links, ignore, copies)| {
            // No file is a folder, too.
            let all = files.clone();
            files.retain(|file| {
                !all.iter()
                    .any(|other| other.starts_with(&format!("{file}/")))
            });
            links.retain(|(link, _)| {
                let above = |path: &str, other: &str| {
                    path == other || other.starts_with(&format!("{path}/"))
                };
                !files
                    .iter()
                    .any(|file| above(file, link) || above(link, file))
            });
            links.truncate(1);
            Case {
                files,
                links,
                ignore: ignore.map(|lines| lines.join("\n")),
                copies,
            }
        })
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 600,
        max_global_rejects: 100_000,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn under_the_smallest_file_every_step_takes_the_same(case in case()) {
        let before = case.gather(case.ignore.as_deref());
        let Ok(text) = context::minimal(&before, 0) else {
            return Err(TestCaseError::reject("no smallest file"));
        };
        let after = case.gather(Some(&text));
        let errors = &after.views[0].ignore.as_ref().unwrap().errors;
        prop_assert!(errors.is_empty(), "{errors:?}\n{text}");
        let never: String = text
            .split_once("# Never")
            .map(|(_, never)| never.split_once('\n').map_or("", |(_, rest)| rest).to_owned())
            .unwrap_or_default();
        let never = Patterns::parse(&Source::new("never", never)).0;
        for (before, after) in taken(&before).into_iter().zip(taken(&after)) {
            let (Some(before), Some(after)) = (&before, &after) else {
                // One that stops the build today may find what it names.
                prop_assert!(before.is_none(), "{}", text);
                continue;
            };
            prop_assert_eq!(
                without(before, &never, &case.files),
                without(after, &never, &case.files),
                "{}", text
            );
            // What it never lets through, it does not let through: unless a pattern takes something back in out of a
            // folder that is not taken back in itself, which no pattern for the folder is asked about any more.
            let by_pattern = case.copies.iter().any(|copy| copy.contains('*'));
            let holds = after.iter().all(|path| !never.decide(path).ignored);
            prop_assert!(by_pattern || holds, "{}", text);
        }
    }

    #[test]
    fn added_patterns_take_nothing_but_what_they_name(
        case in case(),
        patterns in prop::collection::vec(
            prop::sample::select(vec!["**/node_modules", "**/.env", "**/*.md", "**/src", "**/dist", "a"]),
            0..5,
        ),
    ) {
        let before = case.gather(case.ignore.as_deref());
        let kept = patterns_that_break_nothing(&before, 0, &patterns);
        let text = ignore_block::with_patterns(case.ignore.as_deref().unwrap_or_default(), &kept);
        prop_assert_eq!(ignore_block::with_patterns(&text, &kept), text.clone());
        let after = case.gather(Some(&text));
        let named = Patterns::parse(&Source::new("named", kept.join("\n"))).0;
        for (before, after) in taken(&before).into_iter().zip(taken(&after)) {
            let (Some(before), Some(after)) = (&before, &after) else {
                prop_assert_eq!(before.is_some(), after.is_some(), "{}", text);
                continue;
            };
            prop_assert_eq!(
                without(before, &named, &case.files),
                without(after, &named, &case.files),
                "{}", text
            );
        }
        // Nothing is kept back that would do no harm.
        for pattern in patterns {
            if !kept.contains(&pattern) {
                prop_assert!(case.copies.iter().any(|copy| copy != "."), "{}", pattern);
            }
        }
    }

    #[test]
    fn the_smallest_file_leaves_no_demand_open(case in case()) {
        // What is named is there on purpose.
        let names = |text: &str| ["node_modules", ".env", "pem", "dist", "*"].iter().any(|part| text.contains(part));
        prop_assume!(!case.copies.iter().any(|copy| names(copy)));
        prop_assume!(!case.ignore.iter().any(|ignore| ignore.contains('!')));
        let before = case.gather(case.ignore.as_deref());
        let Ok(text) = context::minimal(&before, 0) else {
            return Err(TestCaseError::reject("no smallest file"));
        };
        let after = case.gather(Some(&text));
        for coverage in after.coverage(0) {
            if coverage.category.weight >= context::categories::Weight::Waste {
                let open: Vec<_> = coverage.open.iter().filter(|open| open.taken).collect();
                prop_assert!(open.is_empty(), "{:?}\n{}", open, text);
            }
        }
    }
}

#[test]
fn the_smallest_file_tells_who_needs_what() {
    let case = Case {
        files: [
            "apps/api/main.ts",
            "apps/api/x.log",
            "libs/a.ts",
            "package.json",
            "README.md",
        ]
        .map(str::to_owned)
        .into(),
        links: Vec::new(),
        ignore: Some("**/*.log\n".to_owned()),
        copies: vec!["package.json".to_owned(), "apps/api".to_owned()],
    };
    let contexts = case.gather(case.ignore.as_deref());
    insta::assert_snapshot!(context::minimal(&contexts, 0).unwrap(), @r"
    # Nothing enters the build that no Dockerfile copies: made by `docker-ignore --write-minimal`.
    *

    # Dockerfile
    !apps/api
    !package.json

    # Left out of them:
    **/*.log

    # Never, wherever it lies:
    **/*.key
    **/*.pem
    **/.DS_Store
    **/.cache
    **/.env
    **/.env.*
    **/.idea
    **/.npmrc
    **/.vscode
    **/dist
    **/node_modules
    ");
}

/// What a step asks for in vain today may lie in a folder that nobody looked into: found by the property above.
#[test]
fn the_smallest_file_keeps_out_of_folders_nobody_looked_into_what_may_lie_there() {
    let case = Case {
        files: ["a/b/node_modules/x", "a/b/.ssh/id_ed25519", "a/b/main.ts"]
            .map(str::to_owned)
            .into(),
        links: Vec::new(),
        ignore: Some("*".to_owned()),
        copies: vec!["a/b".to_owned()],
    };
    let before = case.gather(case.ignore.as_deref());
    assert_eq!(taken(&before), [None]);
    let after = case.gather(Some(&context::minimal(&before, 0).unwrap()));
    let steps = taken(&after);
    let taken = steps[0].as_ref().unwrap().iter();
    let files: Vec<_> = taken
        .filter(|path| case.files.contains(path.as_str()))
        .collect();
    assert_eq!(files, ["a/b/main.ts"]);
}
