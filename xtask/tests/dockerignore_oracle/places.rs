//! Which ignore file counts, and what else a tree by chance does not have.

use camino::Utf8Path;
use xtask::dockerignore::{Patterns, candidates};
use xtask::source::Source;

use crate::ask::{build, difference, scratch};
use crate::case::{Case, Node, Tree, content, sent, write_tree};
use crate::support;

/// Each: a context, the Dockerfile's path from the folder that the context `context/` lies in, other files from there.
type Place = (
    &'static str,
    &'static str,
    &'static [(&'static str, &'static str)],
);

const PLACES: &[Place] = &[
    (
        "the context's own",
        "context/Dockerfile",
        &[("context/.dockerignore", "a\n")],
    ),
    ("none", "context/Dockerfile", &[]),
    (
        "the one named for the Dockerfile replaces it",
        "context/Dockerfile",
        &[
            ("context/.dockerignore", "a\n"),
            ("context/Dockerfile.dockerignore", "b\n"),
        ],
    ),
    (
        "even if it is empty",
        "context/Dockerfile",
        &[
            ("context/.dockerignore", "a\n"),
            ("context/Dockerfile.dockerignore", ""),
        ],
    ),
    (
        "even if it is a comment",
        "context/Dockerfile",
        &[
            ("context/.dockerignore", "a\n"),
            ("context/Dockerfile.dockerignore", "# b\n"),
        ],
    ),
    (
        "its patterns are from the context's root all the same",
        "context/docker/web.Dockerfile",
        &[
            (
                "context/docker/web.Dockerfile.dockerignore",
                "a\ndocker/x\n",
            ),
            ("context/docker/a", ""),
            ("context/docker/x", ""),
        ],
    ),
    (
        "a Dockerfile beside the context takes its own along",
        "docker/Dockerfile",
        &[
            ("context/.dockerignore", "a\n"),
            ("docker/Dockerfile.dockerignore", "b\n"),
        ],
    ),
    (
        "and else counts the context's",
        "docker/Dockerfile",
        &[
            ("context/.dockerignore", "a\n"),
            ("docker/.dockerignore", "b\n"),
        ],
    ),
    (
        "one in a folder counts for nothing",
        "context/docker/Dockerfile",
        &[
            ("context/docker/.dockerignore", "a\nb\nDockerfile\n"),
            ("context/dir/.dockerignore", "x\n"),
            ("context/dir/x", ""),
        ],
    ),
    (
        "nor does one without the Dockerfile's whole name",
        "context/web.Dockerfile",
        &[
            ("context/web.dockerignore", "a\n"),
            ("context/Dockerfile.dockerignore", "b\n"),
        ],
    ),
    (
        "Dockerfile and ignore file can be left out",
        "context/Dockerfile",
        &[("context/.dockerignore", "Dockerfile\n.dockerignore\n")],
    ),
];

#[test]
fn the_ignore_file_that_counts_is_the_one_the_engine_reads() {
    let Some(_engine) = support::Shared::find() else {
        return;
    };
    for (what, dockerfile, files) in PLACES {
        let (_guard, root) = scratch();
        let mut tree = Tree::new();
        let mut add = |path: &str, text: &str| {
            for (at, _) in path.match_indices('/') {
                tree.insert(path[..at].to_owned(), Node::Folder);
            }
            tree.insert(path.to_owned(), Node::File(text.to_owned()));
        };
        add("context/a", "a");
        add("context/b", "b");
        add(dockerfile, "FROM scratch\nCOPY . /\n");
        for (path, text) in *files {
            add(path, text);
        }
        write_tree(&root, &tree);
        let found = candidates(Utf8Path::new(dockerfile), Utf8Path::new("context"));
        let text = found.iter().find_map(|path| match tree.get(path.as_str()) {
            Some(Node::File(text)) => Some(text.clone()),
            _ => None,
        });
        let (patterns, _) = Patterns::parse(&Source::new("x", text.unwrap_or_default()));
        let context: Tree = tree
            .iter()
            .filter_map(|(path, node)| {
                Some((path.strip_prefix("context/")?.to_owned(), node.clone()))
            })
            .collect();
        let command = support::docker().args(["buildx", "build"]);
        let theirs = build(&command, &root.join(dockerfile), &root.join("context")).unwrap();
        assert_eq!(
            difference(&sent(&context, &patterns), &theirs),
            None,
            "{what}"
        );
    }
}

#[test]
fn a_named_context_has_an_ignore_file_of_its_own() {
    let Some(_engine) = support::Shared::find() else {
        return;
    };
    let (_guard, root) = scratch();
    let named = Case::new("a\n", &["a", "b"]);
    named.write(&root.join("named"));
    Case::new("c\n", &["c", "d"]).write(&root.join("main"));
    let dockerfile = root.join("Dockerfile");
    std::fs::write(
        &dockerfile,
        "FROM scratch\nCOPY --from=named . /named/\nCOPY . /main/\n",
    )
    .unwrap();
    // Named for the Dockerfile, it counts for the main context alone.
    std::fs::write(root.join("Dockerfile.dockerignore"), "d\n").unwrap();
    let context = format!("named={}", root.join("named"));
    let command = support::docker().args(["buildx", "build", "--build-context", &context]);
    let theirs = build(&command, &dockerfile, &root.join("main")).unwrap();
    let mut ours = Tree::from([
        ("main".to_owned(), Node::Folder),
        (
            "main/.dockerignore".to_owned(),
            Node::File("c\n".to_owned()),
        ),
        ("main/c".to_owned(), content("c")),
        ("named".to_owned(), Node::Folder),
    ]);
    ours.extend(
        named
            .sent()
            .into_iter()
            .map(|(path, node)| (format!("named/{path}"), node)),
    );
    assert_eq!(difference(&ours, &theirs), None);
}

#[test]
fn what_the_header_cannot_carry_is_refused_by_both() {
    let Some(_engine) = support::Shared::find() else {
        return;
    };
    let lines = |count: usize| -> String {
        let lines: Vec<String> = (0..count).map(|number| format!("n{number:06}")).collect();
        lines.join("\n")
    };
    for (ignore, is_taken) in [
        (lines(19_000), true),
        (lines(19_200), false),
        ("\u{1}\n".to_owned(), false),
    ] {
        let case = Case::new(&ignore, &["a", "n000001"]);
        let answer = crate::ask::ask(std::slice::from_ref(&case)).remove(0);
        assert_eq!(answer.is_ok(), is_taken, "{:?}", answer.err());
        assert_eq!(case.patterns().1.is_empty(), is_taken);
        if let Ok(theirs) = answer {
            assert_eq!(difference(&case.sent(), &theirs), None);
        }
    }
}

/// The engine reads each byte that is no text as U+FFFD; we refuse such a file.
#[test]
fn bytes_that_are_no_text_are_marks_for_the_engine_and_refused_by_us() {
    let Some(_engine) = support::Shared::find() else {
        return;
    };
    let (_guard, root) = scratch();
    Case::new("", &["a", "b", "ab", "a\u{fffd}b"]).write(&root);
    let ignore = Utf8Path::new(".dockerignore");
    std::fs::write(root.join(ignore), b"b\na\xffb\n").unwrap();
    let refused = Source::read(&root, ignore).unwrap_err();
    assert!(refused.to_string().contains("not UTF-8"), "{refused}");
    let dockerfile = root.join("Dockerfile");
    std::fs::write(&dockerfile, "FROM scratch\nCOPY a* b* /\n").unwrap();
    let command = support::docker().args(["buildx", "build"]);
    let theirs = build(&command, &dockerfile, &root).unwrap();
    let names: Vec<&str> = theirs.keys().map(String::as_str).collect();
    assert_eq!(names, ["a", "ab"]);
}

#[test]
fn a_source_that_is_left_out_stops_the_build_and_a_wildcard_without_finds_does_not() {
    let Some(_engine) = support::Shared::find() else {
        return;
    };
    let (_guard, root) = scratch();
    Case::new("b\n", &["a", "b"]).write(&root);
    let dockerfile = root.join("Dockerfile");
    let ask = |sources: &str| {
        std::fs::write(&dockerfile, format!("FROM scratch\nCOPY {sources} /\n")).unwrap();
        let command = support::docker().args(["buildx", "build"]);
        build(&command, &dockerfile, &root).map(|tree| tree.into_keys().collect::<Vec<String>>())
    };
    let error = ask("a b").unwrap_err();
    assert!(error.contains("not found"), "{error}");
    assert_eq!(ask("a b*").unwrap(), ["a"]);
    assert_eq!(ask("b*").unwrap(), [""; 0]);
}
