//! The audit trail's file: entries are only ever put behind the last one, under a lock, and are on the disk before
//! anybody is told that they were recorded.
//!
//! Beside `FILE` lie `FILE.lock`, held while somebody appends; `FILE.head`, the end as the last writer left it, which
//! makes a cut show; and `FILE.torn-…`, what a killed writer left of a line.

mod append;
mod backwards;
mod reading;

use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};

pub use append::Appended;

use crate::audit::Head;
use crate::engine::lock::Lock;
use crate::error::{Error, Result};

/// How long to wait for others that append.
const PATIENCE: Duration = Duration::from_mins(1);

/// A trail, by its file.
#[derive(Clone, Debug)]
pub struct Trail {
    file: Utf8PathBuf,
}

impl Trail {
    /// The trail in a file, which need not be there yet.
    pub fn new(file: impl Into<Utf8PathBuf>) -> Self {
        Self { file: file.into() }
    }

    /// Its file.
    #[must_use]
    pub fn file(&self) -> &Utf8Path {
        &self.file
    }

    /// Where its end is kept.
    #[must_use]
    pub fn head_file(&self) -> Utf8PathBuf {
        Utf8PathBuf::from(format!("{}.head", self.file))
    }

    /// The end as the last writer left it; `None` if nobody wrote it down.
    ///
    /// # Errors
    /// The file cannot be read, or is not what a writer leaves.
    pub fn written_head(&self) -> Result<Option<Head>> {
        let file = self.head_file();
        let text = match std::fs::read(&file) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Error::usage(format!("failed to read {file}")).because(error)),
        };
        serde_json::from_slice(&text).map(Some).map_err(|error| {
            Error::failed(format!("{file} is not the end of a trail"))
                .because(error)
                .help("`docker-audit verify` tells what is left; then remove the file: the next entry makes a new one")
        })
    }

    fn lock(&self) -> Result<Lock> {
        let file = Utf8PathBuf::from(format!("{}.lock", self.file));
        Lock::take(&file, PATIENCE, &|| ())
    }

    fn unreadable(&self, error: impl std::fmt::Display) -> Error {
        Error::usage(format!("failed to read the audit trail {}", self.file)).because(error)
    }
}

#[cfg(test)]
mod tests;
