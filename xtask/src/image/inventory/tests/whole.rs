//! What holds for every image, whatever its databases say.

use proptest::prelude::*;

use super::*;

/// A link that costs twice its predecessor, and so on.
fn doubling_links(count: usize) -> Vec<(String, Vec<u8>)> {
    let link = |number: usize| {
        let target = match number {
            0 => ".".to_owned(),
            _ => format!("l{0}/l{0}", number - 1),
        };
        (format!("l{number}@"), target.into_bytes())
    };
    (0..count).map(link).collect()
}

#[test]
fn links_that_double_are_followed_once_each() {
    let mut files = doubling_links(35);
    let mut list = String::new();
    for _ in 0..100_000 {
        list.push_str("/l34/x\n");
    }
    files.push(("x".to_owned(), b"1".to_vec()));
    files.push((
        "var/lib/dpkg/status".to_owned(),
        b"Package: a\nStatus: install ok installed\nVersion: 1\n".to_vec(),
    ));
    files.push(("var/lib/dpkg/info/a.list".to_owned(), list.into_bytes()));
    let files: Vec<(&str, &[u8])> = files
        .iter()
        .map(|(path, text)| (&**path, &**text))
        .collect();
    assert_eq!(told_of(&files), ["a 1: x"]);
}

#[test]
fn a_layer_that_goes_through_links_that_double_is_laid_out_in_no_time() {
    let mut files = doubling_links(35);
    files.push(("l3/x".to_owned(), b"1".to_vec()));
    files.push(("l34/y".to_owned(), b"1".to_vec()));
    let files: Vec<(&str, &[u8])> = files
        .iter()
        .map(|(path, text)| (&**path, &**text))
        .collect();
    let image = filesystem(&[&files]);
    // As Linux does: few links are followed, too many are not, and a folder takes their place.
    assert!(image.find(b"x").is_some());
    assert!(image.find(b"l34/y").is_some());
}

#[test]
fn nothing_is_read_beyond_its_limit() {
    let mut manifest = br#"{"name":"a","version":"1"}"#.to_vec();
    manifest.resize(256 << 10, b' ');
    let path = "node_modules/a/package.json";
    assert_eq!(told_of(&[(path, &manifest)]), [format!("a 1: {path}")]);
    manifest.push(b' ');
    assert_eq!(told_of(&[(path, &manifest)]), [""; 0]);
}

/// Paths at which something is read, and links.
const PATHS: &[&str] = &[
    "lib/apk/db/installed",
    "var/lib/dpkg/status",
    "var/lib/dpkg/diversions",
    "var/lib/dpkg/info/a.list",
    "var/lib/dpkg/status.d/b",
    "var/lib/dpkg/status.d/b.md5sums",
    "s/a.dist-info/METADATA",
    "s/a.dist-info/RECORD",
    "s/b.egg-info/PKG-INFO",
    "s/b.egg-info/top_level.txt",
    "s/c/node_modules/a/package.json",
    "s/c/node_modules/@b/c/package.json",
    "lib@",
    "s/lib@",
];

/// What databases are made of.
const LINES: &[&[u8]] = &[
    b"",
    b"P:a",
    b"V:1",
    b"F:lib",
    b"R:a",
    b"Package: a",
    b"Package: b",
    b"Name: a",
    b"Version: 1",
    b"Status: install ok installed",
    b"Conffiles:",
    b" /s/a",
    b"/lib/a",
    b"/usr/lib/a",
    b"0  s/a",
    b"a.py,,",
    b"../lib/a,,",
    b"\"a",
    b"a",
    b"\xff\xfe:\x00",
    br#"{"name":"a","version":"1"}"#,
];

fn path() -> impl Strategy<Value = String> {
    prop_oneof![
        2 => prop::sample::select(PATHS).prop_map(str::to_owned),
        1 => "(s/|lib/|usr/|a/|b/|__pycache__/|node_modules/){0,4}(a|b|c|a\\.py|a\\.c\\.pyc|s@)",
    ]
}

fn text() -> impl Strategy<Value = Vec<u8>> {
    let lines = prop::collection::vec(prop::sample::select(LINES), 0..8);
    prop_oneof![
        8 => lines.prop_map(|lines| lines.join(&b'\n')),
        1 => prop::collection::vec(any::<u8>(), 0..64),
        1 => Just(b"usr/lib".to_vec()),
        1 => Just(b"..".to_vec()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn every_file_has_one_package_at_most(
        layers in prop::collection::vec(prop::collection::vec((path(), text()), 0..12), 1..3)
    ) {
        let layers: Vec<Vec<(&str, &[u8])>> = layers
            .iter()
            .map(|files| {
                let files = files.iter().map(|(path, text)| {
                    let is_link = path.ends_with('@');
                    let is_target = text.iter().all(u8::is_ascii_graphic) && !text.is_empty();
                    (&**path, if is_link && !is_target { b"s" } else { &**text })
                });
                files.collect()
            })
            .collect();
        let layers: Vec<&[(&str, &[u8])]> = layers.iter().map(|files| &**files).collect();
        let image = filesystem(&layers);
        let found = packages(&image);
        let mut owned: Vec<usize> = found.iter().flat_map(|p| p.files.clone()).collect();
        for file in &owned {
            prop_assert!(image.files()[*file].names > 0);
        }
        let all = owned.len();
        owned.sort_unstable();
        owned.dedup();
        prop_assert_eq!(owned.len(), all);
        for package in &found {
            prop_assert!(!package.name.is_empty() && !package.version.is_empty());
            prop_assert!(package.files.is_sorted());
            prop_assert!(image.find(package.record.as_bytes()).is_some());
        }
        prop_assert_eq!(packages(&image), found);
    }
}

/// A layer that was inspected, with a program of Go, one of Rust, and `node`.
#[test]
fn programs_are_packages_unless_a_distribution_maintains_them() {
    let modules = b"\x30\x77\xaf\x0c\x92\x74\x08\x02\x41\xe1\xc1\x07\xe6\xd6\x18\xe6\
        path\tx.org/a\nmod\tx.org/a\tv1.0.0\th1:x=\ndep\tx.org/b\tv0.1.0\th1:y=\n\
        \xf9\x32\x43\x31\x86\x18\x20\x72\x00\x82\x42\x10\x41\x16\xd8\xf2";
    let mut go = b"\xff Go buildinf:\x08\x02".to_vec();
    go.extend([0; 16]);
    go.extend(b"\x08go1.22.1");
    go.push(u8::try_from(modules.len()).unwrap());
    go.extend(modules);
    let go = executable::tests::file(b"", &go, &[]);
    let node = executable::tests::file(
        b"node.js/v20.18.0\0OpenSSL 3.0.13+quic 30 Jan 2024\0",
        b"",
        &[],
    );
    let apk = b"P:nodejs\nV:20.1.0-r0\nF:usr/bin\nR:node\n\n";
    let files: &[(&str, &[u8])] = &[
        ("app/a", &go),
        ("lib/apk/db/installed", apk),
        ("usr/bin/node", &node),
        ("usr/local/bin/node", &node),
        ("opt/a@", b"../app/a"),
    ];
    let bytes = layer(files);
    let (_, contents) = LayerContents::read(&mut &bytes[..], Detail::Inspected).unwrap();
    let filesystem = Filesystem::of(vec![Arc::new(contents.unwrap())]);
    assert_eq!(
        told(&filesystem),
        [
            "nodejs 20.1.0-r0: usr/bin/node",
            "stdlib v1.22.1: ",
            "x.org/a v1.0.0: app/a",
            "x.org/b v0.1.0: ",
            "node 20.18.0: usr/local/bin/node",
            "openssl 3.0.13: ",
        ]
    );
}
