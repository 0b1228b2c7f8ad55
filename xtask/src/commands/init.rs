//! `docker-init`: what a repository needs to be built by this tool, proposed, and written if asked.

mod output;
mod plan;

use camino::{Utf8Path, Utf8PathBuf};
use clap::Args;

use super::engine::Format;
use super::lint;
use crate::adoption::{Answers, Proposal};
use crate::cli::Common;
use crate::environment::Environment;
use crate::error::{Error, Exit, Result};
use crate::project::root;

/// Options of `docker-init`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cargo xtask docker-init                                  What would be made and changed, and why
  cargo xtask docker-init --write                          Make and change it
  cargo xtask docker-init --registry ghcr.io/acme          Where images go, if nothing in the repository says so
  cargo xtask docker-init --base docker/base/Dockerfile    What others start from, if their FROM does not tell

Looks at the Dockerfiles and who starts from whom, compose files, workflows and packages, and proposes the manifest, the
generated files, an ignore file where there is none, and the alias `cargo xtask`. Nothing that is there is replaced, and
without `--write` nothing is written. What is likely and no more is marked as guessed. Where there is a manifest already,
only what is missing beside it is proposed. docs/adopting.md goes through it step by step.")]
pub struct Arguments {
    /// Write what is proposed
    #[arg(long)]
    pub write: bool,
    /// A Dockerfile that others start from, from the root; may be given several times
    #[arg(long, value_name = "DOCKERFILE")]
    pub base: Vec<Utf8PathBuf>,
    /// Where images are pushed to: HOST, or HOST/NAMESPACE; empty for local names
    #[arg(long, value_name = "PLACE")]
    pub registry: Option<String>,
    /// The project's name
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// How the proposal is printed
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// What is proposed, and what is to be said besides.
struct Plan {
    /// Absolute.
    root: Utf8PathBuf,
    /// What people have to look at, each with its difference.
    proposals: Vec<Proposal>,
    /// What follows from it, and is long: generated files.
    generated: Vec<Proposal>,
    /// What was found, what is left out, what else is to be done.
    notes: Vec<String>,
}

impl Plan {
    fn is_empty(&self) -> bool {
        self.proposals.is_empty() && self.generated.is_empty()
    }

    fn all(&self) -> impl Iterator<Item = &Proposal> {
        self.proposals.iter().chain(&self.generated)
    }
}

/// Carries it out.
///
/// # Errors
/// What stopped it; nothing is written then, unless a file cannot be written.
pub fn run(arguments: &Arguments, common: &Common, environment: &Environment) -> Result<Exit> {
    let root =
        root::folder(&environment.current_dir, common.manifest.as_deref()).map_err(|_| {
            Error::usage(format!(
                "neither {} nor a folder above it is a git repository",
                environment.current_dir
            ))
            .help("run it inside of the repository that is to be set up; `git init` makes one")
        })?;
    let answers = Answers {
        bases: arguments
            .base
            .iter()
            .map(|path| inside(path, &root, environment))
            .collect(),
        name: arguments.name.clone(),
        registry: arguments.registry.clone(),
    };
    let plan = plan::make(&root, &answers, common, environment)?;
    if arguments.write {
        let changes: Vec<_> = plan.all().map(|proposal| proposal.change.clone()).collect();
        lint::write(&changes, None, &plan.root, environment)?;
    }
    environment.print(&output::render(&plan, arguments)?)?;
    if arguments.format == Format::Terminal {
        for note in &plan.notes {
            common.note(environment, note);
        }
        common.note(environment, &output::summary(&plan, arguments.write));
    }
    Ok(Exit::Clean)
}

/// A path of the command line from the root; as it is where it lies elsewhere.
fn inside(path: &Utf8Path, root: &Utf8Path, environment: &Environment) -> Utf8PathBuf {
    let full = root::normal(&environment.current_dir.join(path));
    full.strip_prefix(root)
        .map_or_else(|_| path.to_owned(), Utf8Path::to_owned)
}
