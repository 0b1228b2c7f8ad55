//! A file tree that is put together in memory and written as a tar file: the same tree gives the same bytes.

use std::collections::BTreeMap;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;

use camino::{Utf8Path, Utf8PathBuf};

use crate::error::{Error, Result};

/// 2024-01-01: files from 1970 confuse programs that take the time 0 for "unknown".
pub(super) const MODIFIED_SECONDS: u64 = 1_704_067_200;

/// Where a file's bytes are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Content {
    Bytes(Vec<u8>),
    /// A file on this machine, and its length.
    Path(Utf8PathBuf, u64),
}

impl Content {
    pub(super) fn length(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::Path(_, length) => *length,
        }
    }

    pub(super) fn read(&self) -> Result<Vec<u8>> {
        match self {
            Self::Bytes(bytes) => Ok(bytes.clone()),
            Self::Path(path, _) => std::fs::read(path).map_err(|e| cannot_read(path, &e)),
        }
    }
}

/// What lies at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Node {
    Directory { mode: u32, owner: u32 },
    File { mode: u32, content: Content },
    Link { target: String },
}

/// Paths without a leading slash, in order; files belong to root.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Tree(BTreeMap<String, Node>);

impl Tree {
    /// Makes a directory, and those above it that are not there.
    pub(super) fn directory(&mut self, path: &str, mode: u32) {
        self.parents(path);
        self.0
            .insert(path.to_owned(), Node::Directory { mode, owner: 0 });
    }

    /// Puts a file there, over what is there.
    pub(super) fn file(&mut self, path: &str, mode: u32, content: Content) {
        self.parents(path);
        self.0.insert(path.to_owned(), Node::File { mode, content });
    }

    /// Puts a text file there; it is executable if it starts with `#!`.
    pub(super) fn text(&mut self, path: &str, text: &str) {
        let mode = if text.starts_with("#!") { 0o755 } else { 0o644 };
        self.file(path, mode, Content::Bytes(text.into()));
    }

    /// Puts a symbolic link there, over what is there.
    pub(super) fn link(&mut self, path: &str, target: &str) {
        self.parents(path);
        let target = target.to_owned();
        self.0.insert(path.to_owned(), Node::Link { target });
    }

    /// Gives a directory to a user and the group of the same number.
    pub(super) fn owned_by(&mut self, path: &str, id: u32) {
        if let Some(Node::Directory { owner, .. }) = self.0.get_mut(path) {
            *owner = id;
        }
    }

    /// Hides the file at the path from everyone but root.
    pub(super) fn private(&mut self, path: &str) {
        if let Some(Node::File { mode, .. }) = self.0.get_mut(path) {
            *mode = 0o640;
        }
    }

    /// Makes the file at the path executable, if there is one.
    pub(super) fn make_executable(&mut self, path: &str) {
        if let Some(Node::File { mode, .. }) = self.0.get_mut(path) {
            *mode = 0o755;
        }
    }

    /// Whether anything lies at the path.
    pub(super) fn has(&self, path: &str) -> bool {
        self.0.contains_key(path)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &Node)> {
        self.0.iter().map(|(path, node)| (path.as_str(), node))
    }

    /// The bytes of all files.
    pub(super) fn file_bytes(&self) -> u64 {
        self.0
            .values()
            .map(|node| match node {
                Node::File { content, .. } => content.length(),
                _ => 0,
            })
            .sum()
    }

    /// Adds what lies below `root` on this machine. `place` says where a path goes, or that it stays behind.
    ///
    /// # Errors
    /// If it cannot be read, or something is neither a directory, a file nor a link.
    pub(super) fn copy(
        &mut self,
        root: &Utf8Path,
        place: &dyn Fn(&str) -> Option<String>,
    ) -> Result<()> {
        let mut pending = vec![root.to_owned()];
        while let Some(directory) = pending.pop() {
            for entry in directory
                .read_dir_utf8()
                .map_err(|e| cannot_read(&directory, &e))?
            {
                let entry = entry.map_err(|e| cannot_read(&directory, &e))?;
                let path = entry.path();
                let metadata = path.symlink_metadata().map_err(|e| cannot_read(path, &e))?;
                if metadata.is_dir() {
                    // Empty directories stay behind: nothing that is put in an image has needed one.
                    pending.push(path.to_owned());
                    continue;
                }
                let Ok(relative) = path.strip_prefix(root) else {
                    continue;
                };
                let Some(to) = place(relative.as_str()) else {
                    continue;
                };
                if metadata.is_symlink() {
                    let target = path.read_link_utf8().map_err(|e| cannot_read(path, &e))?;
                    self.link(&to, target.as_str());
                } else if metadata.is_file() {
                    // Who unpacked it, with which umask, must not show.
                    let executable = metadata.permissions().mode() & 0o100 != 0;
                    let mode = if executable { 0o755 } else { 0o644 };
                    self.file(&to, mode, Content::Path(path.to_owned(), metadata.len()));
                } else {
                    return Err(Error::failed(format!(
                        "{path} is neither a directory, a file nor a link"
                    )));
                }
            }
        }
        Ok(())
    }

    /// Writes the tree as a tar file.
    ///
    /// # Errors
    /// If a file cannot be read or `out` not be written.
    pub(super) fn write_tar(&self, out: impl Write) -> Result<()> {
        let mut archive = tar::Builder::new(out);
        for (path, node) in &self.0 {
            append(&mut archive, path, node)?;
        }
        archive.into_inner().map_err(|e| cannot_write(&e))?;
        Ok(())
    }

    fn parents(&mut self, path: &str) {
        for (slash, _) in path.match_indices('/') {
            self.0
                .entry(path[..slash].to_owned())
                .or_insert(Node::Directory {
                    mode: 0o755,
                    owner: 0,
                });
        }
    }
}

fn append<W: Write>(archive: &mut tar::Builder<W>, path: &str, node: &Node) -> Result<()> {
    let failed = |e: std::io::Error| {
        Error::failed(format!("failed to put {path} into an image layer")).because(e)
    };
    let mut header = tar::Header::new_gnu();
    header.set_mtime(MODIFIED_SECONDS);
    header.set_uid(0);
    header.set_gid(0);
    match node {
        Node::Directory { mode, owner } => {
            header.set_uid(u64::from(*owner));
            header.set_gid(u64::from(*owner));
            header.set_entry_type(tar::EntryType::Directory);
            header.set_mode(*mode);
            header.set_size(0);
            let path = format!("{path}/");
            archive
                .append_data(&mut header, &path, std::io::empty())
                .map_err(failed)
        }
        Node::Link { target } => {
            header.set_entry_type(tar::EntryType::Symlink);
            header.set_mode(0o777);
            header.set_size(0);
            archive
                .append_link(&mut header, path, target)
                .map_err(failed)
        }
        Node::File { mode, content } => {
            header.set_entry_type(tar::EntryType::Regular);
            header.set_mode(*mode);
            header.set_size(content.length());
            match content {
                Content::Bytes(bytes) => archive
                    .append_data(&mut header, path, bytes.as_slice())
                    .map_err(failed),
                Content::Path(file, _) => {
                    let file = std::fs::File::open(file).map_err(|e| cannot_read(file, &e))?;
                    archive.append_data(&mut header, path, file).map_err(failed)
                }
            }
        }
    }
}

fn cannot_read(path: &Utf8Path, error: &std::io::Error) -> Error {
    Error::failed(format!("failed to read {path}")).because(error)
}

fn cannot_write(error: &std::io::Error) -> Error {
    Error::failed("failed to write an image layer").because(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listing(tar: &[u8]) -> String {
        let mut lines = Vec::new();
        for entry in tar::Archive::new(tar).entries().unwrap() {
            let entry = entry.unwrap();
            let header = entry.header();
            let target = entry.link_name().unwrap();
            lines.push(format!(
                "{:?} {:o} {}:{} {} {}{}",
                header.entry_type(),
                header.mode().unwrap(),
                header.uid().unwrap(),
                header.gid().unwrap(),
                header.mtime().unwrap(),
                entry.path().unwrap().display(),
                target.map_or_else(String::new, |to| format!(" -> {}", to.display())),
            ));
        }
        lines.join("\n")
    }

    #[test]
    fn a_tree_is_written_sorted_and_owned_by_root() {
        let disk = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(disk.path()).unwrap();
        std::fs::create_dir_all(root.join("usr/share/doc")).unwrap();
        std::fs::write(root.join("usr/share/doc/x"), "left behind").unwrap();
        std::fs::write(root.join("usr/tool"), "tool").unwrap();
        std::fs::set_permissions(root.join("usr/tool"), PermissionsExt::from_mode(0o700)).unwrap();

        let mut tree = Tree::default();
        tree.directory("tmp", 0o1777);
        tree.link("bin/sh", "busybox");
        tree.text("bin/script", "#!/bin/sh\n");
        tree.copy(root, &|path| {
            (!path.starts_with("usr/share/")).then(|| path.replace("usr/", "opt/"))
        })
        .unwrap();
        let mut first = Vec::new();
        tree.write_tar(&mut first).unwrap();
        let mut second = Vec::new();
        tree.write_tar(&mut second).unwrap();
        assert_eq!(first, second);
        insta::assert_snapshot!(listing(&first), @"
        Directory 755 0:0 1704067200 bin/
        Regular 755 0:0 1704067200 bin/script
        Symlink 777 0:0 1704067200 bin/sh -> busybox
        Directory 755 0:0 1704067200 opt/
        Regular 755 0:0 1704067200 opt/tool
        Directory 1777 0:0 1704067200 tmp/
        ");
    }

    #[test]
    fn long_paths_survive() {
        let path = format!("usr/{}/file", "long".repeat(60));
        let mut tree = Tree::default();
        tree.text(&path, "x");
        let mut bytes = Vec::new();
        tree.write_tar(&mut bytes).unwrap();
        assert!(listing(&bytes).contains(&path));
    }
}
