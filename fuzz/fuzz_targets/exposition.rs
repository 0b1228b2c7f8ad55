//! Whatever a metrics endpoint answers: it is read, or refused with a line that is there.
#![no_main]

use libfuzzer_sys::fuzz_target;
use xtask::trial::exposition::parse;

fuzz_target!(|text: &str| {
    match parse(text) {
        Ok(metrics) => {
            let samples: usize = metrics.families.values().map(|family| family.samples.len()).sum();
            assert!(samples <= text.lines().count());
        }
        Err(mistake) => assert!((1..=text.lines().count().max(1)).contains(&mistake.line)),
    }
});
