//! A folder for as long as it is needed.

use std::io::ErrorKind;
use std::os::unix::fs::DirBuilderExt as _;

use camino::{Utf8Path, Utf8PathBuf};

use crate::environment::Environment;
use crate::error::{Error, Result};

/// A process that was killed leaves its folders, and its number comes again.
const MOST_ATTEMPTS: u32 = 1000;

/// A folder of this process, where temporary files go. It goes when this does.
pub(super) struct TemporaryFolder(Utf8PathBuf);

impl TemporaryFolder {
    /// Makes it; `name` tells it from others of this process.
    ///
    /// # Errors
    /// It cannot be made.
    pub(super) fn new(name: &str, environment: &Environment) -> Result<Self> {
        let temporary = Utf8Path::new(environment.variable("TMPDIR").unwrap_or("/tmp"));
        let failed = |error: std::io::Error| {
            Error::usage(format!("failed to make a folder in {temporary}"))
                .because(error)
                .help("`TMPDIR` says where temporary files go")
        };
        std::fs::create_dir_all(temporary).map_err(failed)?;
        let mut attempt = 0;
        loop {
            let folder = temporary.join(format!("{name}-{}-{attempt}", std::process::id()));
            // Ours alone, and never one that somebody has put there.
            match std::fs::DirBuilder::new().mode(0o700).create(&folder) {
                Ok(()) => return Ok(Self(folder)),
                Err(error)
                    if error.kind() == ErrorKind::AlreadyExists && attempt < MOST_ATTEMPTS =>
                {
                    attempt += 1;
                }
                Err(error) => return Err(failed(error)),
            }
        }
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Utf8Path {
        &self.0
    }
}

impl Drop for TemporaryFolder {
    fn drop(&mut self) {
        // Whoever cleans up temporary files finds what could not be removed.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
