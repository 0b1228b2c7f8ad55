//! The ignore file that counts for a Dockerfile.

use camino::{Utf8Path, Utf8PathBuf};

use super::folders::Folders;
use crate::dockerignore::{self, Patterns, SyntaxError};
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

    /// The path of the file that counts for a Dockerfile: the one named for it, then the context's own; `None` if there
    /// is neither. Paths are from the root of `folders`.
    #[must_use]
    pub fn find(
        folders: &dyn Folders,
        dockerfile: &Utf8Path,
        context: &Utf8Path,
    ) -> Option<Utf8PathBuf> {
        dockerignore::candidates(dockerfile, context)
            .into_iter()
            .find(|path| folders.exists(path))
    }

    /// Its path, from the root it was read below.
    #[must_use]
    pub fn path(&self) -> Utf8PathBuf {
        self.source.path().to_owned()
    }
}
