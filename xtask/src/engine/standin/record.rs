//! What went into a stand-in: kept beside its archive and, the same, inside the image.

use serde::Serialize;

use super::package::Carried;
use super::reference::NodeVersion;

/// Where the record lies in the image.
pub(super) const PATH: &str = "etc/stand-in.json";

/// Everything that went into a stand-in, with versions and checksums.
#[derive(Debug, Serialize)]
pub(super) struct Record<'a> {
    pub(super) schema_version: u32,
    /// The image it stands in for.
    pub(super) stands_in_for: &'a str,
    pub(super) node_version: NodeVersion,
    pub(super) platform: &'a str,
    /// Whether Node lost its symbols.
    pub(super) node_is_stripped: bool,
    /// What was fetched.
    pub(super) sources: Vec<Source>,
    /// What `apk add` can install.
    pub(super) packages: Vec<Package<'a>>,
}

/// A file that was fetched.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(super) struct Source {
    /// `pypi`, or `debian/` and the suite.
    pub(super) from: String,
    pub(super) name: String,
    pub(super) version: String,
    pub(super) sha256: String,
}

/// A package `apk add` can install.
#[derive(Debug, Serialize)]
pub(super) struct Package<'a> {
    name: &'a str,
    version: &'a str,
    installed_bytes: u64,
    archive_bytes: usize,
    sha256: &'a str,
}

impl<'a> From<&'a Carried> for Package<'a> {
    fn from(carried: &'a Carried) -> Self {
        Self {
            name: &carried.name,
            version: &carried.version,
            installed_bytes: carried.installed_bytes,
            archive_bytes: carried.archive.len(),
            sha256: &carried.sha256,
        }
    }
}
