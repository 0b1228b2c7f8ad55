//! A folder for as long as it is needed.

use camino::{Utf8Path, Utf8PathBuf};

use crate::environment::Environment;
use crate::error::{Error, Result};

/// A folder of this process, where temporary files go. It goes when this does.
pub(super) struct TemporaryFolder(Utf8PathBuf);

impl TemporaryFolder {
    /// Makes it; `name` tells it from others of this process.
    ///
    /// # Errors
    /// It cannot be made.
    pub(super) fn new(name: &str, environment: &Environment) -> Result<Self> {
        let temporary = environment.variable("TMPDIR").unwrap_or("/tmp");
        let folder = Utf8Path::new(temporary).join(format!("{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).map_err(|error| {
            Error::usage(format!("failed to make the folder {folder}"))
                .because(error)
                .help("`TMPDIR` says where temporary files go")
        })?;
        Ok(Self(folder))
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
