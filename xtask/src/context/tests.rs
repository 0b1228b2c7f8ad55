use std::num::NonZeroUsize;

use camino::Utf8Path;

use super::*;
use crate::dockerignore::Patterns;
use crate::source::Source;

pub(super) fn patterns(text: &str) -> Patterns {
    Patterns::parse(&Source::new(".dockerignore", text)).0
}

pub(super) fn walk(folders: &dyn Folders, views: &[View<'_>], threads: usize) -> Tree {
    Walk {
        folders,
        views,
        measure: true,
        threads: NonZeroUsize::new(threads).unwrap(),
    }
    .carry_out()
}

fn told(tree: &Tree, views: usize) -> Vec<String> {
    tree.nodes()
        .map(|node| {
            let marks: String = (0..views)
                .map(|view| match tree.decision(view, node) {
                    None => '.',
                    Some(decision) if decision.ignored => '-',
                    Some(_) => '+',
                })
                .collect();
            let pruned = if tree.is_pruned(node) { " pruned" } else { "" };
            format!("{marks} {} {}{pruned}", tree.path(node), tree.bytes(node))
        })
        .collect()
}

#[test]
fn all_views_share_one_walk() {
    let folders = MemoryFolders::new([
        ("a/x.md", 3),
        ("a/node_modules/y/z.js", 5),
        ("b/x.md", 7),
        ("b/empty/", 0),
        ("link -> b/x.md", 0),
        ("top", 1),
    ]);
    let (root, own) = (patterns("**/node_modules\n*.md\n"), patterns("x*\n"));
    let views = [
        View {
            root: Utf8Path::new(""),
            patterns: Some(&root),
        },
        View {
            root: Utf8Path::new("b"),
            patterns: Some(&own),
        },
    ];
    for threads in [1, 3] {
        let tree = walk(&folders, &views, threads);
        assert_eq!(
            told(&tree, 2),
            [
                "+.  0",
                "+. a 0",
                "++ b 0",
                "+. link 6",
                "+. top 1",
                "-. a/node_modules 0 pruned",
                "+. a/x.md 3",
                "++ b/empty 0",
                "+- b/x.md 7",
            ]
        );
        let link = tree.find(Utf8Path::new("link")).unwrap();
        assert_eq!(tree.link_target(link), Some("b/x.md"));
        assert_eq!(tree.find(Utf8Path::new("a/none")), None);
        assert_eq!(tree.problems(), []);
    }
}

#[test]
fn a_folder_that_an_exception_reaches_into_is_entered() {
    let folders = MemoryFolders::new([("a/b/keep", 1), ("a/c/drop", 1), ("d/e", 1)]);
    let patterns = patterns("*\n!a/b\n");
    let views = [View {
        root: Utf8Path::new(""),
        patterns: Some(&patterns),
    }];
    assert_eq!(
        told(&walk(&folders, &views, 2), 1),
        [
            "+  0",
            "- a 0",
            "- d 0 pruned",
            "+ a/b 0",
            "- a/c 0 pruned",
            "+ a/b/keep 1",
        ]
    );
}

#[test]
fn what_cannot_be_looked_at_is_told_and_the_rest_is_walked() {
    let dir = tempfile::tempdir().unwrap();
    let root = Utf8Path::from_path(dir.path()).unwrap();
    std::fs::create_dir_all(root.join("a/b")).unwrap();
    std::fs::write(root.join("a/b/f"), "four").unwrap();
    std::os::unix::fs::symlink("..", root.join("a/loop")).unwrap();
    let odd = std::os::unix::ffi::OsStrExt::from_bytes(&b"a/\xff\xfe"[..]);
    std::fs::write(dir.path().join::<&std::ffi::OsStr>(odd), "").unwrap();
    let views = [View {
        root: Utf8Path::new(""),
        patterns: None,
    }];
    let tree = walk(&DiskFolders::new(root), &views, 2);
    assert_eq!(
        told(&tree, 1),
        ["+  0", "+ a 0", "+ a/b 0", "+ a/loop 2", "+ a/b/f 4"]
    );
    let problems: Vec<_> = tree
        .problems()
        .iter()
        .map(|problem| (problem.path.as_str(), problem.kind))
        .collect();
    assert_eq!(problems, [("a/\u{fffd}\u{fffd}", ProblemKind::NotUtf8)]);
    let tree = walk(&DiskFolders::new(root.join("none")), &views, 2);
    assert_eq!(tree.len(), 1);
    assert_eq!(tree.problems()[0].kind, ProblemKind::Vanished);
}
