//! Arguments, dispatch, and the way from a result to an exit code. No logic lives here.

use std::process::ExitCode;

use camino::Utf8PathBuf;
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::commands::{bake, build, doctor, engine};
use crate::environment::Environment;
use crate::error::{Exit, Result};

/// The command line of `cargo xtask`.
#[derive(Debug, Parser)]
#[command(
    name = "cargo xtask",
    bin_name = "cargo xtask",
    version,
    about,
    max_term_width = 100
)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: DockerCommand,
    /// Options every verb takes.
    #[command(flatten)]
    pub common: Common,
}

/// Options every verb takes.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Options of every command")]
pub struct Common {
    /// The manifest; the repository's root is the folder above the one it lies in
    #[arg(long, global = true, value_name = "FILE")]
    pub manifest: Option<Utf8PathBuf>,
    /// Print results and errors only
    #[arg(long, short, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Print what is done and how long it took
    #[arg(long, short, global = true)]
    pub verbose: bool,
    /// When to use color; `NO_COLOR` is honored
    #[arg(long, global = true, value_enum, default_value_t = ColorChoice::Auto)]
    pub color: ColorChoice,
}

/// When to use color.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ColorChoice {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The verbs; another monorepo's xtask can flatten them into its own command line and hand them to [`run`].
#[derive(Debug, Subcommand)]
pub enum DockerCommand {
    /// Build every image in one `docker buildx bake`, measure it and judge it against its budget
    DockerBuild(build::Arguments),
    /// Print, write or check the generated bake file
    DockerBake(bake::Arguments),
    /// Start, stop or show a private Docker Engine for machines that have none
    DockerEngine(engine::Arguments),
    /// Tell what is installed, what is missing, and the command that fixes it
    DockerDoctor(doctor::Arguments),
}

/// Carries out one command.
///
/// # Errors
/// What stopped it; the error knows its exit code.
pub fn run(command: &DockerCommand, common: &Common, environment: &Environment) -> Result<Exit> {
    match command {
        DockerCommand::DockerBuild(arguments) => build::run(arguments, common, environment),
        DockerCommand::DockerBake(arguments) => bake::run(arguments, common, environment),
        DockerCommand::DockerEngine(arguments) => engine::run(arguments, common, environment),
        DockerCommand::DockerDoctor(arguments) => doctor::run(arguments, common, environment),
    }
}

/// The whole program.
#[must_use]
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // `--help` and `--version` arrive here too and go to standard output. A closed pipe is no error.
            let _ = error.print();
            let exit = if error.use_stderr() {
                Exit::Usage
            } else {
                Exit::Clean
            };
            return ExitCode::from(exit.code());
        }
    };
    let environment = match Environment::gather() {
        Ok(environment) => environment,
        Err(error) => return ExitCode::from(error.exit().code()),
    };
    match run(&arguments.command, &arguments.common, &environment) {
        Ok(exit) => ExitCode::from(exit.code()),
        Err(error) => {
            // Nothing is left to do where even the error cannot be written.
            let _ = environment.note(&format!("error: {error}\n"));
            ExitCode::from(error.exit().code())
        }
    }
}
