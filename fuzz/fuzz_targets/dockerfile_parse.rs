//! Any text is parsed and followed through graph and environment; whatever is pointed at lies in the text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use xtask::dockerfile::parse;
use xtask::source::{Source, Span};

fuzz_target!(|text: &str| {
    let source = Source::new("Dockerfile", text);
    let file = parse(&source);
    let pieces = xtask::dockerfile::pieces(&source);
    let printed: String = pieces.iter().map(|piece| piece.span.of(text)).collect();
    assert_eq!(printed, text);
    let inside = |span: Span| {
        assert!(span.start <= span.end, "{span:?}");
        assert!(text.get(span.start..span.end).is_some(), "{span:?}");
    };
    for error in &file.errors {
        inside(error.span);
    }
    for stage in &file.stages {
        inside(stage.span);
        for instruction in &stage.instructions {
            inside(instruction.span);
        }
    }
    // A stage takes over what is below it: many of them are slow for reasons that are no fault.
    if file.stages.len() > 50 {
        return;
    }
    let arguments = std::collections::BTreeMap::new();
    let graph = file.graph(&arguments);
    for error in &graph.errors {
        inside(error.span);
    }
    for stage in 0..file.stages.len() {
        let _ = xtask::project::reading::announced(&file, stage, &arguments);
        let _ = xtask::project::reading::reach(&file, stage, &arguments);
    }
});
