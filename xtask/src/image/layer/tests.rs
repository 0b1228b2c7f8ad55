use super::*;
use crate::image::executable::tests::file;

fn tar_of(members: &[(&str, char, &str)]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (path, kind, text) in members {
        let mut header = tar::Header::new_gnu();
        header.set_mode(0o644);
        header.set_size(0);
        match kind {
            'f' => {
                header.set_size(text.len() as u64);
                // The builder refuses `..`; somebody who means harm does not.
                let name = &mut header.as_old_mut().name;
                name[..path.len()].copy_from_slice(path.as_bytes());
                header.set_cksum();
                builder.append(&header, text.as_bytes()).unwrap();
            }
            'd' => {
                header.set_entry_type(tar::EntryType::Directory);
                builder.append_data(&mut header, path, &[][..]).unwrap();
            }
            kind => {
                let kind = if *kind == 'l' {
                    tar::EntryType::Link
                } else {
                    tar::EntryType::Symlink
                };
                header.set_entry_type(kind);
                builder.append_link(&mut header, path, text).unwrap();
            }
        }
    }
    builder.into_inner().unwrap()
}

fn read(members: &[(&str, char, &str)]) -> (Totals, LayerContents) {
    let tar = tar_of(members);
    let (totals, contents) = LayerContents::read(&mut &tar[..], Detail::Entries).unwrap();
    (totals, contents.unwrap())
}

fn shown(contents: &LayerContents) -> Vec<String> {
    let show = |entry: &Entry| {
        let part = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let path = format!(
            "{}|{}",
            part(contents.folder(entry)),
            part(contents.name(entry))
        );
        let link = part(contents.link(entry));
        format!("{:?} {path} {} {link}", entry.change, entry.size)
            .trim_end()
            .to_owned()
    };
    contents.entries().iter().map(show).collect()
}

#[test]
fn entries_say_what_they_change() {
    let (totals, contents) = read(&[
        ("./", 'd', ""),
        ("app/", 'd', ""),
        ("app/a", 'f', "123"),
        ("./app//b", 'f', "123"),
        ("app/c", 'l', "./app/a"),
        ("d", 's', "../app"),
        ("app/.wh.gone", 'f', ""),
        ("etc/.wh..wh..opq", 'f', ""),
        (".wh..wh.plnk", 'd', ""),
        ("../../out", 'f', "x"),
    ]);
    assert_eq!(
        shown(&contents),
        [
            "Directory | 0",
            "Directory |app 0",
            "File app|a 3",
            "File app|b 3",
            "HardLink app|c 0 app/a",
            "Symlink |d 0 ../app",
            "Whiteout app|gone 0",
            "Opaque etc| 0",
            "File |out 1",
        ]
    );
    assert_eq!((totals.bytes, totals.files), (Bytes(7), 3));
    assert_eq!(contents.remarks.escaping, 1);
    let fingerprint = |at: usize| contents.entries()[at].fingerprint;
    assert_eq!(fingerprint(2), fingerprint(3));
    assert_ne!(fingerprint(2), fingerprint(8));
}

#[test]
fn sizes_alone_are_the_same_sums() {
    let tar = tar_of(&[("a", 'f', "123"), ("b", 'l', "a"), (".wh.c", 'f', "")]);
    let (totals, contents) = LayerContents::read(&mut &tar[..], Detail::Sizes).unwrap();
    assert_eq!((totals.bytes, totals.files, contents), (Bytes(3), 1, None));
}

#[test]
fn what_is_no_tar_is_an_error() {
    for bytes in [&b"x"[..], &[1; 2048]] {
        assert!(LayerContents::read(&mut { bytes }, Detail::Entries).is_err());
    }
    let (totals, _) = LayerContents::read(&mut &b""[..], Detail::Entries).unwrap();
    assert_eq!(totals, Totals::default());
}

#[test]
fn entries_are_the_same_when_they_were_kept() {
    let (_, contents) = read(&[
        ("app/", 'd', ""),
        ("app/a", 'f', "123"),
        ("app/c", 'l', "./app/a"),
        ("d", 's', "../app"),
        ("app/.wh.gone", 'f', ""),
        ("../../out", 'f', "x"),
    ]);
    let kept = contents.encode();
    assert_eq!(LayerContents::decode(&kept).as_ref(), Some(&contents));
    for cut in 0..kept.len() {
        assert_eq!(LayerContents::decode(&kept[..cut]), None);
    }
    for at in 0..kept.len() {
        let mut changed = kept.clone();
        changed[at] ^= 4;
        assert_eq!(LayerContents::decode(&changed), None);
    }
}

/// A layer with secrets where they count and where they do not, and with programs.
fn inspected() -> LayerContents {
    // Put together so that no scanner takes this file for a leak.
    let key = [
        "-----BEGIN OPENSSH PRIVATE",
        " KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW\n-----END",
        " OPENSSH PRIVATE KEY-----\n",
    ]
    .concat();
    let program = file(b"node.js/v20.18.0\0", b"", &[]);
    let mut tar = tar::Builder::new(Vec::new());
    for (path, text) in [
        ("app/.env", &b"PORT=1\nAPI_TOKEN=q8Zk2mPw77Xc\n"[..]),
        ("app/notes.txt", key.as_bytes()),
        ("app/.wh.notes.txt", b""),
        ("app/node_modules/ssh/test/id_rsa", key.as_bytes()),
        ("usr/share/doc/ssh/key", key.as_bytes()),
        ("app/main.js", b"const apiToken = 'q8Zk2mPw77XcYt4Lq9Vb';\n"),
        ("usr/local/bin/node", &program),
        ("app/data", &program[..1_000]),
        ("app/empty", b""),
    ] {
        let mut header = tar::Header::new_gnu();
        header.set_mode(0o644);
        header.set_size(text.len() as u64);
        tar.append_data(&mut header, path, text).unwrap();
    }
    let tar = tar.into_inner().unwrap();
    let (_, contents) = LayerContents::read(&mut &tar[..], Detail::Inspected).unwrap();
    let (_, plain) = LayerContents::read(&mut &tar[..], Detail::Entries).unwrap();
    let contents = contents.unwrap();
    assert_eq!(contents.clone().uninspected(), plain.unwrap());
    contents
}

#[test]
fn the_content_of_files_is_looked_at_once() {
    let contents = inspected();
    let path = |at: usize| {
        let entry = &contents.entries()[at];
        let parts = [contents.folder(entry), contents.name(entry)];
        String::from_utf8(parts.join(&b'/')).unwrap()
    };
    let secrets: Vec<String> = contents
        .secrets()
        .map(|(at, secret)| {
            let start = secret.start;
            format!(
                "{} {}:{} {}",
                path(at),
                start.line,
                start.column,
                secret.rule.id
            )
        })
        .collect();
    assert_eq!(
        secrets,
        [
            "app/.env 2:11 secret-in-settings",
            "app/notes.txt 1:1 private-key"
        ]
    );
    let programs: Vec<String> = contents
        .executables()
        .map(|(at, program)| {
            format!(
                "{} {:?} {:?}",
                path(at),
                program.interpreter,
                program.programs.len()
            )
        })
        .collect();
    // What begins as a program and is cut off says nothing.
    assert_eq!(
        programs,
        ["usr/local/bin/node Some(\"/lib/ld-musl-x86_64.so.1\") 1"]
    );
}

#[test]
fn what_files_said_is_the_same_when_it_was_kept() {
    let contents = inspected();
    let kept = contents.encode();
    assert_eq!(LayerContents::decode(&kept).as_ref(), Some(&contents));
    for cut in 0..kept.len() {
        assert_eq!(LayerContents::decode(&kept[..cut]), None);
    }
}
