use super::*;

const STATUS: &[u8] = b"Package: libc6
Status: install ok installed
Architecture: amd64
Multi-Arch: same
Source: glibc
Version: 2.36-9
Conffiles:
 /etc/ld.so.conf 1234
 /etc/old 1234 obsolete
Description: GNU C Library
 has files:
 /usr/bin/nothing

Package: held
Status: hold ok installed
Architecture: all
Source: other (1:2.0-1)
Version: 1:2.0-1+b1

Package: removed
Status: deinstall ok config-files
Architecture: amd64
Version: 1
Conffiles:
 /etc/removed 1234

Package: unsaid
Version: 1
";

#[test]
fn a_database_names_packages_and_lists_their_files() {
    let files: &[(&str, &[u8])] = &[
        ("lib@", b"usr/lib"),
        ("usr/lib/libc.so.6", b"c"),
        ("usr/lib/other.so", b"c"),
        ("usr/bin/nothing", b"n"),
        ("etc/ld.so.conf", b"e"),
        ("etc/removed", b"r"),
        ("opt/held", b"h"),
        ("var/lib/dpkg/status", STATUS),
        (
            "var/lib/dpkg/info/libc6:amd64.list",
            b"/.\n/lib\n/lib/libc.so.6\n/usr/share/doc/libc6\n",
        ),
        ("var/lib/dpkg/info/libc6.list", b"/usr/lib/other.so\n"),
        (
            "var/lib/dpkg/info/held.list",
            b"/opt/held\n/lib/libc.so.6\n/etc/removed/x\n",
        ),
    ];
    let image = filesystem(&[files]);
    assert_eq!(
        told(&image),
        [
            "held 1:2.0-1+b1: opt/held",
            "libc6 2.36-9: usr/lib/libc.so.6 etc/ld.so.conf",
        ]
    );
    let source = |name: &str, version: &str| {
        Some(SourcePackage {
            name: name.to_owned(),
            version: version.to_owned(),
        })
    };
    let packages = packages(&image);
    assert_eq!(packages[0].source, source("other", "1:2.0-1"));
    assert_eq!(packages[1].source, source("glibc", "2.36-9"));
    assert_eq!(packages[1].architecture.as_deref(), Some("amd64"));
}

#[test]
fn where_usr_was_merged_without_a_link_files_are_found_in_either_place() {
    let status = b"Package: a\nStatus: install ok installed\nVersion: 1\n";
    let list = b"/lib/x\n/usr/sbin/y\n/lib64/z\n";
    assert_eq!(
        told_of(&[
            ("usr/lib/x", b"x"),
            ("sbin/y", b"y"),
            ("lib64/z", b"z"),
            ("usr/lib64/z", b"z"),
            ("var/lib/dpkg/status", status),
            ("var/lib/dpkg/info/a.list", list),
        ]),
        ["a 1: usr/lib/x sbin/y lib64/z"]
    );
}

#[test]
fn packages_of_several_architectures_are_several() {
    let status = b"Package: a\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1\n
Package: a\nStatus: install ok installed\nArchitecture: i386\nVersion: 1\n";
    assert_eq!(
        told_of(&[
            ("opt/amd64", b"x"),
            ("opt/i386", b"y"),
            ("var/lib/dpkg/status", status),
            ("var/lib/dpkg/info/a:i386.list", b"/opt/i386\n"),
            ("var/lib/dpkg/info/a:amd64.list", b"/opt/amd64\n"),
        ]),
        ["a 1: opt/amd64", "a 1: opt/i386"]
    );
}

#[test]
fn distroless_has_a_file_for_each_package() {
    let record = b"Package: base-files\nVersion: 12\nArchitecture: amd64\n";
    let sums = b"d41d8cd98f00b204e9800998ecf8427e  usr/share/a b\nd41d8c  ./etc/c\n";
    let image: &[(&str, &[u8])] = &[
        ("usr/share/a b", b"a"),
        ("etc/c", b"c"),
        ("etc/d", b"d"),
        ("var/lib/dpkg/status.d/base", record),
        ("var/lib/dpkg/status.d/base.md5sums", sums),
    ];
    assert_eq!(
        told_of(image),
        [
            "base-files 12: usr/share/a b etc/c var/lib/dpkg/status.d/base \
          var/lib/dpkg/status.d/base.md5sums"
        ]
    );
    assert_eq!(
        packages(&filesystem(&[image]))[0].record,
        "var/lib/dpkg/status.d/base"
    );
}

#[test]
fn a_diverted_file_lies_elsewhere_for_all_but_one() {
    let status = b"Package: dash\nStatus: install ok installed\nVersion: 1\n
Package: bash\nStatus: install ok installed\nVersion: 1\n";
    assert_eq!(
        told_of(&[
            ("bin/sh", b"dash"),
            ("bin/sh.distrib", b"bash"),
            ("var/lib/dpkg/status", status),
            (
                "var/lib/dpkg/diversions",
                b"/bin/sh\n/bin/sh.distrib\ndash\n/cut\n/off"
            ),
            ("var/lib/dpkg/info/bash.list", b"/bin/sh\n"),
            ("var/lib/dpkg/info/dash.list", b"/bin/sh\n"),
        ]),
        ["bash 1: bin/sh.distrib", "dash 1: bin/sh"]
    );
}

#[test]
fn what_makes_no_sense_is_no_package() {
    for text in [
        &b"Package: a\nStatus: install ok installed\n"[..],
        b"Package: a\nVersion: 1\nStatus:\n",
        b"Package: a\nVersion: 1\nStatus: install ok half-installed\n",
        b" Package: a\n Version: 1\n Status: install ok installed\n",
        b"Package a\nVersion 1\n\xff\n:\n",
        &[b'\n'].repeat(100_000),
        &[b':'].repeat(100_000),
    ] {
        assert_eq!(told_of(&[("var/lib/dpkg/status", text)]), [""; 0]);
    }
    let odd = b"Package: a\nStatus: install ok installed\nVersion: 1\nSource: (\nConffiles:\n x\n";
    assert_eq!(told_of(&[("var/lib/dpkg/status", odd)]), ["a 1: "]);
}

#[test]
fn its_own_folder_of_records_is_no_package() {
    let record: &[u8] = b"Package: a\nVersion: 1\n";
    assert_eq!(wanted(b"var/lib/dpkg/info/a.md5sums"), None);
    assert_eq!(wanted(b"var/lib/dpkg/info/a.postinst"), None);
    assert_eq!(
        told_of(&[("var/lib/dpkg/status.d/a.md5sums", record)]),
        [""; 0]
    );
}
