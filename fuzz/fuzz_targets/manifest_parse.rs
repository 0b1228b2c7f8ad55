//! Any manifest is read, or refused with places that lie in it and messages that can be shown.
#![no_main]

use libfuzzer_sys::fuzz_target;
use xtask::project::Manifest;
use xtask::report::{Color, terminal};
use xtask::source::Source;

fuzz_target!(|text: &str| {
    let Err(error) = Manifest::parse(&Source::new("docker.toml", text)) else {
        return;
    };
    for one in std::iter::once(&error).chain(error.others()) {
        if let Some(location) = one.location() {
            let span = location.span;
            assert!(text.get(span.start..span.end).is_some(), "{span:?}");
        }
    }
    let shown = terminal::error(&error, Color::Plain);
    assert!(shown.starts_with("error: "), "{shown}");
});
