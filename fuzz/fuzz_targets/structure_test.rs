//! Any file of container-structure-test is read, or refused with places that lie in it; any pattern is one, or refused; any
//! kustomization gets its digest, or is refused, and what was written is read again as it was meant.
#![no_main]

use std::collections::BTreeMap;

use libfuzzer_sys::fuzz_target;
use xtask::release::with_digests;
use xtask::source::Source;
use xtask::trial::structure::{Pattern, expanded, read};

fuzz_target!(|text: &str| {
    let source = Source::new("test.yaml", text);
    if let Err(error) = read(&source) {
        for one in std::iter::once(&error).chain(error.others()) {
            if let Some(location) = one.location() {
                let span = location.span;
                assert!(text.get(span.start..span.end).is_some(), "{span:?}");
            }
        }
    }
    if let Ok(pattern) = Pattern::new(text.get(..200).unwrap_or(text)) {
        let _ = pattern.is_match("abc\n[]&~ Q");
    }
    let _ = expanded(text, &|name| Some(name.to_owned()));
    let digests = BTreeMap::from([("host/api".to_owned(), "sha256:00".to_owned())]);
    if let Ok(written) = with_digests(Some(&source), &digests) {
        let again = with_digests(Some(&Source::new("test.yaml", written.clone())), &digests);
        assert_eq!(again.ok(), Some(written));
    }
});
