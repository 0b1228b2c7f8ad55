use proptest::prelude::*;

use super::*;

#[path = "../../../tests/support/zip_file.rs"]
pub(crate) mod zip_file;

use zip_file::{ZipFile, sum};

type Contents = Vec<(String, Result<Vec<u8>, String>)>;

fn read(bytes: &[u8]) -> Result<Contents, String> {
    let mut all = Vec::new();
    Zip::open(bytes)?.for_each(
        |_| true,
        |entry, contents| {
            all.push((entry.name, contents));
            Ok::<_, String>(())
        },
    )?;
    Ok(all)
}

fn one(name: &str, make: impl FnOnce(&mut ZipFile<Vec<u8>>)) -> Result<Vec<u8>, String> {
    let mut zip = ZipFile::new(Vec::new());
    make(&mut zip);
    let all = read(&zip.finish().unwrap()).unwrap();
    assert_eq!(all.len(), 1);
    assert_eq!(all[0].0, name);
    all[0].1.clone()
}

#[test]
fn packed_stored_and_large_entries_are_read() {
    for always_large in [false, true] {
        let mut zip = ZipFile::new(Vec::new());
        zip.always_large = always_large;
        zip.add("a/b.json", &b"text ".repeat(1000)).unwrap();
        zip.add_stored("c", b"stored").unwrap();
        zip.add("empty", b"").unwrap();
        let all = read(&zip.finish().unwrap()).unwrap();
        let expected = [
            ("a/b.json", b"text ".repeat(1000)),
            ("c", b"stored".to_vec()),
            ("empty", Vec::new()),
        ];
        assert_eq!(
            all,
            expected.map(|(name, contents)| (name.to_owned(), Ok(contents)))
        );
    }
}

/// What `zip` writes, and Python's `zipfile`: data descriptors, extra fields, comments.
#[test]
fn more_entries_than_fit_into_sixteen_bits_are_read() {
    let mut zip = ZipFile::new(Vec::new());
    for index in 0..70_000 {
        zip.add_stored(&index.to_string(), b"x").unwrap();
    }
    let bytes = zip.finish().unwrap();
    assert_eq!(Zip::open(&bytes[..]).unwrap().entries(), 70_000);
    let all = read(&bytes).unwrap();
    assert_eq!(all.len(), 70_000);
    assert_eq!(all[69_999], ("69999".to_owned(), Ok(b"x".to_vec())));
}

#[test]
fn an_entry_that_lies_is_not_used() {
    let packed = |contents: &[u8]| {
        let mut encoder =
            flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
        std::io::Write::write_all(&mut encoder, contents).unwrap();
        encoder.finish().unwrap()
    };
    let whole = packed(b"contents");
    let ten = one("a", |zip| {
        zip.add_packed("a", 8, &whole, 10, sum(b"contents"))
            .unwrap();
    });
    assert_eq!(ten.unwrap_err(), "it is not what its checksum says");
    let short = one("a", |zip| {
        zip.add_packed("a", 8, &whole, 3, sum(b"con")).unwrap();
    });
    assert_eq!(short.unwrap_err(), "it is not what its checksum says");
    let wrong = one("a", |zip| {
        zip.add_packed("a", 8, &whole, 8, 1).unwrap();
    });
    assert_eq!(wrong.unwrap_err(), "it is not what its checksum says");
    let cut = one("a", |zip| {
        zip.add_packed("a", 8, &whole[..4], 8, sum(b"contents"))
            .unwrap();
    });
    assert!(cut.is_err());
    let method = one("a", |zip| {
        zip.add_packed("a", 93, &whole, 8, sum(b"contents"))
            .unwrap();
    });
    assert_eq!(
        method.unwrap_err(),
        "it is packed by method 93, which is unknown"
    );
    let large = one("a", |zip| {
        zip.add_packed("a", 0, b"", MAX_ENTRY_BYTES + 1, 0).unwrap();
    });
    assert_eq!(large.unwrap_err(), "it is larger than 33554432 bytes");
}

#[test]
fn a_bomb_is_given_up_early() {
    let mut zip = ZipFile::new(Vec::new());
    let zeros = vec![0; usize::try_from(MAX_ENTRY_BYTES).unwrap()];
    zip.add_many(20, "x", &zeros).unwrap();
    let bytes = zip.finish().unwrap();
    assert!(
        (bytes.len() as u64) * MAX_RATIO + FREE_BYTES < 20 * MAX_ENTRY_BYTES,
        "{}",
        bytes.len()
    );
    let mut seen = 0;
    let result = Zip::open(&bytes[..]).unwrap().for_each(
        |_| true,
        |_, _| {
            seen += 1;
            Ok::<_, String>(())
        },
    );
    assert!(result.unwrap_err().contains("that is no honest file"));
    assert!(seen < 20, "{seen}");
}

#[test]
fn what_is_no_zip_file_is_told_in_one_sentence() {
    let mut zip = ZipFile::new(Vec::new());
    zip.add("a", b"contents").unwrap();
    let bytes = zip.finish().unwrap();
    for cut in 0..bytes.len() {
        assert!(read(&bytes[..cut]).is_err(), "{cut}");
    }
    assert_eq!(
        read(b"").unwrap_err(),
        "it is no ZIP file, or its end is missing"
    );
    let mut behind = bytes.clone();
    behind.extend_from_slice(&[0; 100]);
    assert!(read(&behind).is_ok(), "trailing bytes do no harm");
    let mut many = bytes;
    let end = many.len() - 22;
    many[end + 10] = 9;
    assert_eq!(
        read(&many).unwrap_err(),
        "its table of contents is damaged at entry 2"
    );
}

proptest! {
    #[test]
    fn damage_anywhere_is_noticed_or_harmless(at in 0..400_usize, bit in 0..8_u8, large: bool) {
        let mut zip = ZipFile::new(Vec::new());
        zip.always_large = large;
        zip.add("first.json", &b"{\"id\": 1} ".repeat(10)).unwrap();
        zip.add_stored("second.json", b"{\"id\": 2}").unwrap();
        let mut bytes = zip.finish().unwrap();
        let good = read(&bytes).unwrap();
        let at = at % bytes.len();
        bytes[at] ^= 1 << bit;
        for (_, contents) in read(&bytes).into_iter().flatten() {
            if let Ok(contents) = contents {
                let is_one_of_them = good.iter().any(|(_, it)| it.as_ref() == Ok(&contents));
                prop_assert!(is_one_of_them, "byte {at}");
            }
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..300), front: bool) {
        let mut bytes = bytes;
        if front {
            bytes.extend_from_slice(b"PK\x05\x06\0\0\0\0\x01\0\x01\0\x10\0\0\0\0\0\0\0\0\0");
        }
        let _ = read(&bytes);
    }
}
