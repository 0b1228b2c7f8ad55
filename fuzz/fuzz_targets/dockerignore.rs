//! Any ignore file is read without a panic, its places are in the text, and walking down a tree decides as asking for
//! each path alone does.

#![no_main]

use camino::Utf8Path;
use libfuzzer_sys::fuzz_target;
use xtask::dockerignore::{Folder, Patterns};
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
    let ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
    for end in ends {
        let part = &path[..end];
        let (decision, below) = patterns.decide_in(&folder, part);
        assert_eq!(decision, patterns.decide(Utf8Path::new(part)));
        assert!(!pruned || decision.ignored, "{part}");
        pruned |= decision.ignored && patterns.can_prune(part);
        folder = below;
    }
});
