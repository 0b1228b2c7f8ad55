use super::*;

const INSTALLED: &[u8] = b"C:Q1abc=
P:busybox
V:1.37.0-r12
A:x86_64
o:busybox
L:GPL-2.0-only
F:
F:bin
R:busybox
a:0:0:755
Z:Q1xyz=
F:etc
R:securetty

C:Q1def=
P:ssl_client
V:1.37.0-r12
A:x86_64
o:busybox
F:usr/bin
R:ssl_client
R:busybox
";

#[test]
fn a_database_names_packages_and_their_files() {
    let files: &[(&str, &[u8])] = &[
        ("bin/busybox", b"b"),
        ("bin/other", b"b"),
        ("etc/securetty", b"e"),
        ("lib/apk/db/installed", INSTALLED),
        ("usr/bin/ssl_client", b"s"),
    ];
    let image = filesystem(&[files]);
    assert_eq!(
        told(&image),
        [
            "busybox 1.37.0-r12: bin/busybox etc/securetty",
            "ssl_client 1.37.0-r12: usr/bin/ssl_client",
        ]
    );
    let packages = packages(&image);
    assert_eq!(packages[0].license.as_deref(), Some("GPL-2.0-only"));
    assert_eq!(packages[0].architecture.as_deref(), Some("x86_64"));
    assert_eq!(packages[0].record, "lib/apk/db/installed");
    let source = SourcePackage {
        name: "busybox".to_owned(),
        version: "1.37.0-r12".to_owned(),
    };
    assert_eq!(packages[1].source, Some(source));
}

#[test]
fn a_database_lies_in_one_of_two_places_or_in_both() {
    let busybox = "busybox 1.37.0-r12: usr/bin/busybox";
    let client = "ssl_client 1.37.0-r12: ";
    let moved = [
        ("usr/bin/busybox", &b"b"[..]),
        ("usr/lib/apk/db/installed", INSTALLED),
    ];
    assert_eq!(told_of(&moved), [busybox, client]);
    let both = [&moved[..], &[("lib/apk/db/installed", INSTALLED)]].concat();
    assert_eq!(told_of(&both), [busybox, client]);
}

#[test]
fn the_visible_database_counts() {
    let lower: &[(&str, &[u8])] = &[("bin/busybox", b"b"), ("lib/apk/db/installed", INSTALLED)];
    let upper: &[(&str, &[u8])] = &[("lib/apk/db/installed", b"P:a\nV:1\nF:bin\nR:busybox\n")];
    assert_eq!(told(&filesystem(&[lower, upper])), ["a 1: bin/busybox"]);
    let gone: &[(&str, &[u8])] = &[("lib/apk/db/.wh.installed", b"")];
    assert_eq!(told(&filesystem(&[lower, gone])), [""; 0]);
}

#[test]
fn what_makes_no_sense_is_no_package() {
    for text in [
        &b"P:a\n\nV:1\n"[..],
        b"P:\nV:1\n",
        b"P:a\x1b[0m\nV:1\n",
        b"P\nV:1\n:\n\xff\xfe:x",
        b"\n\n\n\n",
        &[b'P'].repeat(100_000),
    ] {
        assert_eq!(told_of(&[("lib/apk/db/installed", text)]), [""; 0]);
    }
    let cut = b"P:a\nV:1\nF:bin\nR:";
    assert_eq!(told_of(&[("lib/apk/db/installed", cut)]), ["a 1: "]);
    let invalid = b"P:a\xff\nV:1\nF:../../bin\nR:x\nR:../x\n";
    assert_eq!(
        told_of(&[("bin/x", b"x"), ("lib/apk/db/installed", invalid)]),
        ["a\u{fffd} 1: bin/x"]
    );
}

#[test]
fn who_comes_first_keeps_a_file() {
    let text = b"P:b\nV:1\nF:x\nR:y\n\nP:a\nV:1\nF:x\nR:y\n";
    assert_eq!(
        told_of(&[("lib/apk/db/installed", text), ("x/y", b"1")]),
        ["a 1: ", "b 1: x/y"]
    );
}
