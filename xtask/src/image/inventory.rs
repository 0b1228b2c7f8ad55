//! The packages of an image, read from the databases that package managers leave in it.

use super::filesystem::Filesystem;

/// What installed a package.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Manager {
    /// Alpine's.
    Apk,
    /// Debian's.
    Dpkg,
    /// Node's: npm, yarn, pnpm.
    Npm,
    /// Python's: pip and others.
    Python,
}

impl Manager {
    /// As reports name it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Apk => "apk",
            Self::Dpkg => "dpkg",
            Self::Npm => "npm",
            Self::Python => "python",
        }
    }
}

/// A package in an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    /// What installed it.
    pub manager: Manager,
    /// Its name, as its manager writes it.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Where it is recorded: the database, `package.json` or `METADATA`.
    pub record: String,
    /// Its visible files, by position in [`Filesystem::files`]; a file belongs to one package at most.
    pub files: Vec<usize>,
}

/// How many bytes of the file at `path` are worth keeping at most; `None` if no inventory reads it.
#[must_use]
pub fn wanted(path: &[u8]) -> Option<u64> {
    let _ = path;
    None
}

/// What of a wanted file's text is kept.
#[must_use]
pub fn kept(path: &[u8], text: Vec<u8>) -> Vec<u8> {
    let _ = path;
    text
}

/// The packages of an image, by manager, name and version.
#[must_use]
pub fn packages(filesystem: &Filesystem) -> Vec<Package> {
    let _ = filesystem;
    Vec::new()
}
