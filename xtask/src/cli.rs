//! Arguments, dispatch, and the way from a result to an exit code. No logic lives here.

use std::fmt::Write as _;
use std::process::ExitCode;

pub mod reference;

use camino::Utf8PathBuf;
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::commands::{
    affected, audit, bake, build, cache, check, ci, clean, deploy, doctor, engine, hooks, ignore,
    init, lint, new, push, report, rollback, scan, sign, size, tags, test, verify,
};
use crate::environment::Environment;
use crate::error::{Error, Exit, Result};
use crate::report::{Color, terminal};

/// The command line of `cargo xtask`.
#[derive(Debug, Parser)]
#[command(
    name = "cargo xtask",
    bin_name = "cargo xtask",
    version,
    about,
    after_help = after_help(),
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

/// What every command has in common, below the list of commands.
fn after_help() -> String {
    let mut text = "\
Examples:
  cargo xtask docker-build             build, measure and judge every image
  cargo xtask docker-build --offline   the same where no container registry can be reached
  cargo xtask docker-init              what a repository needs to be built by this tool
  cargo xtask docker-new pricing       a new service, after the example of another
  cargo xtask docker-check             every check that needs no engine, in one
  cargo xtask docker-lint              what is wrong with the Dockerfiles, and how to mend it
  cargo xtask docker-ci                whether workflows are up to date, and what is wrong with them
  cargo xtask docker-ignore            what enters each build, and what should not
  cargo xtask docker-affected          which images a change builds anew, and why
  cargo xtask docker-cache             what each edit makes a build do again, and what would avoid it
  cargo xtask docker-size              what each image consists of, and whether it meets its budget
  cargo xtask docker-scan              what is wrong with each image that is built, and who must act
  cargo xtask docker-test              start each image, and prove how it behaves
  cargo xtask docker-push              make one index of what was pushed for each platform, set tags
  cargo xtask docker-tags              what images are called, by branch, tag or pull request
  cargo xtask docker-sign              sign what was pushed, attest what is known of it
  cargo xtask docker-verify            whether images are those that were signed, as the policy asks
  cargo xtask docker-clean             what of the registry would be removed, and why
  cargo xtask docker-rollback          which earlier image may be put to work again; --apply does it
  cargo xtask docker-deploy            whether the Kubernetes manifests are what was built and tested
  cargo xtask docker-audit list        what was built, signed, pushed and deployed, when and by whom
  cargo xtask docker-report            how far the project is, goal by goal; --measure finds out
  cargo xtask docker-doctor            what is missing on this machine, and how to get it

Exit codes:"
        .to_owned();
    for (exit, meaning) in Exit::ALL {
        // Writing to a string cannot fail.
        let _ = write!(text, "\n{:5}  {meaning}", exit.code());
    }
    text
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

impl Common {
    /// Tells the user what is going on, unless asked to be quiet.
    pub fn note(&self, environment: &Environment, line: &str) {
        if !self.quiet {
            // A message that cannot be shown must not stop the work.
            let _ = environment.note(&format!("{line}\n"));
        }
    }
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

impl ColorChoice {
    /// Whether text for a stream carries color. `no_color` is the value of `NO_COLOR` (<https://no-color.org>).
    #[must_use]
    pub fn decide(self, is_terminal: bool, no_color: Option<&str>) -> Color {
        let styled = match self {
            Self::Always => true,
            Self::Never => false,
            Self::Auto => is_terminal && no_color.is_none_or(str::is_empty),
        };
        if styled { Color::Styled } else { Color::Plain }
    }

    /// Color on standard output.
    #[must_use]
    pub fn stdout(self, environment: &Environment) -> Color {
        self.decide(
            environment.stdout_is_terminal,
            environment.variable("NO_COLOR"),
        )
    }

    /// Color on standard error.
    #[must_use]
    pub fn stderr(self, environment: &Environment) -> Color {
        self.decide(
            environment.stderr_is_terminal,
            environment.variable("NO_COLOR"),
        )
    }
}

/// The verbs; another monorepo's xtask can flatten them into its own command line and hand them to [`run`].
#[derive(Debug, Subcommand)]
pub enum DockerCommand {
    /// Build every image in one `docker buildx bake`, measure it and judge it against its budget
    DockerBuild(Box<build::Arguments>),
    /// Print, write or check the generated bake file
    DockerBake(bake::Arguments),
    /// Make every check that needs no engine: manifest, Dockerfiles, build contexts, generated files
    DockerCheck(check::Arguments),
    /// Propose, or write, what a repository needs to be built by this tool
    DockerInit(init::Arguments),
    /// Propose, or write, a new service after the example of one that is there
    DockerNew(new::Arguments),
    /// Install, remove or show the git hooks that run the checks before a commit or a push
    DockerHooks(hooks::Arguments),
    /// Judge Dockerfiles, and what lies around them, by rules
    DockerLint(Box<lint::Arguments>),
    /// Write the workflow that the manifest asks for, and judge workflows by rules
    DockerCi(Box<ci::Arguments>),
    /// Tell what enters each build, why, and what should not
    DockerIgnore(Box<ignore::Arguments>),
    /// Tell which images a change builds anew, and which file and step is to blame
    DockerAffected(affected::Arguments),
    /// Tell what each edit makes a build do again, foretold and measured, and what would avoid it
    DockerCache(cache::Arguments),
    /// Account for every byte of an image, hold it to its budget, and tell what is wasted
    DockerSize(Box<size::Arguments>),
    /// Put together what was pushed by digest for each platform, and set the tags of all images
    DockerPush(Box<push::Arguments>),
    /// Tell what images are called, by what happened in git or on GitHub: tags, labels, annotations
    DockerTags(Box<tags::Arguments>),
    /// Sign what was built by its digest, attest what is known of it, and verify both
    DockerSign(Box<sign::Arguments>),
    /// Hold images to the policy of who must have signed them and what must be attested about them
    DockerVerify(Box<verify::Arguments>),
    /// Put an earlier image of a service to work again, by its digest, if it may be
    DockerRollback(rollback::Arguments),
    /// Write Kubernetes manifests from what is known of the images, and hold all of them to it
    DockerDeploy(Box<deploy::Arguments>),
    /// List, check or export the record of what was built, scanned, signed, pushed and deployed
    DockerAudit(audit::Arguments),
    /// Remove images that no rule keeps from the registry, and nothing that a kept one needs
    DockerClean(Box<clean::Arguments>),
    /// Tell which vulnerabilities, weaknesses and secrets images have, and who must act
    DockerScan(Box<scan::Arguments>),
    /// Start each image, and all of them together, and prove how they behave
    DockerTest(Box<test::Arguments>),
    /// Show every goal of the project with what was measured of it, or measure it
    DockerReport(Box<report::Arguments>),
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
        DockerCommand::DockerCheck(arguments) => check::run(arguments, common, environment),
        DockerCommand::DockerHooks(arguments) => hooks::run(arguments, common, environment),
        DockerCommand::DockerInit(arguments) => init::run(arguments, common, environment),
        DockerCommand::DockerNew(arguments) => new::run(arguments, common, environment),
        DockerCommand::DockerLint(arguments) => lint::run(arguments, common, environment),
        DockerCommand::DockerCi(arguments) => ci::run(arguments, common, environment),
        DockerCommand::DockerIgnore(arguments) => ignore::run(arguments, common, environment),
        DockerCommand::DockerAffected(arguments) => affected::run(arguments, common, environment),
        DockerCommand::DockerCache(arguments) => cache::run(arguments, common, environment),
        DockerCommand::DockerSize(arguments) => size::run(arguments, common, environment),
        DockerCommand::DockerPush(arguments) => push::run(arguments, common, environment),
        DockerCommand::DockerTags(arguments) => tags::run(arguments, common, environment),
        DockerCommand::DockerSign(arguments) => sign::run(arguments, common, environment),
        DockerCommand::DockerVerify(arguments) => verify::run(arguments, common, environment),
        DockerCommand::DockerRollback(arguments) => rollback::run(arguments, common, environment),
        DockerCommand::DockerDeploy(arguments) => deploy::run(arguments, common, environment),
        DockerCommand::DockerAudit(arguments) => audit::run(arguments, common, environment),
        DockerCommand::DockerClean(arguments) => clean::run(arguments, common, environment),
        DockerCommand::DockerScan(arguments) => scan::run(arguments, common, environment),
        DockerCommand::DockerTest(arguments) => test::run(arguments, common, environment),
        DockerCommand::DockerReport(arguments) => report::run(arguments, common, environment),
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
            let exit = match error.print() {
                _ if error.use_stderr() => Exit::Usage,
                Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
                    let failed = Error::failed("failed to write the output").because(error);
                    return report(&failed, Color::Plain);
                }
                _ => Exit::Clean,
            };
            return ExitCode::from(exit.code());
        }
    };
    let color = arguments.common.color;
    let outcome = Environment::gather()
        // Nothing is known about the terminal yet.
        .map_err(|error| (error, color.decide(false, None)))
        .and_then(|environment| {
            run(&arguments.command, &arguments.common, &environment)
                .map_err(|error| (error, color.stderr(&environment)))
        });
    match outcome {
        Ok(exit) => ExitCode::from(exit.code()),
        Err((error, color)) => report(&error, color),
    }
}

/// Shows an error and turns it into the exit code.
fn report(error: &Error, color: Color) -> ExitCode {
    use std::io::Write as _;
    // Nothing is left to do where even the error cannot be written.
    let _ = std::io::stderr().write_all(terminal::error(error, color).as_bytes());
    ExitCode::from(error.exit().code())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        use clap::CommandFactory as _;
        Arguments::command().debug_assert();
    }

    #[test]
    fn color_follows_the_choice_then_the_terminal_then_no_color() {
        for (choice, terminal, no_color, expected) in [
            (ColorChoice::Auto, true, None, Color::Styled),
            (ColorChoice::Auto, true, Some(""), Color::Styled),
            (ColorChoice::Auto, true, Some("1"), Color::Plain),
            (ColorChoice::Auto, false, None, Color::Plain),
            (ColorChoice::Always, false, Some("1"), Color::Styled),
            (ColorChoice::Never, true, None, Color::Plain),
        ] {
            assert_eq!(choice.decide(terminal, no_color), expected);
        }
    }
}
