//! The end of a range of commits that is not checked out: its files in a folder of their own, for as long as they are
//! looked at.

use camino::{Utf8Path, Utf8PathBuf};

use crate::cli::Common;
use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::git;

/// A commit's files. The folder goes when this does.
pub(in crate::commands) struct Checkout {
    folder: Utf8PathBuf,
    /// The root of the repository that they come from.
    top: Utf8PathBuf,
}

impl Checkout {
    /// Writes the files that a range ends with, if the words name a range whose end is not what lies in the work tree.
    ///
    /// # Errors
    /// The range means nothing, or the files cannot be written.
    pub(in crate::commands) fn of(
        words: &[String],
        environment: &Environment,
    ) -> Result<Option<Self>> {
        let runner = &*environment.runner;
        let here = &environment.current_dir;
        let [word] = words else {
            return Ok(None);
        };
        if !word.contains("..") || here.join(word).symlink_metadata().is_ok() {
            return Ok(None);
        }
        let range = git::range(runner, here, word)?;
        let Some(commit) = range.and_then(|range| range.after) else {
            return Ok(None);
        };
        // A commit that is checked out, and nothing else with it, needs no copy.
        if git::head(runner, here).is_some_and(|head| head.revision == commit) {
            return Ok(None);
        }
        let top = git::top(runner, here)?;
        let temporary = environment.variable("TMPDIR").unwrap_or("/tmp");
        let number = std::process::id();
        let folder = Utf8Path::new(temporary).join(format!("docker-ignore-{number}-{commit}"));
        let checkout = Self { folder, top };
        let failed = |error: std::io::Error| {
            Error::usage(format!("failed to write the files of {commit}"))
                .because(format!("{}: {error}", checkout.folder))
                .help("`TMPDIR` says where temporary files go")
        };
        std::fs::create_dir_all(&checkout.folder).map_err(failed)?;
        git::export(runner, &checkout.top, &commit, &checkout.folder)?;
        // It is looked for where a repository begins.
        std::fs::create_dir_all(checkout.folder.join(".git")).map_err(failed)?;
        Ok(Some(checkout))
    }

    /// The environment of someone who stands at the same place in it.
    pub(in crate::commands) fn environment(&self, environment: &Environment) -> Environment {
        Environment {
            current_dir: self.inside(&environment.current_dir),
            ..environment.clone()
        }
    }

    /// The options that mean the same in it.
    pub(in crate::commands) fn common(&self, common: &Common) -> Common {
        let manifest = common.manifest.as_ref().map(|path| self.inside(path));
        Common {
            manifest,
            ..common.clone()
        }
    }

    /// Where git knows what a folder of it holds.
    pub(in crate::commands) fn origin(&self, root: &Utf8Path) -> Utf8PathBuf {
        match root.strip_prefix(&self.folder) {
            Ok(inside) => self.top.join(inside),
            Err(_) => self.top.clone(),
        }
    }

    fn inside(&self, path: &Utf8Path) -> Utf8PathBuf {
        match path.strip_prefix(&self.top) {
            Ok(inside) => self.folder.join(inside),
            Err(_) => path.to_owned(),
        }
    }
}

impl Drop for Checkout {
    fn drop(&mut self) {
        // Whoever cleans up temporary files finds what could not be removed.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
