//! Files that do not lie in the work tree, a commit's or those of git's index, in a folder of their own for as long as
//! they are looked at.

use camino::{Utf8Path, Utf8PathBuf};

use super::temporary_folder::TemporaryFolder;
use crate::cli::Common;
use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::git::{self, Version};

/// The files of a commit or of the index.
pub(super) struct Checkout {
    folder: TemporaryFolder,
    /// The root of the repository that they come from.
    top: Utf8PathBuf,
}

impl Checkout {
    /// Writes the files into a folder for temporary files.
    ///
    /// # Errors
    /// This is no repository, or the files cannot be written.
    pub(super) fn of(version: &Version, environment: &Environment) -> Result<Self> {
        let runner = &*environment.runner;
        let top = git::top(runner, &environment.current_dir)?;
        let folder = TemporaryFolder::new(&format!("docker-{}", version.name()), environment)?;
        let checkout = Self { folder, top };
        let folder = checkout.folder.path();
        git::export(runner, &checkout.top, version, folder)?;
        // It is looked for where a repository begins.
        let mark = folder.join(".git");
        std::fs::create_dir_all(&mark)
            .map_err(|error| Error::usage(format!("failed to make {mark}")).because(error))?;
        Ok(checkout)
    }

    /// The environment of someone who stands at the same place in it.
    pub(super) fn environment(&self, environment: &Environment) -> Environment {
        Environment {
            current_dir: self.inside(&environment.current_dir),
            ..environment.clone()
        }
    }

    /// The options that mean the same in it.
    pub(super) fn common(&self, common: &Common) -> Common {
        let manifest = common.manifest.as_ref().map(|path| self.inside(path));
        Common {
            manifest,
            ..common.clone()
        }
    }

    /// Where git knows what a folder of it holds.
    pub(super) fn origin(&self, root: &Utf8Path) -> Utf8PathBuf {
        match root.strip_prefix(self.folder.path()) {
            Ok(inside) => self.top.join(inside),
            Err(_) => self.top.clone(),
        }
    }

    /// The same place in it.
    pub(super) fn inside(&self, path: &Utf8Path) -> Utf8PathBuf {
        match path.strip_prefix(&self.top) {
            Ok(inside) => self.folder.path().join(inside),
            Err(_) => path.to_owned(),
        }
    }
}
