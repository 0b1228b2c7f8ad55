//! The ignore file that counts for a Dockerfile.

use camino::{Utf8Path, Utf8PathBuf};

use crate::dockerignore::{self, Patterns, SyntaxError};
use crate::error::Result;
use crate::source::Source;

/// An ignore file that was read.
#[derive(Clone, Debug)]
pub struct IgnoreFile {
    /// Its text.
    pub source: Source,
    /// What it says.
    pub patterns: Patterns,
    /// What `BuildKit` would refuse the build for.
    pub errors: Vec<SyntaxError>,
}

impl IgnoreFile {
    /// Reads a text.
    #[must_use]
    pub fn parse(source: Source) -> Self {
        let (patterns, errors) = Patterns::parse(&source);
        Self {
            source,
            patterns,
            errors,
        }
    }

    /// Reads the file that counts for a Dockerfile: the one named for it, then the context's own; `None` if there is
    /// neither. Paths are from `root`; the file is named so, too.
    ///
    /// # Errors
    /// A file is there and cannot be read: to go on without it would tell of another build.
    pub fn of(root: &Utf8Path, dockerfile: &Utf8Path, context: &Utf8Path) -> Result<Option<Self>> {
        for path in dockerignore::candidates(dockerfile, context) {
            if root.join(&path).symlink_metadata().is_ok() {
                return Source::read(root, &path).map(|source| Some(Self::parse(source)));
            }
        }
        Ok(None)
    }

    /// Its path, from the root it was read below.
    #[must_use]
    pub fn path(&self) -> Utf8PathBuf {
        self.source.path().to_owned()
    }
}
