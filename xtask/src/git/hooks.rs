//! Where git looks for hooks.

use camino::{Utf8Path, Utf8PathBuf};

use super::git;
use crate::error::Result;
use crate::process::Runner;

/// The folder that git runs hooks from (githooks(5)).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HookFolder {
    /// Absolute. All work trees of a repository share it, unless `core.hooksPath` is relative.
    pub path: Utf8PathBuf,
    /// Where `core.hooksPath` is set, if it is: `local`, `worktree`, `global`, `system` or `command`.
    pub configured: Option<String>,
}

/// Finds the folder for the repository that begins at `top`. It need not be there yet.
///
/// # Errors
/// Git is missing or fails.
pub fn hook_folder(runner: &dyn Runner, top: &Utf8Path) -> Result<HookFolder> {
    let command = git(top).args(["rev-parse", "--git-path", "hooks"]);
    let output = runner.run(&command)?.checked(&command)?;
    let command = git(top).args(["config", "--show-scope", "--get", "core.hooksPath"]);
    let scope = runner.run(&command)?;
    let configured = scope
        .success()
        .then(|| scope.text())
        .and_then(|text| Some(text.split_once('\t')?.0.to_owned()));
    Ok(HookFolder {
        path: top.join(output.text()),
        configured,
    })
}
