use camino::Utf8Path;
use proptest::prelude::*;

use super::{Folder, Patterns, candidates};
use crate::source::Source;

fn patterns(text: &str) -> Patterns {
    let (patterns, errors) = Patterns::parse(&Source::new(".dockerignore", text));
    assert_eq!(errors, [], "{text:?}");
    patterns
}

fn ignored(text: &str, path: &str) -> bool {
    patterns(text).decide(Utf8Path::new(path)).ignored
}

#[test]
fn one_pattern_matches_what_it_says() {
    // Pattern, paths it leaves out, paths it does not.
    for (pattern, out, kept) in [
        (
            "node_modules",
            &["node_modules", "node_modules/a/b"][..],
            &["a/node_modules", "node_modules2"][..],
        ),
        (
            "**/node_modules",
            &["node_modules/x", "a/b/node_modules/x"],
            &["a/xnode_modules"],
        ),
        ("**foo", &["foo", "xfoo", "a/xfoo", "a/foo/b"], &["foox"]),
        ("**", &["a", "a/b"], &[]),
        ("**/", &["a", "a/b"], &[]),
        ("**/*", &["a", "a/b"], &[]),
        ("**/**", &["a", "a/b"], &[]),
        ("*", &["a", ".a", "a/b"], &[]),
        ("dir/*", &["dir/a", "dir/a/b"], &["dir", "dirx/a"]),
        ("dir/**", &["dir/a", "dir/a/b"], &["dir"]),
        ("dir**", &["dir", "dirx", "dir/a"], &["xdir"]),
        ("a/**/b", &["a/b", "a/c/b", "a/c/d/b/e"], &["a/xb", "ab"]),
        ("a/**b", &["a/b", "a/c/b"], &["a/xb"]),
        ("*.md", &["README.md"], &["docs/README.md", "README.mdx"]),
        (
            "**/*.md",
            &["README.md", "docs/a/README.md"],
            &["README.mdx"],
        ),
        (
            "*/temp*",
            &["a/temporary", "a/temp/x"],
            &["temp", "a/b/temp"],
        ),
        ("temp?", &["tempa", "temp☺"], &["temp", "tempab", "temp/"]),
        ("a.c", &["a.c"], &["abc"]),
        ("a(b)$+", &["a(b)$+"], &["ab"]),
        ("[a-c]x[^0-9]", &["axy", "bx/"], &["dxy", "ax1"]),
        ("[[:digit:]]", &["1"], &["a"]),
        (r"\#x", &["#x"], &[]),
        (r"a\*b", &["a*b"], &["axb"]),
        (r"[\]a]", &["]", "a"], &["b"]),
        (
            "Dockerfile",
            &["Dockerfile"],
            &["dockerfile", "a/Dockerfile"],
        ),
        // Cleaned: slashes at both ends, dots.
        ("/a/", &["a", "a/b"], &["b/a"]),
        ("./a//b/../c", &["a/c"], &["a/b"]),
        ("  a b\t", &["a b"], &["a"]),
        // Nothing at all.
        (".", &[], &["a", ".a"]),
        ("/", &[], &["a"]),
        ("../x", &[], &["x"]),
        // What leaks through from regular expressions.
        ("a|b.md*", &["a", "abc", "a/x"], &["b", "xb.m"]),
        ("x{2}*", &["xx1"], &["x1", "x{2}1"]),
        ("*.{js,ts}", &["a.{js,ts}"], &["a.js"]),
        ("a[^b]c", &["a/c"], &["abc"]),
        (r"\d?", &["1x"], &["dx"]),
    ] {
        for path in out {
            assert!(ignored(pattern, path), "{pattern} should match {path}");
        }
        for path in kept {
            assert!(!ignored(pattern, path), "{pattern} should not match {path}");
        }
    }
}

#[test]
fn the_last_match_decides() {
    for (text, path, expected) in [
        ("docs\n!docs/README.md\n", "docs/README.md", false),
        ("docs\n!docs/README.md\n", "docs/x", true),
        ("!docs/README.md\ndocs\n", "docs/README.md", true),
        ("*.md\n!README*.md\nREADME-secret.md", "README-a.md", false),
        (
            "*.md\n!README*.md\nREADME-secret.md",
            "README-secret.md",
            true,
        ),
        ("**\n!src\n", "src/a/b", false),
        ("**\n!src/**\n", "src/a/b", false),
        ("**\n!src\nsrc/a\n", "src/a/b", true),
        // What is left out by itself comes back by itself alone, not with the folder it is in.
        ("dir/sub\n!dir\n", "dir/sub", true),
        ("dir/sub\n!dir/**\n", "dir/sub", false),
        ("dir\n!dir\n", "dir/sub", false),
        ("**/.env*\n!**/.env.example\n", "a/.env.example", false),
        ("**/.env*\n!**/.env.example\n", "a/.env.local", true),
    ] {
        assert_eq!(ignored(text, path), expected, "{text:?} {path}");
    }
    let decision = patterns("a\n!a/b\n").decide(Utf8Path::new("a/b"));
    assert_eq!(decision.pattern, Some(1));
    assert_eq!(patterns("a").decide(Utf8Path::new("b")).pattern, None);
}

#[test]
fn lines_are_read_as_the_engine_reads_them() {
    let text = "\u{feff}# comment\r\n # no comment\r\n\r\n  ! a \r\n/!b\nc # d";
    let patterns = patterns(text);
    let read: Vec<(&str, bool, &str)> = patterns
        .patterns()
        .iter()
        .map(|p| (p.text(), p.is_exception(), p.span().of(text)))
        .collect();
    assert_eq!(
        read,
        [
            ("# no comment", false, "# no comment"),
            ("a", true, "! a"),
            ("b", true, "/!b"),
            ("c # d", false, "c # d"),
        ]
    );
    assert!(patterns.has_exceptions());
    assert!(ignored("\u{feff}a\n", "a"));
}

#[test]
fn what_the_engine_refuses_is_reported_with_its_place() {
    for (text, at, words) in [
        ("a\n!\n", 2, "takes back nothing"),
        ("!/", 0, "takes back nothing"),
        ("  [a\n", 2, "not complete"),
        ("[x-]", 0, "not complete"),
        ("[]a]", 0, "not complete"),
        ("a\\", 0, "not complete"),
        ("x*{2}", 0, "repeats"),
        ("*[b-a]", 0, "ends before"),
        ("\\p*", 0, "escape"),
        ("b\na\tb\n", 2, "control character ('\\t')"),
        ("a\u{7f}", 0, "control character"),
    ] {
        let (_, errors) = Patterns::parse(&Source::new("x", text));
        assert_eq!(errors.len(), 1, "{text:?}");
        assert_eq!(errors[0].span.start, at, "{text:?}");
        assert!(errors[0].message.contains(words), "{errors:?}");
    }
    // Beside a pattern that is not ASCII, which changes how they travel, control characters are taken.
    assert!(ignored("a\tb\né\n", "a\tb"));
    let long = format!("{}\nb\n", "a".repeat(70_000));
    let (patterns, errors) = Patterns::parse(&Source::new("x", long));
    assert_eq!((patterns.patterns().len(), errors.len()), (1, 1));
}

#[test]
fn more_patterns_than_the_engine_takes_are_left_out() {
    let lines: Vec<String> = (0..30_000).map(|number| format!("n{number:06}")).collect();
    let text = lines.join("\n");
    let (patterns, errors) = Patterns::parse(&Source::new("x", text.as_str()));
    assert_eq!((patterns.patterns().len(), errors.len()), (19_061, 1));
    assert_eq!(errors[0].span.of(&text), "n019061");
    assert!(
        errors[0]
            .message
            .contains("more patterns than the engine takes")
    );
    // Encoded, each star takes three bytes.
    let text = format!("é\n{}", "**/*\n".repeat(30_000));
    let (patterns, _) = Patterns::parse(&Source::new("x", text));
    assert_eq!(
        patterns.patterns().len(),
        1 + (1_048_396 - 48 - 6) / (48 + 12)
    );
}

#[test]
fn a_file_that_is_made_to_take_long_does_not() {
    let start = std::time::Instant::now();
    for text in [
        "a*".repeat(32_000),
        format!("{}\n", "a*".repeat(32_000)).repeat(16),
        format!("[{}", "[:".repeat(32_000)),
        format!("[{}]*", "az".repeat(32_000)),
        "a{1000}*\n!b\n".repeat(20_000),
        "a{1000}".repeat(8_000) + "*",
        "**\n!**\n".repeat(5_000),
        "*a\n!*b\n".repeat(5_000),
        "a?".repeat(1_000) + &"a".repeat(1_000),
        "n\n".repeat(500_000),
    ] {
        let (patterns, _) = Patterns::parse(&Source::new("x", text));
        for path in ["a/b/c".to_owned(), "a".repeat(255), "n".to_owned()] {
            let _ = patterns.decide(Utf8Path::new(&path));
            let _ = patterns.can_prune(&path);
            let _ = patterns.arrives_empty(Utf8Path::new(&path));
        }
    }
    assert!(start.elapsed().as_secs() < 60, "{:?}", start.elapsed());
}

#[test]
fn what_the_walk_does_not_look_into_is_not_taken_back_in() {
    for (text, path, expected) in [
        ("a\n!a/*/**\n", "a/b/c", true),
        // Any exception with a wildcard makes the engine look everywhere.
        ("a\n!a/*/**\n!*.md\n", "a/b/c", false),
        ("a\n!x|a/*\n", "a/b", true),
        ("a\n!a/b/*\n", "a/b/c", false),
        ("a\n!a/b/**\n", "a/b/c", false),
        ("a\n!a/b/c\n", "a/b/c", false),
        ("a\n!a/b/c\n", "a/b/d", true),
    ] {
        assert_eq!(ignored(text, path), expected, "{text:?} {path}");
    }
}

#[test]
fn a_file_that_the_engine_does_not_open_arrives_empty() {
    for (text, path, expected) in [
        ("a\n!a/b\na\n", "a/b", true),
        ("a\n!a/b\na/b\n", "a/b", false),
        ("a\n!a/b\n", "a/b", false),
        ("a/b\n!a/b/c\na\n", "a/b/c", false),
        ("a\n", "b", false),
    ] {
        let empty = patterns(text).arrives_empty(Utf8Path::new(path));
        assert_eq!(empty, expected, "{text:?} {path}");
    }
}

#[test]
fn a_byte_order_mark_is_dropped_from_expressions_alone() {
    for (pattern, path, expected) in [
        ("x\n\u{feff}a?", "ab", true),
        ("x\n\u{feff}ab", "ab", false),
        ("x\n\u{feff}ab", "\u{feff}ab", true),
        ("x\n\u{feff}**/a", "b/a", false),
        ("x\n\u{feff}a**", "\u{feff}ab", true),
    ] {
        assert_eq!(ignored(pattern, path), expected, "{pattern:?} {path:?}");
    }
}

#[test]
fn the_file_named_for_the_dockerfile_comes_first() {
    let [first, second] = candidates(Utf8Path::new("docker/base/Dockerfile"), Utf8Path::new(""));
    assert_eq!(first, "docker/base/Dockerfile.dockerignore");
    assert_eq!(second, ".dockerignore");
}

#[test]
fn thousands_of_paths_are_decided_at_once() {
    let patterns = patterns(
        "**/node_modules\n**/*.log\n**/.env*\n!**/.env.example\ndist\n**/coverage/**\n*.md\n**/a*b*c*d*e*f*g\n",
    );
    let start = std::time::Instant::now();
    let mut count = 0;
    for number in 0..20_000 {
        let path = format!("apps/service-{number}/src/aaaabbbbccccddddeeeeffff/file-{number}.ts");
        count += usize::from(patterns.decide(Utf8Path::new(&path)).ignored);
    }
    assert_eq!(count, 0);
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}

fn some_line() -> impl Strategy<Value = String> {
    prop::collection::vec(
        prop::sample::select(vec![
            "a", "b", "/", "*", "**", "?", "!", "[a]", "[^a]", ".", "..", "\\", "{", "}", "|",
            "x{1,2}", "^", "$", "é", " ",
        ]),
        0..7,
    )
    .prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn walking_down_decides_as_asking_at_once(
        lines in prop::collection::vec(some_line(), 0..6),
        names in prop::collection::vec("[ab.]{1,2}", 1..5),
    ) {
        let (patterns, _) = Patterns::parse(&Source::new("x", lines.join("\n")));
        let mut folder = Folder::default();
        let mut path = String::new();
        let mut pruned = false;
        for name in &names {
            if !path.is_empty() {
                path.push('/');
            }
            path.push_str(name);
            let (decision, below) = patterns.decide_in(&folder, &path);
            prop_assert_eq!(decision, patterns.decide(Utf8Path::new(&path)));
            // What cannot come back does not.
            prop_assert!(!pruned || decision.ignored, "{} of {:?}", path, lines);
            pruned |= decision.ignored && patterns.can_prune(&path);
            folder = below;
        }
    }

    #[test]
    fn a_plain_name_matches_itself_and_what_is_below(
        name in "[a-c]{1,3}(/[a-c]{1,2})?",
        path in "[a-c]{1,3}(/[a-c]{1,2}){0,2}",
    ) {
        let below = Utf8Path::new(&path).starts_with(&name);
        prop_assert_eq!(ignored(&name, &path), below);
        prop_assert_eq!(ignored(&format!("/{name}/"), &path), below);
        let anywhere = below || path.contains(&format!("/{name}/")) || path.ends_with(&format!("/{name}"));
        prop_assert_eq!(ignored(&format!("**/{name}"), &path), anywhere);
    }

    #[test]
    fn spans_are_the_text(text in "[ab!*\\[\\]\\\\/# \\r\\n\u{feff}é{}|,0-9^]{0,40}") {
        let source = Source::new("x", text);
        let (patterns, errors) = Patterns::parse(&source);
        let spans = patterns.patterns().iter().map(super::Pattern::span);
        for span in spans.chain(errors.into_iter().map(|error| error.span)) {
            let text = span.of(source.text());
            prop_assert!(!text.is_empty() && text == text.trim());
        }
        let _ = patterns.decide(Utf8Path::new("a/b/é"));
    }
}
