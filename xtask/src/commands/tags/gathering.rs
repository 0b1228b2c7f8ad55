//! What happened, as GitHub or git tells it.

use camino::Utf8Path;

use super::arguments::{Arguments, Context};
use crate::commands::audit::now;
use crate::commands::github;
use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::git;
use crate::tags::{Occasion, Repository};

/// What happened, and what is known about the repository.
pub(super) fn gather(
    arguments: &Arguments,
    root: &Utf8Path,
    default_branch: Option<&str>,
    environment: &Environment,
) -> Result<(Occasion, Repository)> {
    let runner = environment.runner.as_ref();
    let payload = github::payload(environment)?;
    let mut occasion = Occasion::of_workflow(&environment.variables, &payload, now(environment))?;
    let mut repository = Repository::of_payload(&payload);
    let is_workflow = environment.variable("GITHUB_EVENT_NAME").is_some();
    let from_git = match arguments.context {
        Context::Auto => !is_workflow,
        Context::Git => true,
        Context::Workflow if !is_workflow => {
            return Err(Error::usage("there is no event of GitHub here")
                .because("`GITHUB_EVENT_NAME` is not set")
                .help("use `--context git`, or leave it out"));
        }
        Context::Workflow => false,
    };
    if from_git {
        if !is_workflow {
            "push".clone_into(&mut occasion.event);
        }
        let Some(head) = git::head(runner, root) else {
            return Err(Error::usage(format!("git knows no commit of {root}"))
                .help("commit something, or use `--context workflow` in a workflow of GitHub"));
        };
        occasion.is_dirty = head.revision.ends_with("-dirty");
        head.revision
            .trim_end_matches("-dirty")
            .clone_into(&mut occasion.commit);
        occasion.commit_date = head.date.parse().ok();
        occasion.reference = git::reference(runner, root).unwrap_or_default();
    } else if occasion.commit_date.is_none() && !occasion.commit.is_empty() {
        let date = git::commit_date(runner, root, &occasion.commit);
        occasion.commit_date = date.and_then(|date| date.parse().ok());
    }
    if let Some(reference) = &arguments.reference {
        if !["refs/heads/", "refs/tags/", "refs/pull/"]
            .iter()
            .any(|start| {
                reference
                    .strip_prefix(start)
                    .is_some_and(|name| !name.is_empty())
            })
        {
            return Err(Error::usage(format!("`--ref {reference}` is no ref"))
                .help("write it in full: refs/heads/main, refs/tags/v1.2.3 or refs/pull/2/merge"));
        }
        occasion.reference.clone_from(reference);
    }
    if let Some(event) = &arguments.event {
        occasion.event.clone_from(event);
    }
    if let Some(branch) = default_branch {
        occasion.default_branch = Some(branch.to_owned());
    } else if occasion.default_branch.is_none() {
        occasion.default_branch = git::default_branch(runner, root);
    }
    if repository.url.is_none() {
        repository.url = git::page(runner, root);
    }
    Ok((occasion, repository))
}
