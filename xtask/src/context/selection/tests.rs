use camino::Utf8Path;

use super::*;
use crate::context::recipe::{From, Source};
use crate::context::tests::walk;
use crate::context::{MemoryFolders, admitted};
use crate::source::{self, Span};

/// What a step takes of a tree: `COPY [--parents] [--exclude=…]… source…`.
pub(crate) fn take(text: &str) -> Take {
    let mut take = Take {
        from: From::Context,
        sources: Vec::new(),
        unknown: false,
        excludes: Vec::new(),
        parents: false,
    };
    for word in text.split_whitespace() {
        if word == "--parents" {
            take.parents = true;
        } else if let Some(pattern) = word.strip_prefix("--exclude=") {
            take.excludes.push(pattern.to_owned());
        } else {
            take.sources.push(Source {
                path: word.to_owned(),
                location: source::Source::new("Dockerfile", "").location(Span::default()),
            });
        }
    }
    take
}

const TREE: [(&str, u64); 22] = [
    ("a.txt", 1),
    ("b.txt", 1),
    ("abs -> /real/in", 0),
    ("broken -> none", 0),
    ("d/a.txt", 1),
    ("d/b.md", 1),
    ("d/sub/c.txt", 1),
    ("d/sub/deep/c.txt", 1),
    ("d/up -> ../real", 0),
    ("dir -> d", 0),
    ("empty/", 0),
    ("loop1 -> loop2", 0),
    ("loop2 -> loop1", 0),
    ("out -> ../../d/sub", 0),
    ("p/x/package.json", 1),
    ("p/x/src/i.js", 1),
    ("p/y/package.json", 1),
    ("p/y/src/package.json", 1),
    ("real/in/z", 1),
    ("real/m", 1),
    ("self -> .", 0),
    ("to -> dir", 0),
];

fn told(text: &str) -> String {
    told_of(&TREE, text)
}

fn told_of(paths: &[(&str, u64)], text: &str) -> String {
    let folders = MemoryFolders::new(paths.iter().copied());
    let view = View {
        root: Utf8Path::new(""),
        patterns: None,
    };
    let tree = walk(&folders, &[view], 1);
    let selection = select(&tree, &view, &admitted(&tree, 0, &view), &take(text));
    let paths = |nodes: &NodeSet| {
        let mut paths: Vec<String> = nodes.iter().map(|it| tree.path(it).to_string()).collect();
        paths.sort_unstable();
        paths.join(" ")
    };
    let mut told = paths(&selection.nodes);
    for (title, more) in [
        ("through", paths(&selection.passed)),
        ("missing", format!("{:?}", selection.missing)),
        ("broken", format!("{:?}", selection.broken)),
    ] {
        if !matches!(more.as_str(), "" | "[]") {
            told = format!("{told} | {title} {more}");
        }
    }
    told
}

#[test]
fn files_and_the_contents_of_folders_are_taken() {
    for (sources, expected) in [
        ("a.txt", "a.txt"),
        ("a.txt/ ./b.txt", "a.txt b.txt"),
        ("../../a.txt", "a.txt"),
        (
            "d",
            "d d/a.txt d/b.md d/sub d/sub/c.txt d/sub/deep d/sub/deep/c.txt d/up",
        ),
        ("d/sub/../b.md", "d/b.md | through d"),
        ("empty", "empty"),
        ("none", " | missing [0] | broken [0]"),
        ("a.txt none b.txt", "a.txt b.txt | missing [1] | broken [1]"),
        ("a.txt/b", " | through a.txt | missing [0] | broken [0]"),
    ] {
        assert_eq!(told(sources), expected, "{sources}");
    }
}

#[test]
fn links_in_a_source_are_followed_and_end_at_the_root() {
    for (sources, expected) in [
        ("abs", "real/in real/in/z | through abs real"),
        ("to/b.md", "d/b.md | through d dir to"),
        ("d/up/in/z", "real/in/z | through d d/up real real/in"),
        ("out/c.txt", "d/sub/c.txt | through d d/sub out"),
        ("self/self/self/a.txt", "a.txt | through self"),
        ("broken", " | through broken | missing [0] | broken [0]"),
        ("loop1", " | through loop1 loop2 | missing [0] | broken [0]"),
    ] {
        assert_eq!(told(sources), expected, "{sources}");
    }
}

#[test]
fn a_pattern_stands_for_names_and_what_it_matches_is_followed() {
    for (sources, expected) in [
        ("*.txt", "a.txt b.txt"),
        ("[^b].txt", "a.txt"),
        ("d/*.md", "d/b.md | through d"),
        ("d[^x]*.md", "d/b.md | through d"),
        ("d[^x]b.md", "d/b.md | through d"),
        (
            "*/*/package.json",
            "p/x/package.json p/y/package.json | through p p/x p/y",
        ),
        (
            "p/**/src",
            "p/x/src p/x/src/i.js p/y/src p/y/src/package.json | through p p/x p/y",
        ),
        ("**/package.json", " | missing [0]"),
        ("di*/b.md", " | missing [0]"),
        ("dir/b*", "d/b.md | through d dir"),
        ("ab?", "real/in real/in/z | through abs real"),
        ("b*", "b.txt | through broken | broken [0]"),
        ("none*", " | missing [0]"),
        ("none/x*", " | missing [0] | broken [0]"),
        ("a.txt/x*", " | missing [0]"),
        ("d/[", " | missing [0] | broken [0]"),
        ("d/\\a.txt", " | through d | missing [0] | broken [0]"),
        ("d/\\a*", "d/a.txt | through d"),
    ] {
        assert_eq!(told(sources), expected, "{sources}");
    }
}

#[test]
fn a_link_to_nowhere_is_copied_but_in_the_root_where_something_is_left_out() {
    let tree = [("l -> none", 0), ("w/l -> ../none", 0), ("w/x", 1)];
    for (text, expected) in [
        (".", "l w w/l w/x"),
        ("--exclude=x .", "l w w/l w/x | broken [0]"),
        ("--exclude=l .", "w w/l w/x"),
        ("--exclude=x w", "w w/l"),
        ("w*", "w w/l w/x"),
        ("--exclude=x w*", "w w/l"),
        ("--parents w", "w w/l w/x"),
        ("*", "w w/l w/x | through l | broken [0]"),
    ] {
        assert_eq!(told_of(&tree, text), expected, "{text}");
    }
}

#[test]
fn excludes_count_from_the_folder_that_is_taken() {
    for (text, expected) in [
        (
            "--exclude=*.txt d",
            "d d/b.md d/sub d/sub/c.txt d/sub/deep d/sub/deep/c.txt d/up",
        ),
        ("--exclude=**/*.txt d", "d d/b.md d/sub d/sub/deep d/up"),
        ("--exclude=sub d", "d d/a.txt d/b.md d/up"),
        (
            "--exclude=d/sub d",
            "d d/a.txt d/b.md d/sub d/sub/c.txt d/sub/deep d/sub/deep/c.txt d/up",
        ),
        (
            "--exclude=sub --exclude=!sub/deep d",
            "d d/a.txt d/b.md d/sub d/sub/deep d/sub/deep/c.txt d/up",
        ),
        ("--exclude=* d", "d"),
        ("--exclude=a.txt a.txt b*t", "a.txt b.txt"),
        ("--exclude=[ d", " | missing [0] | broken [0]"),
    ] {
        assert_eq!(told(text), expected, "{text}");
    }
}

#[test]
fn parents_takes_patterns_of_the_ignore_files_language() {
    for (text, expected) in [
        ("--parents d/b.md", "d d/b.md"),
        ("--parents d/./sub/c.txt", "d/sub d/sub/c.txt | through d"),
        (
            "--parents **/package.json",
            "p p/x p/x/package.json p/y p/y/package.json p/y/src p/y/src/package.json",
        ),
        (
            "--parents p/./*/package.json",
            "p/x p/x/package.json p/y p/y/package.json | through p",
        ),
        (
            "--parents --exclude=**/src p/*",
            "p p/x p/x/package.json p/y p/y/package.json",
        ),
        ("--parents dir/b.md", " | missing [0] | broken [0]"),
        ("--parents to/./b.md", "d/b.md | through d dir to"),
        ("--parents none", " | missing [0] | broken [0]"),
        ("--parents none*", " | missing [0]"),
    ] {
        assert_eq!(told(text), expected, "{text}");
    }
}

#[test]
fn many_links_to_one_folder_cost_one_folder() {
    let mut paths: Vec<(String, u64)> = (0..20_000).map(|at| (format!("big/{at}"), 1)).collect();
    paths.extend((0..20_000).map(|at| (format!("links/{at} -> ../big"), 0)));
    let folders = MemoryFolders::new(paths.iter().map(|(path, bytes)| (path.as_str(), *bytes)));
    let view = View {
        root: Utf8Path::new(""),
        patterns: None,
    };
    let tree = walk(&folders, &[view], 1);
    let available = admitted(&tree, 0, &view);
    for text in ["links/*", "--exclude=1* links/*"] {
        let start = std::time::Instant::now();
        let selection = select(&tree, &view, &available, &take(text));
        assert!(selection.nodes.len() > 8000);
        let took = start.elapsed();
        assert!(took.as_secs() < 5, "{text}: {took:?}");
    }
}
