//! The folders of a disk.

use std::ffi::CStr;
use std::io;
use std::os::fd::OwnedFd;

use camino::{Utf8Path, Utf8PathBuf};
use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags};

use super::folders::{FolderEntry, Folders, Kind, OpenFolder};
use crate::error::Result;
use crate::source::Source;

/// The folders below a folder of the machine. A link is never followed, not even one that replaces a folder while it
/// is looked at.
#[derive(Clone, Debug)]
pub struct DiskFolders {
    root: Utf8PathBuf,
}

struct DiskFolder {
    file: OwnedFd,
}

impl DiskFolders {
    /// What is below `root`.
    #[must_use]
    pub fn new(root: impl Into<Utf8PathBuf>) -> Self {
        Self { root: root.into() }
    }
}

impl Folders for DiskFolders {
    fn open(&self, path: &Utf8Path) -> io::Result<Box<dyn OpenFolder + '_>> {
        // The root itself may be reached through links, as any path that a user names.
        let (full, last) = if path == "" {
            (self.root.clone(), OFlags::empty())
        } else {
            (self.root.join(path), OFlags::NOFOLLOW)
        };
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC | last;
        let file = rustix::fs::open(full.as_str(), flags, Mode::empty())?;
        Ok(Box::new(DiskFolder { file }))
    }

    fn exists(&self, path: &Utf8Path) -> bool {
        self.root.join(path).symlink_metadata().is_ok()
    }

    fn text(&self, path: &Utf8Path) -> Result<Source> {
        Source::read(&self.root, path)
    }

    fn read(&self, path: &Utf8Path) -> io::Result<Box<dyn io::Read + '_>> {
        // Not to wait for who writes into a pipe that took the file's place.
        let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW | OFlags::NONBLOCK;
        let full = self.root.join(path);
        let file = rustix::fs::open(full.as_str(), flags, Mode::empty())?;
        let stat = rustix::fs::fstat(&file)?;
        if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        Ok(Box::new(std::fs::File::from(file)))
    }
}

impl OpenFolder for DiskFolder {
    fn entries(&mut self) -> io::Result<Vec<FolderEntry>> {
        let mut entries = Vec::new();
        for entry in Dir::read_from(&self.file)? {
            let entry = entry?;
            let name = entry.file_name();
            if name == c"." || name == c".." {
                continue;
            }
            let kind = match entry.file_type() {
                // Some file systems do not tell.
                FileType::Unknown => match self.file_type(name) {
                    Ok(kind) => kind,
                    Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                    Err(error) => return Err(error),
                },
                known => known,
            };
            entries.push(FolderEntry {
                name: match name.to_str() {
                    Ok(name) => Ok(name.into()),
                    Err(_) => Err(name.to_string_lossy().into()),
                },
                kind: match kind {
                    FileType::RegularFile => Kind::File,
                    FileType::Directory => Kind::Folder,
                    FileType::Symlink => Kind::Link,
                    _ => Kind::Other,
                },
            });
        }
        Ok(entries)
    }

    fn measure(&self, name: &str, kind: Kind) -> io::Result<(u64, Option<Box<str>>)> {
        if kind == Kind::Link {
            let target = rustix::fs::readlinkat(&self.file, name, Vec::new())?;
            let target = target.to_string_lossy();
            return Ok((target.len() as u64, Some(target.into())));
        }
        let stat = rustix::fs::statat(&self.file, name, AtFlags::SYMLINK_NOFOLLOW)?;
        Ok((u64::try_from(stat.st_size).unwrap_or_default(), None))
    }
}

impl DiskFolder {
    fn file_type(&self, name: &CStr) -> io::Result<FileType> {
        let stat = rustix::fs::statat(&self.file, name, AtFlags::SYMLINK_NOFOLLOW)?;
        Ok(FileType::from_raw_mode(stat.st_mode))
    }
}
