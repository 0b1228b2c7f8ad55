//! What one layer changes: every entry of its tar, in its order.
//!
//! A layer may hold hundreds of thousands of files, so an entry is a few dozen bytes: folders are kept once, names lie
//! end to end, and content is kept as a fingerprint, but for the small files that inventories read.

use std::io::{self, Read};

use super::executable::Executable;
use super::tar_stream::TarStream;
use crate::size::Bytes;

pub mod codec;
mod contents;
mod path;
mod reading;
mod secrets;

pub use contents::file_contents;
use reading::Reading;
pub use secrets::SecretHere;

/// Most entries that are listed. With more, a layer is counted, and its entries beyond are not listed.
pub const MAX_ENTRIES: usize = 1_500_000;
/// Most secrets that are told of one layer.
pub const MAX_SECRETS: usize = 10_000;

/// What equal content has in common: 128 bits of XXH3. Not made to withstand somebody who wants two contents to look
/// equal; nothing is trusted for it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(pub [u8; 16]);

/// What an entry does to the files below it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// A regular file.
    File,
    /// Another name of a file of this image; costs no bytes.
    HardLink,
    /// A symbolic link.
    Symlink,
    /// A folder, new or with other metadata.
    Directory,
    /// A device or a named pipe.
    Special,
    /// Takes away what lower layers have at this path.
    Whiteout,
    /// Takes away what lower layers have in this folder.
    Opaque,
}

/// An entry of a layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    folder: u32,
    name_start: u32,
    name_length: u16,
    /// What it does.
    pub change: Change,
    /// Permissions, with setuid, setgid and sticky.
    pub mode: u16,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Whether it may do more than its user: it has file capabilities (`capabilities(7)`).
    pub has_capabilities: bool,
    /// Bytes of a regular file, else 0.
    pub size: u64,
    /// Of a regular file's content.
    pub fingerprint: Fingerprint,
    /// Position of a link's target among the links.
    link: u32,
}

/// The entries of a layer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LayerContents {
    folders: Vec<Box<[u8]>>,
    names: Vec<u8>,
    links: Vec<Box<[u8]>>,
    entries: Vec<Entry>,
    captured: Vec<(u32, Box<[u8]>)>,
    is_inspected: bool,
    secrets: Vec<(u32, SecretHere)>,
    executables: Vec<(u32, Executable)>,
    /// What is odd about it.
    pub remarks: Remarks,
}

/// What is odd about a layer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Remarks {
    /// Entries that are not listed, as there are too many.
    pub unlisted: u64,
    /// Paths that would leave the image (`../x`); they are taken to stay in its root.
    pub escaping: u64,
    /// Members of kinds that no engine unpacks.
    pub unknown_kinds: u64,
    /// Secrets that are not told, as there are too many.
    pub untold_secrets: u64,
}

/// Sums over a layer's regular files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Their bytes.
    pub bytes: Bytes,
    /// Their number; whiteouts are none.
    pub files: u64,
}

/// How closely a layer is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// Its sizes.
    Sizes,
    /// All its entries.
    Entries,
    /// All its entries, and what the content of its files says: secrets, and what programs were built from.
    Inspected,
}

impl LayerContents {
    /// Reads the tar of a layer to its end.
    ///
    /// # Errors
    /// If it is no tar, cut off, or larger than anybody can mean.
    pub fn read(tar: &mut dyn Read, detail: Detail) -> io::Result<(Totals, Option<Self>)> {
        let mut reading = Reading::new(detail);
        let mut stream = TarStream::new(tar);
        while let Some(member) = stream.next_member()? {
            reading.member(&member, &mut stream)?;
        }
        stream.drain()?;
        // Lists that grew have room for as much again.
        let contents = (detail != Detail::Sizes).then(|| reading.contents.trimmed());
        Ok((reading.totals, contents))
    }

    fn trimmed(mut self) -> Self {
        self.folders.shrink_to_fit();
        self.names.shrink_to_fit();
        self.links.shrink_to_fit();
        self.entries.shrink_to_fit();
        self
    }

    /// Its entries, in the order of the tar.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The folder an entry lies in, without slashes at its ends; empty is the root.
    #[must_use]
    pub fn folder(&self, entry: &Entry) -> &[u8] {
        self.folders
            .get(entry.folder as usize)
            .map_or(&[], |folder| folder)
    }

    /// Which of [`LayerContents::folders`] an entry lies in.
    #[must_use]
    pub fn folder_index(&self, entry: &Entry) -> usize {
        entry.folder as usize
    }

    /// The folders that entries lie in.
    #[must_use]
    pub fn folders(&self) -> &[Box<[u8]>] {
        &self.folders
    }

    /// Its last component; of a whiteout, the name it takes away; empty for the root itself and [`Change::Opaque`].
    #[must_use]
    pub fn name(&self, entry: &Entry) -> &[u8] {
        let start = entry.name_start as usize;
        self.names
            .get(start..start + usize::from(entry.name_length))
            .unwrap_or_default()
    }

    /// What a link points to: of a hard link a path like those of entries, of a symbolic link as written.
    #[must_use]
    pub fn link(&self, entry: &Entry) -> &[u8] {
        match entry.change {
            Change::HardLink | Change::Symlink => {
                self.links.get(entry.link as usize).map_or(&[], |link| link)
            }
            _ => &[],
        }
    }

    /// The content of the files that inventories read, by position of the entry.
    pub fn captured(&self) -> impl Iterator<Item = (usize, &[u8])> {
        self.captured
            .iter()
            .map(|(at, text)| (*at as usize, &**text))
    }

    /// Whether the content of its files was looked at: if not, there may be secrets and programs that nobody knows of.
    #[must_use]
    pub const fn is_inspected(&self) -> bool {
        self.is_inspected
    }

    /// Without what the content of its files says: as it is read for [`Detail::Entries`].
    #[must_use]
    pub fn uninspected(mut self) -> Self {
        self.is_inspected = false;
        self.secrets = Vec::new();
        self.executables = Vec::new();
        self.remarks.untold_secrets = 0;
        self
    }

    /// The secrets in the content of its files, by position of the entry; see [`Detail::Inspected`]. Of what a package
    /// manager installed, only those whose form is certain.
    pub fn secrets(&self) -> impl Iterator<Item = (usize, &SecretHere)> {
        self.secrets
            .iter()
            .map(|(at, secret)| (*at as usize, secret))
    }

    /// What its programs and libraries say about themselves, by position of the entry; see [`Detail::Inspected`]. Those
    /// that say nothing are left out.
    pub fn executables(&self) -> impl Iterator<Item = (usize, &Executable)> {
        self.executables
            .iter()
            .map(|(at, executable)| (*at as usize, executable))
    }
}

#[cfg(test)]
mod tests;
