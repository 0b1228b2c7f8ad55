//! Any text is read as a script, and every program found in it stands in the text, in order.
#![no_main]

use libfuzzer_sys::fuzz_target;
use xtask::mapped_text::MappedText;
use xtask::source::Span;

fuzz_target!(|text: &str| {
    let whole = Span::new(0, text.len());
    let script = xtask::shell::parse(&MappedText::contiguous(text.to_owned(), whole));
    for error in &script.errors {
        assert!(error.span.end <= text.len());
    }
    let mut behind = 0;
    for invocation in script.invocations() {
        assert!(
            text.get(invocation.span.start..invocation.span.end)
                .is_some()
        );
        assert!(invocation.program_span.start >= behind);
        behind = invocation.program_span.start;
    }
});
