//! Any output of a build is taken in and counted.
#![no_main]

use libfuzzer_sys::fuzz_target;
use xtask::engine::events::{Stream, Tally};

fuzz_target!(|text: &str| {
    let mut stream = Stream::new(["api", "base"]);
    let mut tally = Tally::default();
    for line in text.lines() {
        for event in stream.feed(line) {
            tally.apply(&event);
        }
    }
    for event in stream.finish() {
        tally.apply(&event);
    }
});
