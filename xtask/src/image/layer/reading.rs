//! A layer that is being read: its entries are listed, and the content of its files goes by once.

use std::collections::HashMap;
use std::io::{self, Read};

use twox_hash::xxhash3_128::Hasher;

use super::secrets::Watch;
use super::{
    Change, Detail, Entry, Fingerprint, LayerContents, MAX_ENTRIES, MAX_SECRETS, Totals, path,
};
use crate::image::executable::Observer;
use crate::image::inventory;
use crate::image::tar_stream::{Kind, Member, TarStream};
use crate::size::Bytes;

/// Most bytes that are kept of the files that inventories read, and of what programs say, in one layer.
const MAX_CAPTURED_BYTES: usize = 64 << 20;

const WHITEOUT: &[u8] = b".wh.";
const OPAQUE: &[u8] = b".wh..wh..opq";
/// Bookkeeping of a file system that engines no longer have.
const AUFS: &[u8] = b".wh..wh.";

/// A layer that is being read.
pub(super) struct Reading {
    detail: Detail,
    pub(super) contents: LayerContents,
    pub(super) totals: Totals,
    known_folders: HashMap<Box<[u8]>, u32>,
    captured_bytes: usize,
}

impl Reading {
    pub(super) fn new(detail: Detail) -> Self {
        Self {
            detail,
            contents: LayerContents {
                is_inspected: detail == Detail::Inspected,
                ..LayerContents::default()
            },
            totals: Totals::default(),
            known_folders: HashMap::new(),
            captured_bytes: 0,
        }
    }

    pub(super) fn member<R: Read>(
        &mut self,
        member: &Member,
        stream: &mut TarStream<R>,
    ) -> io::Result<()> {
        let (path, escapes) = path::normalized(&member.path);
        let name = path.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
        let is_mark = name.starts_with(WHITEOUT);
        if member.kind == Kind::File && !is_mark {
            self.totals.files += 1;
            self.totals.bytes = Bytes(self.totals.bytes.0.saturating_add(member.size));
        }
        if self.detail == Detail::Sizes {
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
            entry.fingerprint = self.content(&path, entry.size, stream)?;
        }
        self.contents.entries.push(entry);
        Ok(())
    }

    /// Reads the content of the file that is listed next.
    fn content<R: Read>(
        &mut self,
        path: &[u8],
        size: u64,
        stream: &mut TarStream<R>,
    ) -> io::Result<Fingerprint> {
        let room = (MAX_CAPTURED_BYTES - self.captured_bytes) as u64;
        let is_wanted = inventory::wanted(path).is_some_and(|most| size <= most && size <= room);
        let mut text = Vec::new();
        let is_inspected = self.detail == Detail::Inspected && size > 0;
        let mut watch = is_inspected.then(|| Watch::new(path)).flatten();
        let mut observer = is_inspected.then(Observer::new);
        let name = path.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
        let mut hasher = Hasher::new();
        loop {
            let more = stream.content()?;
            if more.is_empty() {
                break;
            }
            hasher.write(more);
            if is_wanted {
                text.extend_from_slice(more);
            }
            if let Some(watch) = &mut watch {
                watch.feed(more);
            }
            if let Some(observer) = &mut observer {
                observer.feed(name, more);
            }
        }
        let at = count(self.contents.entries.len())?;
        if is_wanted {
            let text = inventory::kept(path, text);
            self.captured_bytes += text.len();
            self.contents.captured.push((at, text.into_boxed_slice()));
        }
        for secret in watch.into_iter().flat_map(Watch::finish) {
            if self.contents.secrets.len() < MAX_SECRETS {
                self.contents.secrets.push((at, secret));
            } else {
                self.contents.remarks.untold_secrets += 1;
            }
        }
        let executable = observer.and_then(|observer| observer.finish(name));
        if let Some(executable) = executable.filter(|executable| !executable.is_silent()) {
            let bytes = executable.bytes();
            if self.captured_bytes + bytes <= MAX_CAPTURED_BYTES {
                self.captured_bytes += bytes;
                self.contents.executables.push((at, executable));
            }
        }
        Ok(Fingerprint(hasher.finish_128().to_le_bytes()))
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
