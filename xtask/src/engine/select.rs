//! Which engine to build with: the machine's own, or a private one.

use camino::Utf8Path;
use clap::ValueEnum;

use super::private::{PrivateEngine, Up};
use super::{Engine, EngineKind, Means, probe};
use crate::error::Result;
use crate::process::Command;

/// Which engine the user wants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum EngineChoice {
    /// The machine's own if it can build, a private one otherwise.
    #[default]
    Auto,
    /// The machine's own, as `docker` finds it.
    System,
    /// The private one, started if need be.
    Private,
}

/// Finds an engine to build with, and starts the private one where it is wanted. `system` are the variables by which
/// `docker` finds the machine's own (`DOCKER_HOST`, …), as far as they are not inherited anyway.
///
/// # Errors
/// If there is none: names precisely what is missing.
pub fn select(
    means: Means<'_>,
    choice: EngineChoice,
    system: &[(String, String)],
    private: &PrivateEngine,
) -> Result<Engine> {
    if choice == EngineChoice::Private {
        return start(means, private);
    }
    let docker = Utf8Path::new("docker");
    let command = system
        .iter()
        .fold(Command::new(docker), |command, (name, value)| {
            command.env(name, value)
        });
    let probe = probe::probe(means.runner, &command)?;
    let lacks = probe.lacks();
    if choice == EngineChoice::System {
        return probe
            .engine(EngineKind::System, docker, system.to_vec())
            .map_err(|error| {
                error.help("or leave out `--engine system`: a private engine is started then")
            });
    }
    if let Some(lack) = lacks.first() {
        (means.note)(&format!(
            "using the private engine, as {}",
            lacks[1..].iter().fold(lack.reason(), |text, lack| format!(
                "{text} and {}",
                lack.reason()
            ))
        ));
        return start(means, private);
    }
    probe.engine(EngineKind::System, docker, system.to_vec())
}

fn start(means: Means<'_>, private: &PrivateEngine) -> Result<Engine> {
    let up = private.up(means)?;
    if let Up::Started(engine) = &up {
        (means.note)(&format!(
            "the private engine runs: Docker {}",
            engine.server_version
        ));
    }
    Ok(up.engine())
}
