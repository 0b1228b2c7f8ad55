//! Recording what a command did: who, when and of which commit is gathered here, once.

use std::collections::BTreeMap;
use std::time::UNIX_EPOCH;

use camino::Utf8Path;

use super::place;
use crate::audit::{Action, Actor, Check, Draft, Image, Source};
use crate::cli::Common;
use crate::environment::Environment;
use crate::error::Result;
use crate::git;
use crate::project::Project;
use crate::timestamp::Timestamp;
use crate::trail::{Appended, Trail};

/// What happened to one image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::commands) struct Event {
    /// What was done.
    pub(in crate::commands) action: Action,
    /// To which image.
    pub(in crate::commands) image: Option<Image>,
    /// What the checks said.
    pub(in crate::commands) verdicts: Vec<Check>,
    /// Further facts. No secrets: whoever can read the record reads them.
    pub(in crate::commands) details: BTreeMap<String, String>,
}

/// Puts entries into the record of a project.
pub(in crate::commands) struct Recorder<'a> {
    trail: Trail,
    actor: Actor,
    source: Option<Source>,
    required: bool,
    environment: &'a Environment,
}

impl<'a> Recorder<'a> {
    /// For the record of a project.
    ///
    /// # Errors
    /// There is no place for it.
    pub(in crate::commands) fn open(
        project: &Project,
        environment: &'a Environment,
    ) -> Result<Self> {
        let head = git::head(environment.runner.as_ref(), &project.root);
        Self::of_commit(project, environment, head.as_ref())
    }

    /// The same, where git was asked for the commit already.
    ///
    /// # Errors
    /// There is no place for it.
    pub(in crate::commands) fn of_commit(
        project: &Project,
        environment: &'a Environment,
        head: Option<&git::Head>,
    ) -> Result<Self> {
        Ok(Self {
            trail: place::trail(project, environment)?,
            required: project.manifest.audit.required,
            ..Self::of(&project.root, environment, head)
        })
    }

    /// For a file.
    pub(super) fn into_file(file: &Utf8Path, environment: &'a Environment) -> Self {
        let head = git::head(environment.runner.as_ref(), &environment.current_dir);
        Self {
            trail: Trail::new(file),
            ..Self::of(&environment.current_dir, environment, head.as_ref())
        }
    }

    fn of(root: &Utf8Path, environment: &'a Environment, head: Option<&git::Head>) -> Self {
        let runner = environment.runner.as_ref();
        Self {
            trail: Trail::new(""),
            actor: Actor {
                git: git::author(runner, root),
                ci: pipeline(environment),
                host: Some(host(environment)),
            },
            source: head.map(|head| source(&head.revision)),
            required: false,
            environment,
        }
    }

    /// Whether what is about to be done can be recorded: asked before it is done.
    ///
    /// # Errors
    /// It cannot.
    pub(in crate::commands) fn check(&self) -> Result<()> {
        self.trail.check_writable()
    }

    /// Records what was done; when it returns, it is on the disk.
    ///
    /// # Errors
    /// It could not be recorded.
    pub(in crate::commands) fn append(&self, events: Vec<Event>) -> Result<Appended> {
        let time = now(self.environment);
        let drafts: Vec<Draft> = events
            .into_iter()
            .map(|event| Draft {
                time,
                action: event.action,
                actor: self.actor.clone(),
                tool: concat!(env!("CARGO_PKG_NAME"), " ", env!("CARGO_PKG_VERSION")).to_owned(),
                source: self.source.clone(),
                image: event.image,
                verdicts: event.verdicts,
                details: event.details,
            })
            .collect();
        self.trail.append(&drafts)
    }

    /// As [`Recorder::append`], for commands that change nothing on the outside: unless the manifest says that all must
    /// be recorded, a record that cannot be written is told and no error.
    ///
    /// # Errors
    /// It could not be recorded, and must be.
    pub(in crate::commands) fn note(&self, events: Vec<Event>, common: &Common) -> Result<()> {
        if events.is_empty() {
            return Ok(());
        }
        match self.append(events) {
            Ok(appended) => {
                for damage in appended.recovered {
                    common.note(self.environment, &format!("warning: {damage}"));
                }
                Ok(())
            }
            Err(error) if self.required => Err(error),
            Err(error) => {
                common.note(self.environment, &format!("warning: {error}"));
                Ok(())
            }
        }
    }

    /// What the checkout is.
    pub(in crate::commands) fn source(&self) -> Option<&Source> {
        self.source.as_ref()
    }

    /// The end of the record, for those who keep it elsewhere: `SEQUENCE:HASH`. `None` if there is no entry.
    pub(in crate::commands) fn head(&self) -> Option<String> {
        let head = self.trail.written_head().ok()??;
        Some(format!("{}:{}", head.sequence, head.hash))
    }
}

/// What time it is.
pub(in crate::commands) fn now(environment: &Environment) -> Timestamp {
    let since = (environment.clock)()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Timestamp::from_unix_seconds(i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
}

/// A revision as git tells it, with `-dirty` behind it.
pub(in crate::commands) fn source(revision: &str) -> Source {
    let commit = revision.strip_suffix("-dirty");
    Source {
        commit: commit.unwrap_or(revision).to_owned(),
        dirty: commit.is_some(),
    }
}

/// Who started the pipeline, and where it can be looked at.
fn pipeline(environment: &Environment) -> Option<String> {
    let variable = |name| environment.variable(name);
    if let Some(run) = variable("GITHUB_RUN_ID") {
        let server = variable("GITHUB_SERVER_URL").unwrap_or("https://github.com");
        let repository = variable("GITHUB_REPOSITORY").unwrap_or_default();
        let actor = variable("GITHUB_ACTOR").unwrap_or("unknown");
        return Some(format!(
            "github:{actor} {server}/{repository}/actions/runs/{run}"
        ));
    }
    if let Some(job) = variable("CI_JOB_URL") {
        let actor = variable("GITLAB_USER_LOGIN").unwrap_or("unknown");
        return Some(format!("gitlab:{actor} {job}"));
    }
    if let Some(build) = variable("BUILD_URL") {
        return Some(format!("jenkins {build}"));
    }
    variable("CI").map(|_| "ci".to_owned())
}

/// `user@machine`.
fn host(environment: &Environment) -> String {
    let user = environment
        .variable("USER")
        .or_else(|| environment.variable("LOGNAME"))
        .map_or_else(
            || format!("uid-{}", rustix::process::geteuid().as_raw()),
            str::to_owned,
        );
    let machine = std::fs::read_to_string("/proc/sys/kernel/hostname");
    let machine = machine
        .ok()
        .or_else(|| environment.variable("HOSTNAME").map(str::to_owned));
    match machine {
        Some(machine) => format!("{user}@{}", machine.trim()),
        None => user,
    }
}
