//! What comes from elsewhere and is held against a policy: lines of an audit trail, and what cosign prints.
#![no_main]

use libfuzzer_sys::fuzz_target;
use xtask::audit::{Chain, Line};
use xtask::timestamp::Timestamp;
use xtask::trust::{public_key_hint, read_attestations, read_signatures, signed_hints};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(line) = Line::read(bytes) {
        // Whatever is sound has one spelling only.
        let spaced = [b" ", bytes].concat();
        assert!(!line.is_sound() || Line::read(&spaced).is_ok_and(|other| !other.is_sound()));
    }
    let mut chain = Chain::new(Vec::new());
    for line in bytes.split(|byte| *byte == b'\n') {
        chain.feed(line);
    }
    let _ = chain.finish();
    let _ = read_signatures(bytes);
    let _ = signed_hints(bytes);
    for attestation in read_attestations(bytes).unwrap_or_default() {
        let _ = (attestation.made(), attestation.scan_verdict());
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = public_key_hint(text);
        if let Ok(moment) = text.parse::<Timestamp>() {
            assert_eq!(moment.to_string().parse(), Ok(moment));
        }
    }
});
