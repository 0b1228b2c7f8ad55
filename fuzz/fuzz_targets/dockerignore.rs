//! Any ignore file is read without a panic, its places are in the text, walking down a tree decides as asking for each
//! path alone does, and what is said about patterns holds for the path.

#![no_main]

use camino::Utf8Path;
use libfuzzer_sys::fuzz_target;
use xtask::dockerignore::{Covers, Folder, Pattern, Patterns};
use xtask::source::Source;

fuzz_target!(|input: (&str, &str)| {
    let (text, path) = input;
    let source = Source::new(".dockerignore", text);
    let (patterns, errors) = Patterns::parse(&source);
    let spans = patterns.patterns().iter().map(|pattern| pattern.span());
    for span in spans.chain(errors.iter().map(|error| error.span)) {
        assert!(text.get(span.start..span.end).is_some(), "{span:?}");
    }
    if path.starts_with('/') || path.len() > 200 {
        return;
    }
    let mut folder = Folder::default();
    let mut pruned = false;
    let ends = path
        .match_indices('/')
        .map(|(at, _)| at)
        .chain([path.len()]);
    for end in ends {
        let part = &path[..end];
        let (decision, below) = patterns.decide_in(&folder, part);
        assert_eq!(decision, patterns.decide(Utf8Path::new(part)));
        assert_eq!(decision, patterns.decide_file(&folder, part));
        assert!(!pruned || decision.ignored, "{part}");
        pruned |= decision.ignored && patterns.can_prune(part);
        let is_empty = patterns.arrives_empty(Utf8Path::new(part));
        assert!(!is_empty || !decision.ignored, "{part}");
        folder = below;
    }
    let names = |path: &str| path.split('/').all(|part| !matches!(part, "" | "." | ".."));
    for pair in patterns.patterns().windows(2) {
        let _ = pair[0].meaning().to_string();
        if names(path) && !path.contains(['\n', '\0']) && pair[0].covers(&pair[1]) == Covers::Yes {
            assert!(
                !matches(&pair[1], path) || matches(&pair[0], path),
                "{pair:?}"
            );
        }
    }
});

/// Itself or through a folder above it.
fn matches(pattern: &Pattern, path: &str) -> bool {
    let folders = path.match_indices('/').map(|(at, _)| &path[..at]);
    folders.chain([path]).any(|path| pattern.matches(path))
}
