//! The commit that a change is counted from.

use camino::Utf8Path;

use super::Arguments;
use crate::commands::github;
use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::git;
use crate::process::Runner;

/// The commit that a change is counted from.
#[derive(Clone)]
pub(super) struct Base {
    /// Its hash.
    pub(super) commit: String,
    /// Why it is this one.
    pub(super) reason: String,
}

/// The commit before the first one, as GitHub writes it.
const NOTHING: &str = "0000000000000000000000000000000000000000";

impl Base {
    /// That of the command line, of the event of a workflow, or where this branch left the default branch.
    ///
    /// # Errors
    /// Nobody knows it, or it is not here.
    pub(super) fn find(
        arguments: &Arguments,
        root: &Utf8Path,
        environment: &Environment,
    ) -> Result<Self> {
        let runner = environment.runner.as_ref();
        if let Some(base) = &arguments.base {
            return Self::left(runner, root, base, format!("since {base}"));
        }
        if let Some(branch) = environment.variable("GITHUB_BASE_REF") {
            let base = format!("origin/{branch}");
            return Self::left(
                runner,
                root,
                &base,
                format!("since the pull request left {branch}"),
            );
        }
        if environment.variable("GITHUB_EVENT_NAME") == Some("push") {
            let payload = github::payload(environment)?;
            let before = payload["before"].as_str().unwrap_or_default();
            if !before.is_empty() && before != NOTHING {
                // What a forced push threw away is no ancestor; the two states differ nevertheless.
                let commit = git::commit_of(runner, root, before)?;
                return Ok(Self {
                    commit,
                    reason: format!("since the push before, {before}"),
                });
            }
        }
        let Some(branch) = git::default_branch(runner, root) else {
            return Err(Error::usage("nobody says what to compare with")
                .because("this clone knows no default branch of `origin`")
                .help("name a commit or a branch with `--base REF`")
                .help("`git remote set-head origin --auto` looks the default branch up"));
        };
        let base = format!("origin/{branch}");
        Self::left(runner, root, &base, format!("since {base}"))
    }

    fn left(runner: &dyn Runner, root: &Utf8Path, base: &str, reason: String) -> Result<Self> {
        Ok(Self {
            commit: git::left_at(runner, root, base)?,
            reason,
        })
    }
}
