//! Any program is read: how its bytes come makes no difference, and what it said is the same after it was kept.
#![no_main]

use libfuzzer_sys::fuzz_target;
use xtask::image::executable::Observer;
use xtask::image::layer::{Detail, LayerContents};

/// Files of which more is asked than of others.
const NAMES: [&str; 6] = [
    "app",
    "node",
    "python3.12",
    "redis-server",
    "libcrypto.so.3",
    "haproxy",
];

/// Where something starts, and what is read of it.
const PARTS: [&[u8]; 12] = [
    b"\xff Go buildinf:\x08\x02\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x08go1.22.1",
    b"\xff Go buildinf:\x08\0",
    b"\x30\x77\xaf\x0c\x92\x74\x08\x02\x41\xe1\xc1\x07\xe6\xd6\x18\xe6",
    b"\xf9\x32\x43\x31\x86\x18\x20\x72\0\x82\x42\x10\x41\x16\xd8\xf2",
    b"go1.17.6",
    b"x\x9c\xabV*HL\xceNLO-V\xb2\x8a\xae\x05\x00",
    b"node.js/v20.18.0",
    b"OpenSSL 3.0.13 30 Jan 2024",
    b"\x003.12.1\0",
    b"7.0.151778644800000000000\0",
    b" version 2.6.12-1, released 20",
    b"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
];

fuzz_target!(|input: (u8, u16, Vec<u8>, Vec<(u8, &[u8])>)| {
    let (name, piece, head, parts) = input;
    let name = NAMES[usize::from(name) % NAMES.len()];
    // The magic, 64 bits, little endian; the rest of the header is anybody's.
    let mut bytes = b"\x7fELF\x02\x01".to_vec();
    bytes.extend(&head);
    for (part, text) in parts {
        if let Some(part) = PARTS.get(usize::from(part)) {
            bytes.resize(bytes.len().next_multiple_of(16), 0);
            bytes.extend(*part);
        }
        bytes.extend(text);
    }
    let looked = |piece: usize| {
        let mut observer = Observer::new();
        for piece in bytes.chunks(piece) {
            observer.feed(name.as_bytes(), piece);
        }
        observer.finish(name.as_bytes())
    };
    assert_eq!(looked(usize::from(piece) + 1), looked(bytes.len()));
    let mut header = tar::Header::new_gnu();
    header.set_mode(0o755);
    header.set_size(bytes.len() as u64);
    let mut tar = tar::Builder::new(Vec::new());
    tar.append_data(&mut header, name, &bytes[..])
        .expect("memory takes it");
    let tar = tar.into_inner().expect("memory takes it");
    let read = LayerContents::read(&mut &tar[..], Detail::Inspected).expect("it is a tar");
    let contents = read.1.expect("entries were asked for");
    assert_eq!(
        LayerContents::decode(&contents.encode()).as_ref(),
        Some(&contents)
    );
});
