//! Any bytes are looked through for secrets: how they are cut makes no difference, matches lie in them in order, and
//! at most four characters of a secret are shown.

#![no_main]

use libfuzzer_sys::fuzz_target;
use xtask::secrets::content::{Format, MAX_MATCHES, Scanner, scan};
use xtask::secrets::names;

fuzz_target!(|input: (u8, u16, &[u8])| {
    let (choice, chunk, bytes) = input;
    let formats = [
        Format::Text,
        Format::Settings,
        Format::Variables,
        Format::Netrc,
    ];
    let format = formats[usize::from(choice) % formats.len()];
    let whole = scan(format, bytes);
    let mut scanner = Scanner::new(format);
    for chunk in bytes.chunks(usize::from(chunk).max(1)) {
        scanner.feed(chunk);
    }
    assert_eq!(scanner.finish(), whole);
    assert!(whole.matches.len() <= MAX_MATCHES);
    let mut behind = 0;
    for found in &whole.matches {
        assert!(behind <= found.span.start && found.span.start < found.span.end);
        assert!(found.span.end <= bytes.len());
        behind = found.span.end;
        let shown = found.redacted.split('…').next().unwrap_or_default();
        assert!(shown.len() <= 4, "{found:?}");
    }
    if let Ok(path) = std::str::from_utf8(bytes) {
        let _ = names::by_name(path);
    }
});
