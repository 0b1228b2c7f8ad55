use proptest::prelude::*;

use super::*;

/// What both readers can say of a member.
type Seen = (Vec<u8>, Vec<u8>, u64, u32, Vec<u8>);

fn ours(archive: &[u8]) -> io::Result<Vec<Seen>> {
    let mut stream = TarStream::new(archive);
    let mut seen = Vec::new();
    while let Some(member) = stream.next_member()? {
        let mut content = Vec::new();
        loop {
            let more = stream.content()?;
            if more.is_empty() {
                break;
            }
            content.extend_from_slice(more);
        }
        seen.push((member.path, member.link, member.size, member.mode, content));
    }
    stream.drain()?;
    Ok(seen)
}

fn theirs(archive: &[u8]) -> Vec<Seen> {
    let mut archive = tar::Archive::new(archive);
    let entries = archive.entries().unwrap();
    entries
        .map(|entry| {
            let mut entry = entry.unwrap();
            let mut content = Vec::new();
            io::copy(&mut entry, &mut content).unwrap();
            let link = entry.link_name_bytes().map(std::borrow::Cow::into_owned);
            (
                entry.path_bytes().into_owned(),
                link.unwrap_or_default(),
                entry.size(),
                entry.header().mode().unwrap() & 0o7777,
                content,
            )
        })
        .collect()
}

#[derive(Clone, Debug)]
enum Made {
    File(String, Vec<u8>),
    Link(tar::EntryType, String, String),
    Folder(String),
}

fn archive(members: &[Made], pax: bool) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for member in members {
        let mut header = tar::Header::new_gnu();
        header.set_mode(0o4755);
        header.set_uid(70_000);
        header.set_size(0);
        if pax {
            builder
                .append_pax_extensions([("SCHILY.xattr.user.x", &b"y"[..]), ("uid", b"123456789")])
                .unwrap();
        }
        match member {
            Made::File(path, content) => {
                header.set_size(content.len() as u64);
                builder
                    .append_data(&mut header, path, &content[..])
                    .unwrap();
            }
            Made::Link(kind, path, target) => {
                header.set_entry_type(*kind);
                builder.append_link(&mut header, path, target).unwrap();
            }
            Made::Folder(path) => {
                header.set_entry_type(tar::EntryType::Directory);
                builder.append_data(&mut header, path, &[][..]).unwrap();
            }
        }
    }
    builder.into_inner().unwrap()
}

fn path() -> impl Strategy<Value = String> {
    // Long enough that some need an extension, and some are cut between prefix and name.
    proptest::collection::vec("[a-zé.]{1,40}", 1..8).prop_map(|parts| {
        let parts: Vec<String> = parts.into_iter().map(|part| format!("{part}x")).collect();
        parts.join("/")
    })
}

fn made() -> impl Strategy<Value = Made> {
    use tar::EntryType::{Link, Symlink};
    prop_oneof![
        (path(), proptest::collection::vec(any::<u8>(), 0..1500))
            .prop_map(|(path, content)| Made::File(path, content)),
        (
            proptest::sample::select(vec![Link, Symlink]),
            path(),
            path()
        )
            .prop_map(|(kind, path, target)| Made::Link(kind, path, target)),
        path().prop_map(|path| Made::Folder(format!("{path}/"))),
    ]
}

proptest! {
    #[test]
    fn members_are_those_that_another_reader_sees(
        members in proptest::collection::vec(made(), 0..12),
        pax: bool,
    ) {
        let archive = archive(&members, pax);
        prop_assert_eq!(ours(&archive).unwrap(), theirs(&archive));
    }

    #[test]
    fn a_cut_archive_is_an_error_or_ends_between_members(
        members in proptest::collection::vec(made(), 1..4),
        at in any::<proptest::sample::Index>(),
    ) {
        let archive = archive(&members, false);
        let cut = at.index(archive.len());
        if let Ok(seen) = ours(&archive[..cut]) {
            prop_assert!(seen.len() <= members.len());
            prop_assert_eq!(&seen[..], &theirs(&archive)[..seen.len()]);
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..3000)) {
        let _ = ours(&bytes);
    }
}

fn header(name: &str, kind: u8, size: u64) -> [u8; 512] {
    let mut header = tar::Header::new_gnu();
    header.set_path(name).unwrap();
    header.set_entry_type(tar::EntryType::new(kind));
    header.set_size(size);
    header.set_mode(0o644);
    header.set_cksum();
    *header.as_bytes()
}

#[test]
fn what_is_malformed_is_named_with_its_place() {
    let wrong_sum = {
        let mut block = header("a", b'0', 0);
        block[0] = b'b';
        block
    };
    let zeros = [0; 512];
    let huge_extension = header("a", b'x', MAX_EXTENSION_BYTES + 1);
    let negative = {
        let mut block = tar::Header::from_byte_slice(&header("a", b'0', 0)).clone();
        block.as_old_mut().size = [0xff; 12];
        block.set_cksum();
        *block.as_bytes()
    };
    for (archive, expected) in [
        (wrong_sum.to_vec(), "byte 0: the checksum"),
        (b"no tar".repeat(200), "byte 0: the checksum"),
        (
            [&header("a", b'0', 0)[..], &wrong_sum].concat(),
            "byte 512: the checksum",
        ),
        (
            [&zeros[..], &header("a", b'0', 0)].concat(),
            "byte 0: a single block of zeros",
        ),
        (
            huge_extension.to_vec(),
            "byte 0: an extension of 1048577 bytes",
        ),
        (
            negative.to_vec(),
            "byte 0: the size of a member is no number",
        ),
        (
            [&header("a", b'L', 2)[..], b"bc", &[0; 510]].concat(),
            "followed by no member",
        ),
        (header("a", b'0', 600)[..].to_vec(), "cut off at byte 512"),
        (header("a", b'0', 0)[..100].to_vec(), "cut off at byte 100"),
    ] {
        let error = ours(&archive).unwrap_err().to_string();
        assert!(error.contains(expected), "{error} instead of {expected}");
    }
}

#[test]
fn the_dialects_are_understood() {
    // GNU's sparse file: 2 MB long, 3 bytes stored, a map that goes on behind the header.
    let mut sparse = *tar::Header::from_byte_slice(&header("sparse", b'S', 3)).as_bytes();
    sparse[483..495].copy_from_slice(b"00007502200\0");
    sparse[482] = 1;
    let mut sparse = tar::Header::from_byte_slice(&sparse).clone();
    sparse.set_cksum();
    let last_of_map = [0; 512];
    let mut content = [0; 512];
    content[..3].copy_from_slice(b"abc");
    // pax's: named beside a made-up path.
    let records = b"26 GNU.sparse.name=a/real\n31 GNU.sparse.realsize=1000000\n";
    let mut extension = [0; 512];
    extension[..records.len()].copy_from_slice(records);
    let archive = [
        &sparse.as_bytes()[..],
        &last_of_map,
        &content,
        &header("x", b'x', records.len() as u64),
        &extension,
        &header("GNUSparseFile.0/real", b'0', 3),
        &content,
        &header("folder/", b'0', 0),
        &header("device", b'3', 0),
        &header("odd", b'V', 3),
        &content,
    ]
    .concat();
    let mut stream = TarStream::new(&archive[..]);
    let mut seen = Vec::new();
    while let Some(member) = stream.next_member().unwrap() {
        let path = String::from_utf8(member.path).unwrap();
        seen.push((path, member.kind, member.size, member.stored));
    }
    assert_eq!(
        seen,
        [
            ("sparse".to_owned(), Kind::File, 2_000_000, 3),
            ("a/real".to_owned(), Kind::File, 1_000_000, 3),
            ("folder/".to_owned(), Kind::Directory, 0, 0),
            ("device".to_owned(), Kind::CharacterDevice, 0, 0),
            ("odd".to_owned(), Kind::Other(b'V'), 0, 3),
        ]
    );
}
