//! The root file system of a stand-in: musl, busybox, users, and what replaces apk, adduser and addgroup.

use std::ops::Range;

use camino::Utf8Path;

use super::package::Carried;
use super::platform::Architecture;
use super::reference::NodeReference;
use super::tree::{Content, Tree};
use crate::error::{Error, Result};

/// Where the packages lie that `apk add` can install; an image that clears `/var/cache` loses them.
pub(super) const PACKAGES: &str = "var/cache/standin/packages";

/// What is in the root file system as scripts: path and text.
pub(super) const SCRIPTS: [(&str, &str); 8] = [
    ("sbin/apk", include_str!("files/apk")),
    ("usr/sbin/adduser", include_str!("files/adduser")),
    ("usr/sbin/addgroup", include_str!("files/addgroup")),
    ("usr/sbin/deluser", include_str!("files/deluser")),
    ("usr/sbin/delgroup", include_str!("files/deluser")),
    ("usr/bin/find", include_str!("files/find")),
    ("usr/bin/install", include_str!("files/install")),
    (
        "usr/local/bin/docker-entrypoint.sh",
        include_str!("files/docker-entrypoint.sh"),
    ),
];

/// Debian's programs that would pretend to manage packages, those that only make sense as PID 1, and the
/// hidden one.
const APPLETS_LEFT_OUT: [&str; 9] = [
    "busybox", "dpkg", "dpkg-deb", "rpm", "rpm2cpio", "init", "linuxrc", "run-init", "fin!",
];

/// `files/find` calls it by the other name; `!` comes before `d`, so that it stays in front of `findfs`.
const FIND: &[u8] = b"\0find\0";
const HIDDEN_FIND: &[u8] = b"\0fin!\0";

/// Versions of what every stand-in contains, for apk's database.
pub(super) struct Versions<'a> {
    pub(super) musl: &'a str,
    pub(super) busybox: &'a str,
}

/// Puts musl and busybox, unpacked from Debian's packages, and everything but Node and packages into the tree.
///
/// # Errors
/// If the packages are not laid out as expected.
pub(super) fn base(
    tree: &mut Tree,
    reference: &NodeReference,
    architecture: Architecture,
    musl: &Utf8Path,
    busybox: &Utf8Path,
    versions: &Versions<'_>,
) -> Result<()> {
    for directory in [
        "dev",
        "home",
        "media",
        "mnt",
        "opt",
        "proc",
        "run",
        "srv",
        "sys",
        "usr/local/lib",
        "var/cache/apk",
        "var/log",
    ] {
        tree.directory(directory, 0o755);
    }
    tree.directory("root", 0o700);
    tree.directory("tmp", 0o1777);
    tree.directory("var/tmp", 0o1777);
    install_musl(tree, architecture, musl)?;
    install_busybox(tree, busybox)?;
    // After busybox: they take the place of some of its links.
    for (path, text) in SCRIPTS {
        tree.text(path, text);
    }
    users(tree);
    identity(tree, reference);
    database(tree, architecture, versions);
    Ok(())
}

fn install_musl(tree: &mut Tree, architecture: Architecture, unpacked: &Utf8Path) -> Result<()> {
    let name = architecture.alpine();
    let library = unpacked.join(format!("usr/lib/{name}-linux-musl/libc.so"));
    let loader = format!("ld-musl-{name}.so.1");
    tree.file(&format!("lib/{loader}"), 0o755, on_disk(&library)?);
    tree.link(&format!("lib/libc.musl-{name}.so.1"), &loader);
    // Programs that look for musl (detect-libc, Nx) search this file for its name.
    tree.text(
        "usr/bin/ldd",
        &format!("#!/bin/sh\n# musl\nexec /lib/{loader} --list \"$@\"\n"),
    );
    Ok(())
}

fn install_busybox(tree: &mut Tree, unpacked: &Utf8Path) -> Result<()> {
    let program = ["bin/busybox", "usr/bin/busybox"]
        .map(|path| unpacked.join(path))
        .into_iter()
        .find(|path| path.is_file())
        .ok_or_else(|| Error::failed("Debian's busybox-static has no busybox in it"))?;
    let mut bytes = on_disk(&program)?.read()?;
    let applets = applet_table(&bytes).ok_or_else(|| {
        Error::failed("Debian's busybox-static does not say which commands it has")
    })?;
    hide(&mut bytes[applets.clone()], FIND, HIDDEN_FIND);
    let names = String::from_utf8_lossy(&bytes[applets]).into_owned();
    tree.file("bin/busybox", 0o755, Content::Bytes(bytes));
    for applet in names.split_terminator('\0') {
        if !APPLETS_LEFT_OUT.contains(&applet) {
            // In both, as scripts name commands by the path they have in Alpine.
            for (directory, target) in [("bin", "busybox"), ("usr/bin", "../../bin/busybox")] {
                let path = format!("{directory}/{applet}");
                if !tree.has(&path) {
                    tree.link(&path, target);
                }
            }
        }
    }
    tree.link("bin/find", "../usr/bin/find");
    tree.link("sbin/nologin", "../bin/busybox");
    Ok(())
}

/// Where the names of its commands stand in a busybox: one after the other, each ended by a zero, sorted. Reading them
/// works for any architecture, where running `busybox --list` does not.
fn applet_table(program: &[u8]) -> Option<Range<usize>> {
    const FIRST_NAMES: &[u8] = b"\0[\0[[\0";
    let start = program
        .windows(FIRST_NAMES.len())
        .position(|window| window == FIRST_NAMES)?
        + 1;
    let length = program[start..]
        .windows(2)
        .position(|pair| pair == [0, 0])?
        + 1;
    let table = start..start + length;
    let complete = [&b"\0sh\0"[..], b"\0wget\0"].iter().all(|name| {
        program[table.clone()]
            .windows(name.len())
            .any(|window| window == *name)
    });
    complete.then_some(table)
}

/// Gives a command another name of the same length. Debian's shell runs its own commands before it looks at the PATH,
/// so that a script could never take the place of one. The new name has to keep the table sorted.
fn hide(table: &mut [u8], name: &[u8], other: &[u8]) {
    if let Some(at) = table.windows(name.len()).position(|w| w == name) {
        table[at..at + name.len()].copy_from_slice(other);
    }
}

fn users(tree: &mut Tree) {
    tree.text(
        "etc/passwd",
        "root:x:0:0:root:/root:/bin/sh\n\
         nobody:x:65534:65534:nobody:/:/sbin/nologin\n\
         node:x:1000:1000::/home/node:/bin/sh\n",
    );
    tree.text(
        "etc/group",
        "root:x:0:root\nnogroup:x:65533:\nnobody:x:65534:\nnode:x:1000:node\n",
    );
    tree.text(
        "etc/shadow",
        "root:*::0:::::\nnobody:!::0:::::\nnode:!::0:::::\n",
    );
    tree.private("etc/shadow");
    tree.text("etc/shells", "/bin/sh\n/bin/ash\n");
    tree.text("etc/nsswitch.conf", "hosts: files dns\n");
    tree.text(
        "etc/profile",
        "export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n",
    );
    tree.directory("home/node", 0o755);
    tree.owned_by("home/node", 1000);
}

/// Says in the usual places that this is not Alpine.
fn identity(tree: &mut Tree, reference: &NodeReference) {
    let release = reference.alpine.as_deref().unwrap_or("0");
    tree.text("etc/alpine-release", &format!("{release}-stand-in\n"));
    tree.text(
        "etc/os-release",
        &format!(
            "NAME=\"Stand-in for Alpine Linux (not Alpine)\"\nID=alpine-stand-in\nVERSION_ID={release}\n\
             PRETTY_NAME=\"Stand-in for node:{} (not Alpine)\"\n",
            reference.tag()
        ),
    );
}

fn database(tree: &mut Tree, architecture: Architecture, versions: &Versions<'_>) {
    let architecture = architecture.alpine();
    let entry = |name: &str, version: &str, folder: &str, file: &str| {
        format!(
            "P:{name}\nV:{version}\nA:{architecture}\nS:0\nI:0\nT:Part of the stand-in\no:{name}\nF:{folder}\nR:{file}\n\n"
        )
    };
    let all = [
        entry(
            "musl",
            versions.musl,
            "lib",
            &format!("ld-musl-{architecture}.so.1"),
        ),
        entry("busybox", versions.busybox, "bin", "busybox"),
        entry("libgcc", "0", "usr/lib", "libgcc_s.so.1"),
        entry("libstdc++", "0", "usr/lib", "libstdc++.so.6"),
    ];
    tree.text("lib/apk/db/installed", &all.concat());
    tree.text("etc/apk/world", "busybox\nlibgcc\nlibstdc++\nmusl\n");
}

/// The packages, and the index `apk` reads: one line of name, version, checksum and needs for each.
pub(super) fn packages(carried: &[Carried]) -> Tree {
    let mut tree = Tree::default();
    let mut index = String::new();
    for package in carried {
        let name = &package.name;
        let archive = Content::Bytes(package.archive.clone());
        tree.file(&format!("{PACKAGES}/{name}.tar.gz"), 0o644, archive);
        tree.text(&format!("{PACKAGES}/{name}.installed"), &package.entry);
        let mut line = vec![name.as_str(), &package.version, &package.sha256];
        line.extend(package.depends.iter().map(String::as_str));
        index.push_str(&line.join(" "));
        index.push('\n');
    }
    tree.text(&format!("{PACKAGES}/INDEX"), &index);
    tree
}

fn on_disk(path: &Utf8Path) -> Result<Content> {
    let metadata = path
        .metadata()
        .map_err(|e| Error::failed(format!("a Debian package has no {path} in it")).because(e))?;
    Ok(Content::Path(path.to_owned(), metadata.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_read_from_the_program() {
        let mut program = b"\x7fELF\0code\0[\0[[\0fgrep\0find\0findfs\0sh\0wget\0\0find\0".to_vec();
        let table = applet_table(&program).unwrap();
        assert_eq!(
            &program[table.clone()],
            b"[\0[[\0fgrep\0find\0findfs\0sh\0wget\0"
        );
        hide(&mut program[table.clone()], FIND, HIDDEN_FIND);
        let names: Vec<&[u8]> = program[table].split(|b| *b == 0).collect();
        assert_eq!(names[3], b"fin!");
        assert!(names[..7].is_sorted());
        assert!(program.ends_with(b"\0find\0"), "only the table is changed");
        assert_eq!(applet_table(b"\x7fELF\0[\0[[\0ash\0\0"), None);
        assert_eq!(applet_table(b""), None);
    }

    #[test]
    fn a_stand_in_says_that_it_is_none_of_alpines() {
        let mut tree = Tree::default();
        identity(
            &mut tree,
            &NodeReference::parse("node:20.18.0-alpine3.20").unwrap(),
        );
        let text = |path: &str| {
            let (_, node) = tree.iter().find(|(p, _)| *p == path).unwrap();
            match node {
                crate::engine::standin::tree::Node::File { content, .. } => {
                    String::from_utf8(content.read().unwrap()).unwrap()
                }
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(text("etc/alpine-release"), "3.20-stand-in\n");
        insta::assert_snapshot!(text("etc/os-release"), @r#"
        NAME="Stand-in for Alpine Linux (not Alpine)"
        ID=alpine-stand-in
        VERSION_ID=3.20
        PRETTY_NAME="Stand-in for node:20.18.0-alpine3.20 (not Alpine)"
        "#);
    }
}
