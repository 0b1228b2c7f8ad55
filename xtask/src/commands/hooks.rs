//! `docker-hooks`: git hooks that run `docker-check`, for repositories without a hook manager.

mod manager;
mod place;
mod script;

use std::fmt::Write as _;

use camino::{Utf8Path, Utf8PathBuf};
use clap::{Args, Subcommand, ValueEnum};
use serde::Serialize;

use self::place::{Place, State};
use self::script::{DEFAULT_COMMAND, Hook};
use super::engine::Format;
use super::json::json;
use crate::cli::Common;
use crate::environment::Environment;
use crate::error::{Error, Exit, Result};
use crate::git;
use crate::report::SCHEMA_VERSION;

/// Options of `docker-hooks`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cargo xtask docker-hooks install              Check what is staged before each commit
  cargo xtask docker-hooks install --pre-push   Check each commit that is pushed, too
  cargo xtask docker-hooks status               Which hooks are installed
  cargo xtask docker-hooks uninstall            Remove them; hooks that were there before are as they were

A hook that is there already is kept beside (`pre-commit.before-docker-hooks`) and called first. `core.hooksPath` and
work trees are respected. Where husky, lefthook or pre-commit manage the hooks, nothing is written: it is told what to
add to their configuration. `git commit --no-verify` passes the hooks over. docs/hooks.md tells more.")]
pub struct Arguments {
    /// What to do with them.
    #[command(subcommand)]
    pub action: Action,
}

/// What can be done with the hooks.
#[derive(Clone, Debug, Subcommand)]
pub enum Action {
    /// Install them, or bring them up to date
    #[command(after_help = "Example:\n  cargo xtask docker-hooks install --pre-push")]
    Install {
        /// Besides `pre-commit`, install `pre-push`: it checks each commit that is pushed
        #[arg(long)]
        pre_push: bool,
        /// How the hooks call this tool, as a shell has it
        #[arg(long, value_name = "COMMAND", default_value = DEFAULT_COMMAND)]
        command: String,
        /// Install them although a hook manager is in use
        #[arg(long)]
        despite_manager: bool,
    },
    /// Remove them, and put back what was there before
    #[command(after_help = "Example:\n  cargo xtask docker-hooks uninstall")]
    Uninstall,
    /// Tell which are installed; exit code 1 means that `pre-commit` is not
    #[command(after_help = "Example:\n  cargo xtask docker-hooks status --format json")]
    Status {
        /// How to print it
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
}

/// Carries it out.
///
/// # Errors
/// What stopped it; the hooks that were there are then as they were.
pub fn run(arguments: &Arguments, common: &Common, environment: &Environment) -> Result<Exit> {
    let runner = &*environment.runner;
    let top = git::top(runner, &environment.current_dir)
        .map_err(|error| error.help("hooks belong to a git repository: run it in one"))?;
    let folder = git::hook_folder(runner, &top)?;
    match &arguments.action {
        Action::Install {
            pre_push,
            command,
            despite_manager,
        } => {
            if !despite_manager {
                refuse_managed(&top, &folder.path, command)?;
            }
            if let Some(scope @ ("global" | "system")) = folder.configured.as_deref() {
                return Err(Error::usage(format!(
                    "the {scope} configuration of git says that hooks are in {}",
                    folder.path
                ))
                .because("what is installed there would run in every repository of this machine")
                .help("`git config core.hooksPath .git/hooks` gives this repository its own"));
            }
            let inside = root_below(&top, common, environment)?;
            let mut wanted = vec![Hook::PreCommit];
            if *pre_push {
                wanted.push(Hook::PrePush);
            }
            for hook in wanted {
                let place = Place::new(&folder.path, hook);
                let line = place.install(&hook.script(command, &inside))?;
                common.note(environment, &line);
            }
            Ok(Exit::Clean)
        }
        Action::Uninstall => {
            for hook in Hook::value_variants() {
                let line = Place::new(&folder.path, *hook).uninstall()?;
                common.note(environment, &line);
            }
            Ok(Exit::Clean)
        }
        Action::Status { format } => status(&folder.path, *format, environment),
    }
}

/// Where a hook manager owns the hooks, what is written into them is gone with its next run.
fn refuse_managed(top: &Utf8Path, folder: &Utf8Path, command: &str) -> Result<()> {
    let Some(manager) = manager::detect(top, folder) else {
        return Ok(());
    };
    Err(Error::usage(format!(
        "{} manages the hooks of this repository",
        manager.name
    ))
    .because(format!("{} is there", manager.seen))
    .help(manager.what_to_add(command))
    .help("or install them all the same with `--despite-manager`: its next run may replace them"))
}

/// The folder of the manifest's repository in that of git; empty if they are the same.
fn root_below(top: &Utf8Path, common: &Common, environment: &Environment) -> Result<Utf8PathBuf> {
    let manifest = common.manifest.as_deref();
    let root = crate::project::root::folder(&environment.current_dir, manifest)?;
    Ok(root
        .strip_prefix(top)
        .unwrap_or(Utf8Path::new(""))
        .to_owned())
}

#[derive(Serialize)]
struct Document {
    schema_version: u32,
    folder: Utf8PathBuf,
    hooks: Vec<Told>,
}

#[derive(Serialize)]
struct Told {
    hook: &'static str,
    state: State,
}

fn status(folder: &Utf8Path, format: Format, environment: &Environment) -> Result<Exit> {
    let mut hooks = Vec::new();
    for hook in Hook::value_variants() {
        hooks.push(Told {
            hook: hook.name(),
            state: Place::new(folder, *hook).state()?,
        });
    }
    let installed = |told: &Told| told.state.is_installed();
    let is_there = hooks.first().is_some_and(installed);
    let text = match format {
        Format::Terminal => {
            let mut text = String::new();
            for told in &hooks {
                // Writing to a string cannot fail.
                let _ = writeln!(text, "{:11} {}", told.hook, told.state.told());
            }
            text
        }
        Format::Json => json(&Document {
            schema_version: SCHEMA_VERSION,
            folder: folder.to_owned(),
            hooks,
        })?,
    };
    environment.print(&text)?;
    Ok(if is_there {
        Exit::Clean
    } else {
        Exit::Findings
    })
}

/// What is to be said to someone who sets up a repository; nothing where the hooks call this tool already.
pub(super) fn advice(environment: &Environment, root: &Utf8Path) -> Option<String> {
    let runner = &*environment.runner;
    let top = git::top(runner, root).ok()?;
    let folder = git::hook_folder(runner, &top).ok()?;
    let state = Place::new(&folder.path, Hook::PreCommit).state().ok()?;
    if state.is_installed() {
        return None;
    }
    let text = "to check before each commit: `cargo xtask docker-hooks install`";
    Some(match manager::detect(&top, &folder.path) {
        Some(manager) => manager.what_to_add(DEFAULT_COMMAND),
        None => text.to_owned(),
    })
}
