//! Whatever is changed in an index: it is noticed, or what is read is what was written. And any bytes at all are an index
//! or none.
#![no_main]

use libfuzzer_sys::fuzz_target;
use xtask::scan::index::{Index, Writer};
use xtask::scan::osv::read;

const RECORDS: [&str; 3] = [
    r#"{"id": "A", "affected": [{"package": {"ecosystem": "npm", "name": "a"}, "versions": ["1.0.0"]}]}"#,
    r#"{"id": "B", "affected": [{"package": {"ecosystem": "npm", "name": "a"}, "ranges": [{"type": "SEMVER", "events":
        [{"introduced": "0"}, {"fixed": "1.0.0"}]}]}]}"#,
    r#"{"id": "C", "affected": [{"package": {"ecosystem": "Debian:12", "name": "b"}, "versions": ["1"]}]}"#,
];

fuzz_target!(|data: &[u8]| {
    if let Ok(index) = Index::open(data) {
        let _ = index.advisories("npm", "a");
    }
    let mut writer = Writer::new(Vec::new()).unwrap();
    for record in RECORDS {
        writer
            .add(&read(record.as_bytes()).unwrap(), Some(1))
            .unwrap();
    }
    let mut bytes = writer.finish(7).unwrap();
    let good = Index::open(&bytes[..]).unwrap();
    let good = (
        good.advisories("npm", "a").unwrap(),
        good.advisories("Debian:12", "b").unwrap(),
    );
    for change in data.chunks_exact(3) {
        let at = usize::from(u16::from_le_bytes([change[0], change[1]])) % bytes.len();
        bytes[at] = change[2];
    }
    let length = data.first().map_or(bytes.len(), |cut| {
        bytes.len().saturating_sub(usize::from(*cut) / 8)
    });
    if let Ok(index) = Index::open(&bytes[..length]) {
        for (ecosystem, package, good) in [("npm", "a", good.0), ("Debian:12", "b", good.1)] {
            if let Ok(found) = index.advisories(ecosystem, package) {
                assert_eq!(found, good);
            }
        }
    }
});
