//! Whatever three lines say: each scheme that takes them for versions has a total order of them.
#![no_main]

use std::cmp::Ordering;

use libfuzzer_sys::fuzz_target;
use xtask::version::{Scheme, compare};

fuzz_target!(|text: &str| {
    let mut lines = text.split('\n');
    let (Some(a), Some(b), Some(c)) = (lines.next(), lines.next(), lines.next()) else {
        return;
    };
    for scheme in Scheme::ALL {
        for one in [a, b, c] {
            assert!(
                compare(scheme, one, one).is_none_or(Ordering::is_eq),
                "{scheme:?} {one:?}"
            );
        }
        let orders = (
            compare(scheme, a, b),
            compare(scheme, b, c),
            compare(scheme, a, c),
        );
        assert_eq!(
            orders.0,
            compare(scheme, b, a).map(Ordering::reverse),
            "{scheme:?} {a:?} {b:?}"
        );
        let (Some(ab), Some(bc), Some(ac)) = orders else {
            continue;
        };
        if ab.is_le() && bc.is_le() {
            let expected = if ab.is_lt() || bc.is_lt() {
                Ordering::Less
            } else {
                Ordering::Equal
            };
            assert_eq!(ac, expected, "{scheme:?} {a:?} {b:?} {c:?}");
        }
    }
});
