//! What one layer changes: every entry of its tar, in its order.
//!
//! A layer may hold hundreds of thousands of files, so an entry is a few dozen bytes: folders are kept once, names lie
//! end to end, and content is kept as a fingerprint, but for the small files that inventories read.

use std::collections::HashMap;
use std::io::{self, Read};

use twox_hash::xxhash3_128::Hasher;

use super::inventory;
use super::tar_stream::{Kind, Member, TarStream};
use crate::size::Bytes;

pub mod codec;
mod path;

/// Most entries that are listed. With more, a layer is counted, and its entries beyond are not listed.
pub const MAX_ENTRIES: usize = 1_500_000;
/// Most bytes that are kept of the files that inventories read, in one layer.
const MAX_CAPTURED_BYTES: usize = 64 << 20;

const WHITEOUT: &[u8] = b".wh.";
const OPAQUE: &[u8] = b".wh..wh..opq";
/// Bookkeeping of a file system that engines no longer have.
const AUFS: &[u8] = b".wh..wh.";

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
}

impl LayerContents {
    /// Reads the tar of a layer to its end.
    ///
    /// # Errors
    /// If it is no tar, cut off, or larger than anybody can mean.
    pub fn read(tar: &mut dyn Read, detail: Detail) -> io::Result<(Totals, Option<Self>)> {
        let mut reading = Reading::default();
        let mut stream = TarStream::new(tar);
        while let Some(member) = stream.next_member()? {
            reading.member(&member, &mut stream, detail)?;
        }
        stream.drain()?;
        // Lists that grew have room for as much again.
        let contents = (detail == Detail::Entries).then(|| reading.contents.trimmed());
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
}

/// A layer that is being read.
#[derive(Default)]
struct Reading {
    contents: LayerContents,
    totals: Totals,
    known_folders: HashMap<Box<[u8]>, u32>,
    captured_bytes: usize,
}

impl Reading {
    fn member<R: Read>(
        &mut self,
        member: &Member,
        stream: &mut TarStream<R>,
        detail: Detail,
    ) -> io::Result<()> {
        let (path, escapes) = path::normalized(&member.path);
        let name = path.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
        let is_mark = name.starts_with(WHITEOUT);
        if member.kind == Kind::File && !is_mark {
            self.totals.files += 1;
            self.totals.bytes = Bytes(self.totals.bytes.0.saturating_add(member.size));
        }
        if detail == Detail::Sizes {
            return Ok(());
        }
        let change = match member.kind {
            _ if name == OPAQUE => Change::Opaque,
            _ if name.starts_with(AUFS) => return Ok(()),
            _ if is_mark => Change::Whiteout,
            Kind::File => Change::File,
            Kind::HardLink => Change::HardLink,
            Kind::Symlink => Change::Symlink,
            Kind::Directory => Change::Directory,
            Kind::CharacterDevice | Kind::BlockDevice | Kind::Fifo => Change::Special,
            _ => {
                self.contents.remarks.unknown_kinds += 1;
                return Ok(());
            }
        };
        self.contents.remarks.escaping += u64::from(escapes);
        if self.contents.entries.len() >= MAX_ENTRIES {
            self.contents.remarks.unlisted += 1;
            return Ok(());
        }
        let (folder, name) = match path.iter().rposition(|byte| *byte == b'/') {
            Some(slash) => (&path[..slash], &path[slash + 1..]),
            None => (&[][..], &path[..]),
        };
        let name = match change {
            Change::Opaque => &[],
            Change::Whiteout => &name[WHITEOUT.len()..],
            _ => name,
        };
        let link = match change {
            Change::HardLink => Some(path::normalized(&member.link).0.into_owned()),
            Change::Symlink => Some(member.link.clone()),
            _ => None,
        };
        let mut entry = Entry {
            folder: self.folder(folder),
            name_start: count(self.contents.names.len())?,
            name_length: u16::try_from(name.len()).map_err(|_| too_long())?,
            change,
            mode: u16::try_from(member.mode & 0o7777).unwrap_or_default(),
            uid: u32::try_from(member.uid).unwrap_or(u32::MAX),
            gid: u32::try_from(member.gid).unwrap_or(u32::MAX),
            has_capabilities: member.has_capabilities,
            size: if change == Change::File {
                member.size
            } else {
                0
            },
            fingerprint: Fingerprint::default(),
            link: count(self.contents.links.len())?,
        };
        self.contents.names.extend_from_slice(name);
        self.contents.links.extend(link.map(Vec::into_boxed_slice));
        if change == Change::File {
            let room = MAX_CAPTURED_BYTES - self.captured_bytes;
            let wanted = inventory::wanted(&path)
                .filter(|most| entry.size <= *most && entry.size <= room as u64);
            let (fingerprint, text) = content(stream, wanted.is_some())?;
            entry.fingerprint = fingerprint;
            if wanted.is_some() {
                let text = inventory::kept(&path, text);
                self.captured_bytes += text.len();
                let at = count(self.contents.entries.len())?;
                self.contents.captured.push((at, text.into_boxed_slice()));
            }
        }
        self.contents.entries.push(entry);
        Ok(())
    }

    fn folder(&mut self, path: &[u8]) -> u32 {
        if let Some(last) = self.contents.entries.last()
            && *self.contents.folders[last.folder as usize] == *path
        {
            return last.folder;
        }
        if let Some(known) = self.known_folders.get(path) {
            return *known;
        }
        // There are never more folders than entries.
        let index = u32::try_from(self.contents.folders.len()).unwrap_or(u32::MAX);
        self.contents.folders.push(path.into());
        self.known_folders.insert(path.into(), index);
        index
    }
}

fn content<R: Read>(stream: &mut TarStream<R>, keep: bool) -> io::Result<(Fingerprint, Vec<u8>)> {
    let mut hasher = Hasher::new();
    let mut text = Vec::new();
    loop {
        let more = stream.content()?;
        if more.is_empty() {
            return Ok((Fingerprint(hasher.finish_128().to_le_bytes()), text));
        }
        hasher.write(more);
        if keep {
            text.extend_from_slice(more);
        }
    }
}

fn count(number: usize) -> io::Result<u32> {
    u32::try_from(number)
        .map_err(|_| io::Error::other("the names of its files have more than 4 GiB"))
}

fn too_long() -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        "a file's name is longer than 65,535 bytes",
    )
}

#[cfg(test)]
mod tests;
