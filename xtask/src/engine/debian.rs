//! Debian packages without installing them: a private apt configuration made from the machine's own sources.

use camino::{Utf8Path, Utf8PathBuf};

use crate::error::Result;
use crate::process::Runner;

/// A package that was fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Where the `.deb` lies.
    pub file: Utf8PathBuf,
    /// Of the file, in hexadecimal; apt has checked it against the signed index.
    pub sha256: String,
}

/// apt with lists, state and cache of its own; the system's are never touched.
#[derive(Clone, Debug)]
pub struct PrivateApt {
    directory: Utf8PathBuf,
}
