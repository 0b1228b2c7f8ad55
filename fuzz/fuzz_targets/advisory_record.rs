//! Whatever a record says: it is read or refused; what was read comes out of an index as it went in, and every version
//! that it names can be judged. Listed versions are affected.
#![no_main]

use libfuzzer_sys::fuzz_target;
use xtask::scan::index::{Index, Writer};
use xtask::scan::matching::{Verdict, judge};
use xtask::scan::osv::{Event, read};

fuzz_target!(|text: &[u8]| {
    let Ok(mut record) = read(text) else {
        return;
    };
    record.is_withdrawn = false;
    let mut writer = Writer::new(Vec::new()).unwrap();
    writer.add(&record, None).unwrap();
    let bytes = writer.finish(7).unwrap();
    let index = Index::open(&bytes[..]).unwrap();
    assert_eq!(index.fingerprint(), 7);
    for entry in &record.entries {
        let scheme = entry.family().unwrap().scheme();
        let found = index.advisories(&entry.ecosystem, &entry.package).unwrap();
        assert_eq!(found, [entry.advisory.clone()]);
        let advisory = &entry.advisory;
        for version in &advisory.versions {
            assert!(
                matches!(judge(scheme, advisory, version), Verdict::Affected { .. }),
                "{version:?}"
            );
        }
        for event in advisory.ranges.iter().flat_map(|range| &range.events) {
            let (Event::Introduced(version)
            | Event::Fixed(version)
            | Event::LastAffected(version)
            | Event::Limit(version)) = event;
            let _ = judge(scheme, advisory, version);
        }
        assert!(advisory.title.len() <= 240 && !advisory.title.contains(char::is_control));
    }
});
