//! Any bytes are read as a layer or refused; what was read has the sums it says, is the same after it was kept, and
//! makes a file system in which every byte is either visible or hidden.

#![no_main]

use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use xtask::image::filesystem::Filesystem;
use xtask::image::layer::{Change, Detail, LayerContents};

fuzz_target!(|layers: Vec<Vec<u8>>| {
    let mut read = Vec::new();
    for bytes in layers {
        let mut sum = 0u64;
        let Ok((totals, contents)) = LayerContents::read(&mut &bytes[..], Detail::Entries) else {
            continue;
        };
        let (alone, nothing) = LayerContents::read(&mut &bytes[..], Detail::Sizes).unwrap();
        assert_eq!((alone, nothing), (totals, None));
        let contents = contents.unwrap();
        for entry in contents.entries() {
            assert_eq!(
                entry.size > 0,
                entry.size > 0 && entry.change == Change::File
            );
            sum = sum.saturating_add(entry.size);
            let parts = [contents.folder(entry), contents.name(entry)];
            assert!(
                parts
                    .iter()
                    .all(|part| !part.starts_with(b"/") && !part.ends_with(b"/"))
            );
        }
        assert_eq!(sum, totals.bytes.0);
        assert_eq!(
            LayerContents::decode(&contents.encode()).as_ref(),
            Some(&contents)
        );
        // Sums of sums must fit, too; no disk holds such files.
        if sum < 1 << 50 {
            read.push(Arc::new(contents));
        }
    }
    let all: u64 = read
        .iter()
        .flat_map(|layer| layer.entries())
        .map(|entry| entry.size)
        .sum();
    let filesystem = Filesystem::of(read);
    assert_eq!(
        filesystem.visible_bytes().0 + filesystem.hidden_bytes().0,
        all
    );
    for (node, file) in filesystem.visible() {
        assert!(file.names > 0);
        assert!(!filesystem.node_path(node).is_empty());
    }
});
