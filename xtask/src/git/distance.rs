//! How far a commit is from another.

use camino::Utf8Path;

use super::git;
use crate::process::{Output, Runner};

/// How many commits were made since `commit` until the one that is checked out; `None` if that one does not descend from
/// it, or the clone lacks it, or there is no git.
pub fn commits_since(runner: &dyn Runner, root: &Utf8Path, commit: &str) -> Option<u64> {
    // A name that starts with `-` would be an option.
    if !commit.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let ancestor = git(root).args(["merge-base", "--is-ancestor", commit, "HEAD"]);
    runner.run(&ancestor).ok().filter(Output::success)?;
    let count = git(root)
        .args(["rev-list", "--count"])
        .arg(format!("{commit}..HEAD"));
    let output = runner.run(&count).ok().filter(Output::success)?;
    output.text().parse().ok()
}
