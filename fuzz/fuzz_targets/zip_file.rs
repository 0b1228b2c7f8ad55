//! Whatever a ZIP file says: its entries are read or refused, and no more comes out than is allowed.
#![no_main]

use libfuzzer_sys::fuzz_target;
use xtask::scan::zip::{MAX_ENTRY_BYTES, Zip};

fuzz_target!(|data: &[u8]| {
    let Ok(zip) = Zip::open(data) else {
        return;
    };
    let mut entries = 0;
    let _ = zip.for_each(
        |_| true,
        |entry| {
            entries += 1;
            if let Ok(contents) = zip.contents(&entry) {
                assert_eq!(contents.len() as u64, entry.size);
                assert!(entry.size <= MAX_ENTRY_BYTES);
            }
            // Many names for one large content take their time, and show nothing.
            if entries > 50 {
                Err("enough".to_owned())
            } else {
                Ok(())
            }
        },
    );
    assert!(entries <= zip.entries());
});
