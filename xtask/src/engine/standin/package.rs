//! One package as a stand-in carries it: an archive `apk add` unpacks, and its entry for apk's database.

use std::fmt::Write as _;

use camino::Utf8PathBuf;
use flate2::{Compression, GzBuilder};

use super::digest;
use super::platform::Architecture;
use super::table::{Concatenate, Recipe};
use super::tree::{Content, Node, Tree};
use crate::error::{Error, Result};

/// A package ready to be put into a stand-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Carried {
    pub(super) name: String,
    /// In Alpine's form.
    pub(super) version: String,
    /// The unpacked bytes.
    pub(super) installed_bytes: u64,
    /// A gzipped tar file.
    pub(super) archive: Vec<u8>,
    /// Of the archive, in hexadecimal.
    pub(super) sha256: String,
    /// The entry for `/lib/apk/db/installed`, with the empty line that ends it.
    pub(super) entry: String,
    /// What else has to be installed.
    pub(super) depends: Vec<String>,
}

/// What Alpine splits off into packages of its own (`-doc`, `-lang`, …) or has no use for.
const LEFT_BEHIND: [&str; 8] = [
    "usr/share/doc/",
    "usr/share/doc-base/",
    "usr/share/man/",
    "usr/share/info/",
    "usr/share/lintian/",
    "usr/share/bug/",
    "usr/share/menu/",
    "usr/share/bash-completion/",
];

impl Carried {
    /// Makes a package from Debian packages that were unpacked below each of `unpacked`. `version` is Debian's.
    ///
    /// # Errors
    /// If a file cannot be read, or nothing is left of the packages.
    pub(super) fn make(
        name: &str,
        recipe: &Recipe,
        version: &str,
        unpacked: &[Utf8PathBuf],
        architecture: Architecture,
    ) -> Result<Self> {
        let tree = tree(recipe, unpacked, architecture)?;
        if !recipe.debian.is_empty() && tree.file_bytes() == 0 {
            return Err(Error::usage(format!(
                "nothing of {} belongs to the stand-in's package \"{name}\"",
                recipe.debian.join(", ")
            ))
            .help("check `only` and `exclude` of its entry"));
        }
        // No time and no file name in the header, so that the same tree gives the same bytes.
        let mut packer = GzBuilder::new().write(Vec::new(), Compression::best());
        tree.write_tar(&mut packer)?;
        let archive = packer
            .finish()
            .map_err(|e| Error::failed(format!("failed to pack \"{name}\"")).because(e))?;
        let version = alpine_version(version);
        Ok(Self {
            entry: entry(name, &version, recipe, &tree, archive.len(), architecture),
            name: name.to_owned(),
            version,
            installed_bytes: tree.file_bytes(),
            sha256: digest::of_bytes(&archive),
            archive,
            depends: recipe.depends.clone(),
        })
    }
}

/// The files of a package, where Alpine has them.
fn tree(recipe: &Recipe, unpacked: &[Utf8PathBuf], architecture: Architecture) -> Result<Tree> {
    let fill = |text: &String| text.replace("{multiarch}", architecture.multiarch());
    let only: Vec<String> = recipe.only.iter().map(fill).collect();
    let exclude: Vec<String> = recipe.exclude.iter().map(fill).collect();
    let moves: Vec<(String, String)> = recipe
        .moves
        .iter()
        .map(|(from, to)| (fill(from), fill(to)))
        .collect();
    let place = |path: &str| {
        let starts = |prefix: &String| path.starts_with(prefix.as_str());
        let left_behind = LEFT_BEHIND.iter().any(|prefix| path.starts_with(prefix))
            || exclude.iter().any(starts)
            || !(only.is_empty() || only.iter().any(starts));
        if left_behind {
            return None;
        }
        for (from, to) in &moves {
            if let Some(rest) = path.strip_prefix(from.as_str())
                && rest.starts_with('/')
            {
                return Some(format!("{to}{rest}"));
            }
        }
        Some(path.to_owned())
    };
    let mut tree = Tree::default();
    for root in unpacked {
        tree.copy(root, &place)?;
    }
    if let Some(concatenate) = &recipe.concatenate {
        join(&mut tree, concatenate)?;
    }
    for (path, target) in &recipe.links {
        tree.link(&fill(path), &fill(target));
    }
    for (path, text) in &recipe.files {
        tree.text(&fill(path), text.trim_start_matches('\n'));
    }
    Ok(tree)
}

fn join(tree: &mut Tree, concatenate: &Concatenate) -> Result<()> {
    let mut all = Vec::new();
    for (path, node) in tree.iter() {
        if let Node::File { content, .. } = node
            && path.starts_with(&concatenate.from)
        {
            all.extend(content.read()?);
        }
    }
    tree.file(&concatenate.into, 0o644, Content::Bytes(all));
    Ok(())
}

/// An entry in apk's database: name, version, architecture, size, size installed, description, needs; then each
/// folder (`F:`) with its files (`R:`). Checksums are left out: nothing here was signed for Alpine.
fn entry(
    name: &str,
    version: &str,
    recipe: &Recipe,
    tree: &Tree,
    packed: usize,
    architecture: Architecture,
) -> String {
    let mut text = format!(
        "P:{name}\nV:{version}\nA:{}\nS:{packed}\nI:{}\nT:{}\no:{name}\n",
        architecture.alpine(),
        tree.file_bytes(),
        recipe.description,
    );
    if !recipe.depends.is_empty() {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "D:{}", recipe.depends.join(" "));
    }
    let mut folder = None;
    for (path, node) in in_folder_order(tree) {
        let (parent, file) = path.rsplit_once('/').unwrap_or(("", path));
        if folder != Some(parent) {
            let _ = writeln!(text, "F:{parent}");
            folder = Some(parent);
        }
        let _ = writeln!(text, "R:{file}");
        if matches!(node, Node::File { mode: 0o755, .. }) {
            text.push_str("a:0:0:755\n");
        }
    }
    text.push('\n');
    text
}

/// Files and links, those of one folder together.
fn in_folder_order(tree: &Tree) -> Vec<(&str, &Node)> {
    let mut files: Vec<_> = tree
        .iter()
        .filter(|(_, node)| !matches!(node, Node::Directory { .. }))
        .collect();
    files.sort_by_key(|(path, _)| path.rsplit_once('/').unwrap_or(("", path)));
    files
}

/// Debian's version in Alpine's form: without epoch, Debian's own additions and revision.
fn alpine_version(debian: &str) -> String {
    let version = debian.split_once(':').map_or(debian, |(_, rest)| rest);
    let upstream = version
        .rsplit_once('-')
        .map_or(version, |(upstream, _)| upstream);
    let upstream = upstream
        .find(['+', '~'])
        .map_or(upstream, |end| &upstream[..end]);
    let upstream = upstream.strip_suffix(".dfsg").unwrap_or(upstream);
    // OpenSSH's `9.2p1` is `9.2_p1` there.
    let upstream = match upstream.rfind('p') {
        Some(at) if upstream[at + 1..].parse::<u32>().is_ok() => {
            format!("{}_p{}", &upstream[..at], &upstream[at + 1..])
        }
        _ => upstream.to_owned(),
    };
    format!("{upstream}-r0")
}

#[cfg(test)]
mod tests {
    use camino::Utf8Path;

    use super::*;

    fn unpacked(files: &[(&str, &str)]) -> (tempfile::TempDir, Vec<Utf8PathBuf>) {
        let guard = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(guard.path()).unwrap().to_owned();
        for (path, text) in files {
            let path = root.join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        (guard, vec![root])
    }

    #[test]
    fn a_package_has_alpines_form() {
        let (_guard, roots) = unpacked(&[
            ("usr/lib/python3/dist-packages/six.py", "six"),
            ("usr/lib/python3/dist-packages/six/x.py", "x"),
            ("usr/share/doc/python3-six/copyright", "doc"),
            ("usr/lib/x86_64-linux-gnu/libx.so", "lib"),
        ]);
        let recipe: Recipe = toml::from_str(
            "description = 'Six'\ndebian = ['python3-six']\ndepends = ['python3']\n\
             exclude = ['usr/lib/{multiarch}/']\nlinks = { 'usr/bin/six' = '../lib/six' }\n\
             moves = { 'usr/lib/python3/dist-packages' = 'usr/lib/python3.11/site-packages' }\n\
             files = { 'usr/bin/five' = '''\n#!/bin/sh\n''' }",
        )
        .unwrap();
        let make =
            || Carried::make("py3-six", &recipe, "1.16.0-4", &roots, Architecture::Amd64).unwrap();
        let package = make();
        assert_eq!(package.archive, make().archive);
        assert_eq!(package.installed_bytes, 14);
        let entry = package
            .entry
            .replace(&format!("S:{}", package.archive.len()), "S:…");
        insta::assert_snapshot!(entry, @"
        P:py3-six
        V:1.16.0-r0
        A:x86_64
        S:…
        I:14
        T:Six
        o:py3-six
        D:python3
        F:usr/bin
        R:five
        a:0:0:755
        R:six
        F:usr/lib/python3.11/site-packages
        R:six.py
        F:usr/lib/python3.11/site-packages/six
        R:x.py

        ");
    }

    #[test]
    fn files_are_joined_in_the_order_of_their_names() {
        let (_guard, roots) = unpacked(&[("ca/b.crt", "B"), ("ca/a.crt", "A"), ("x", "")]);
        let recipe: Recipe = toml::from_str(
            "debian = ['ca-certificates']\nconcatenate = { from = 'ca/', into = 'bundle' }",
        )
        .unwrap();
        let tree = tree(&recipe, &roots, Architecture::Amd64).unwrap();
        let bundle = tree.iter().find(|(path, _)| *path == "bundle").unwrap().1;
        let content = Content::Bytes(b"AB".to_vec());
        assert_eq!(
            *bundle,
            Node::File {
                mode: 0o644,
                content
            }
        );
    }

    #[test]
    fn a_package_nothing_is_left_of_is_an_error() {
        let (_guard, roots) = unpacked(&[("usr/share/doc/x", "doc")]);
        let recipe: Recipe = toml::from_str("debian = ['x']").unwrap();
        let error = Carried::make("x", &recipe, "1", &roots, Architecture::Amd64).unwrap_err();
        assert_eq!(error.exit(), crate::error::Exit::Usage);
    }

    #[test]
    fn versions_get_alpines_form() {
        for (debian, alpine) in [
            ("1.2.5-2", "1.2.5-r0"),
            ("1:1.24.2-1+deb12u1", "1.24.2-r0"),
            ("1.5.3+dfsg-2", "1.5.3-r0"),
            ("1:1.2.13.dfsg-1", "1.2.13-r0"),
            ("2026b-0+deb12u1", "2026b-r0"),
            ("1:9.2p1-2+deb12u3", "9.2_p1-r0"),
            ("20230311", "20230311-r0"),
            ("3.0.20-1~deb12u2", "3.0.20-r0"),
        ] {
            assert_eq!(alpine_version(debian), alpine, "{debian}");
        }
    }
}
