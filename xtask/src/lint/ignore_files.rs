//! The ignore files of a repository, each read and parsed once: many rules ask for them, for every Dockerfile.

use std::sync::{Arc, Mutex, PoisonError};

use camino::{Utf8Path, Utf8PathBuf};
use foldhash::HashMap;

use super::surroundings::Files;
use crate::dockerignore::Patterns;
use crate::source::Source;

/// An ignore file.
#[derive(Debug)]
pub(super) struct Ignore {
    pub(super) source: Source,
    pub(super) patterns: Patterns,
}

/// Those that somebody asked for.
#[derive(Debug, Default)]
pub(super) struct IgnoreFiles(Mutex<HashMap<Utf8PathBuf, Option<Arc<Ignore>>>>);

impl IgnoreFiles {
    /// The one at a path; `None` where none can be read.
    pub(super) fn read(&self, files: &dyn Files, path: &Utf8Path) -> Option<Arc<Ignore>> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(ignore) = known.get(path) {
            return ignore.clone();
        }
        let ignore = files.read(path).ok().map(|source| {
            Arc::new(Ignore {
                patterns: Patterns::parse(&source).0,
                source,
            })
        });
        known.insert(path.to_owned(), ignore.clone());
        ignore
    }
}
