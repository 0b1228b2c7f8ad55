//! The packages of an image, read from the databases that package managers leave in it, and from what programs say about
//! themselves.
//!
//! A file belongs to one package at most. The operating system's database wins, then what a Python package lists, and
//! what is left belongs to the nearest folder that is a package's own. What is read was written by whoever made the
//! image: a record that makes no sense is none, and no text takes longer than its length allows.

use std::collections::HashMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::accounts;
use super::distribution;
use super::executable::Executable;
use super::filesystem::{Filesystem, NodeId};

mod apk;
mod binary;
mod dpkg;
mod embedded;
mod fields;
mod go;
mod npm;
mod ownership;
mod purl;
mod python;
mod rust;

use ownership::Ownership;
pub use purl::purl;

/// Most bytes of a database that holds all packages.
const MAX_DATABASE_BYTES: u64 = 16 << 20;
/// Most bytes of a package's list of files.
const MAX_LIST_BYTES: u64 = 4 << 20;
/// Most bytes of what describes one Python package; many hold a whole manual.
const MAX_METADATA_BYTES: u64 = 1 << 20;
/// Most bytes of a `package.json`.
const MAX_MANIFEST_BYTES: u64 = 256 << 10;

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
    /// Go's: modules that a program was built from.
    Go,
    /// Rust's: crates that a program was built from.
    Rust,
    /// None: a well-known program that was copied to where it is.
    Binary,
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
            Self::Go => "go",
            Self::Rust => "rust",
            Self::Binary => "binary",
        }
    }
}

/// What a distribution built a package from. Its advisories name this, not the package.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
pub struct SourcePackage {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
}

impl fmt::Display for SourcePackage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name, self.version)
    }
}

/// A package in an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    /// What installed it.
    pub manager: Manager,
    /// Its name, as its manager writes it; of a Python package the normalized one: `zope-interface`.
    pub name: String,
    /// Its version.
    pub version: String,
    /// What it was built for, such as `amd64`, `x86_64` or `all`; only known of a distribution's packages.
    pub architecture: Option<String>,
    /// What a distribution built it from; the package itself, where its record names nothing else.
    pub source: Option<SourcePackage>,
    /// As its record writes it; most of Python and npm is an SPDX expression. Debian's records have none.
    pub license: Option<String>,
    /// Where it is recorded: the database, `package.json`, `METADATA`, the program that it was built into, or the bill of
    /// materials beside it.
    pub record: String,
    /// Its visible files, by position in [`Filesystem::files`], in that order; a file belongs to one package at most.
    pub files: Vec<usize>,
}

impl Package {
    fn new(manager: Manager, name: String, version: String, record: &str) -> Self {
        Self {
            manager,
            name,
            version,
            architecture: None,
            source: None,
            license: None,
            record: record.to_owned(),
            files: Vec::new(),
        }
    }
}

/// How many bytes of the file at `path` are worth keeping at most; `None` if no inventory reads it.
#[must_use]
pub fn wanted(path: &[u8]) -> Option<u64> {
    apk::wanted(path)
        .or_else(|| dpkg::wanted(path))
        .or_else(|| npm::wanted(path))
        .or_else(|| python::wanted(path))
        .or_else(|| embedded::wanted(path))
        .or_else(|| distribution::wanted(path))
        .or_else(|| accounts::wanted(path))
}

/// What of a wanted file's text is kept.
#[must_use]
pub fn kept(path: &[u8], text: Vec<u8>) -> Vec<u8> {
    if npm::wanted(path).is_some() {
        npm::kept(&text)
    } else if python::is_metadata(path) {
        python::kept(&text)
    } else if embedded::wanted(path).is_some() {
        embedded::kept(&text)
    } else if accounts::wanted(path).is_some() {
        accounts::kept(path, &text)
    } else {
        text
    }
}

/// The packages of an image, by manager, name and version.
///
/// A Python or npm package whose record belongs to an operating system's package is a part of that one, and not
/// listed: its distribution maintains it, under the distribution's version. So are programs. What programs were built
/// from is known of layers that were inspected ([`super::layer::Detail::Inspected`]).
#[must_use]
pub fn packages(filesystem: &Filesystem) -> Vec<Package> {
    let captured = filesystem.captured();
    let executables = filesystem.executables();
    if captured.is_empty() && executables.is_empty() {
        return Vec::new();
    }
    let mut inventory = Inventory {
        texts: captured
            .iter()
            .map(|(path, text)| (&**path, *text))
            .collect(),
        captured: &captured,
        executables: &executables,
        filesystem,
        packages: Vec::new(),
        ownership: Ownership::new(filesystem),
        roots: HashMap::new(),
    };
    apk::add(&mut inventory);
    dpkg::add(&mut inventory);
    python::add(&mut inventory);
    npm::add(&mut inventory);
    go::add(&mut inventory);
    rust::add(&mut inventory);
    binary::add(&mut inventory);
    // Last: what is installed is not listed twice.
    embedded::add(&mut inventory);
    inventory.finish()
}

/// The packages that were found so far.
struct Inventory<'a> {
    filesystem: &'a Filesystem,
    /// The files that are read, by path.
    captured: &'a [(String, &'a [u8])],
    /// The programs and libraries that say something about themselves, by path.
    executables: &'a [(String, &'a Executable)],
    texts: HashMap<&'a str, &'a [u8]>,
    packages: Vec<Package>,
    ownership: Ownership<'a>,
    /// Folders that are a package's own, with all in them that nobody lists.
    roots: HashMap<NodeId, usize>,
}

impl<'a> Inventory<'a> {
    /// The text of a file, if it was read.
    fn text(&self, path: &str) -> Option<&'a [u8]> {
        self.texts.get(path).copied()
    }

    fn executables(&self) -> impl Iterator<Item = (String, &'a Executable)> + use<'a> {
        self.executables.iter().cloned()
    }

    /// Adds a package; its position.
    fn push(&mut self, package: Package) -> usize {
        self.packages.push(package);
        self.packages.len() - 1
    }

    /// Where a record lies, unless it belongs to an operating system's package.
    fn own_record(&self, path: &str) -> Option<NodeId> {
        let node = self.filesystem.node_at(path.as_bytes())?;
        let file = self.filesystem.file_at(node)?;
        let is_of_the_system = self.ownership.owner(file).is_some_and(|owner| {
            matches!(self.packages[owner].manager, Manager::Apk | Manager::Dpkg)
        });
        (!is_of_the_system).then_some(node)
    }

    fn finish(mut self) -> Vec<Package> {
        python::claim_bytecode(self.filesystem, &mut self.ownership);
        self.ownership.claim_below(&self.roots);
        for (file, owner) in self.ownership.owners() {
            self.packages[owner].files.push(file);
        }
        self.packages.sort_by(|a, b| {
            let key = |package: &Package| package.manager;
            (key(a), &a.name, &a.version, &a.record, &a.architecture).cmp(&(
                key(b),
                &b.name,
                &b.version,
                &b.record,
                &b.architecture,
            ))
        });
        self.packages
    }
}

#[cfg(test)]
mod tests;
