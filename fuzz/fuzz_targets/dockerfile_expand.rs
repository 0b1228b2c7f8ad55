//! Any word expands or is refused, with either escape character.
#![no_main]

use libfuzzer_sys::fuzz_target;
use xtask::dockerfile::{expand, expand_words};

fuzz_target!(|text: &str| {
    let lookup = |name: &str| match name.len() % 3 {
        0 => None,
        1 => Some(String::new()),
        _ => Some("a value".to_owned()),
    };
    for escape in ['\\', '`'] {
        let whole = expand(text, escape, &lookup);
        let words = expand_words(text, escape, &lookup);
        assert_eq!(whole.is_ok(), words.is_ok());
    }
});
