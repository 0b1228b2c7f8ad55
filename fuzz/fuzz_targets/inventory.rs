//! Whatever the databases of an image say: every file belongs to one package at most and is visible, what is kept of a
//! text reads as the text did, and each path is judged.
#![no_main]

use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use xtask::image::filesystem::Filesystem;
use xtask::image::inventory::{kept, packages};
use xtask::image::layer::{Detail, LayerContents};
use xtask::image::leftovers::category;

/// Where something is read, or may be found; a path that ends with `@` is a link.
const PATHS: [&str; 26] = [
    "lib/apk/db/installed",
    "usr/lib/apk/db/installed",
    "var/lib/dpkg/status",
    "var/lib/dpkg/diversions",
    "var/lib/dpkg/info/a.list",
    "var/lib/dpkg/info/a:b.list",
    "var/lib/dpkg/status.d/b",
    "var/lib/dpkg/status.d/b.md5sums",
    "s/a.dist-info/METADATA",
    "s/a.dist-info/RECORD",
    "s/a.dist-info/top_level.txt",
    "s/b.egg-info/PKG-INFO",
    "s/b.egg-info/installed-files.txt",
    "s/b.egg-info/top_level.txt",
    "s/c.egg-info",
    "s/c.egg/EGG-INFO/PKG-INFO",
    "s/a/node_modules/a/package.json",
    "s/a/node_modules/@b/c/package.json",
    "s/a.py",
    "s/__pycache__/a.b.pyc",
    "s/a/a",
    "lib@",
    "s@",
    "usr/lib@",
    "usr/lib/a",
    "a@",
];

fuzz_target!(|layers: Vec<Vec<(u8, &[u8])>>| {
    let mut contents = Vec::new();
    for files in &layers {
        let mut tar = tar::Builder::new(Vec::new());
        for (path, text) in files {
            let path = PATHS[usize::from(*path) % PATHS.len()];
            let mut header = tar::Header::new_gnu();
            header.set_mode(0o644);
            if let Some(link) = path.strip_suffix('@') {
                header.set_entry_type(tar::EntryType::Symlink);
                header.set_size(0);
                let target = String::from_utf8_lossy(text).replace('\0', "/");
                let _ = tar.append_link(
                    &mut header,
                    link,
                    if target.is_empty() { "." } else { &target },
                );
            } else {
                header.set_size(text.len() as u64);
                tar.append_data(&mut header, path, *text)
                    .expect("memory takes it");
                let once = kept(path.as_bytes(), text.to_vec());
                assert_eq!(kept(path.as_bytes(), once.clone()), once, "{path}");
            }
            if let Ok(path) = std::str::from_utf8(text) {
                let _ = category(path);
            }
        }
        let bytes = tar.into_inner().expect("memory takes it");
        let read = LayerContents::read(&mut &bytes[..], Detail::Entries).expect("it is a tar");
        contents.push(Arc::new(read.1.expect("entries were asked for")));
    }
    let image = Filesystem::of(contents);
    let mut is_owned = vec![false; image.files().len()];
    for package in packages(&image) {
        assert!(!package.name.is_empty() && !package.version.is_empty());
        for file in package.files {
            assert!(image.files()[file].names > 0, "{file} is hidden");
            assert!(
                !std::mem::replace(&mut is_owned[file], true),
                "{file} has two owners"
            );
        }
    }
});
