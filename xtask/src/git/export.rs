//! A commit's files in a folder.

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

/// Writes all files of a commit into a folder, which is absolute. The repository at `top`, its index and its work tree
/// stay as they are. Files that a filter keeps elsewhere (Git LFS) are written as the pointers that they are.
///
/// # Errors
/// Git fails.
pub fn export(runner: &dyn Runner, top: &Utf8Path, commit: &str, folder: &Utf8Path) -> Result<()> {
    let index = folder.join(".docker-ignore-index");
    let git = |arguments: &[&str]| {
        git(top)
            .args(["-c", "filter.lfs.smudge=", "-c", "filter.lfs.process="])
            .args(["-c", "filter.lfs.required=false"])
            .args(arguments)
            .env("GIT_INDEX_FILE", index.as_str())
    };
    let read = git(&["read-tree", commit]);
    runner.run(&read)?.checked(&read)?;
    let prefix = format!("--prefix={folder}/");
    let write = git(&["checkout-index", "--all", "--force", "--quiet", &prefix]);
    runner.run(&write)?.checked(&write)?;
    std::fs::remove_file(&index)
        .map_err(|error| Error::usage(format!("failed to remove {index}")).because(error))
}
