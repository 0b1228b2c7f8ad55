//! The files of a commit, or of the index, in a folder.

use camino::{Utf8Path, Utf8PathBuf};

use super::git;
use crate::error::{Error, Result};
use crate::process::Runner;

/// The folder that a repository begins at.
///
/// # Errors
/// Git fails, or the path is not UTF-8.
pub fn top(runner: &dyn Runner, root: &Utf8Path) -> Result<Utf8PathBuf> {
    let command = git(root).args(["rev-parse", "--show-toplevel"]);
    let output = runner.run(&command)?.checked(&command)?;
    Ok(output.text().into())
}

/// A state of the repository's files that git knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Version {
    /// A commit, by its hash.
    Commit(String),
    /// The index: what the next commit will hold.
    Index,
}

impl Version {
    /// What messages and folders call it.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Commit(hash) => hash,
            Self::Index => "index",
        }
    }
}

/// Writes all files of a version into a folder, which is absolute. The repository at `top`, its index and its work tree
/// stay as they are. Files that a filter keeps elsewhere (Git LFS) are written as the pointers that they are.
///
/// # Errors
/// Git fails.
pub fn export(
    runner: &dyn Runner,
    top: &Utf8Path,
    version: &Version,
    folder: &Utf8Path,
) -> Result<()> {
    let prefix = format!("--prefix={folder}/");
    let git = |arguments: &[&str]| {
        git(top)
            .args(["-c", "filter.lfs.smudge=", "-c", "filter.lfs.process="])
            .args(["-c", "filter.lfs.required=false"])
            .args(arguments)
    };
    let write = git(&["checkout-index", "--all", "--force", "--quiet", &prefix]);
    let Version::Commit(commit) = version else {
        runner.run(&write)?.checked(&write)?;
        return Ok(());
    };
    // An index of its own for the time being.
    let index = folder.join(".docker-checkout-index");
    let read = git(&["read-tree", commit]).env("GIT_INDEX_FILE", index.as_str());
    runner.run(&read)?.checked(&read)?;
    let write = write.env("GIT_INDEX_FILE", index.as_str());
    runner.run(&write)?.checked(&write)?;
    std::fs::remove_file(&index)
        .map_err(|error| Error::usage(format!("failed to remove {index}")).because(error))
}
