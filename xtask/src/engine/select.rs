//! Which engine to build with: the machine's own, or a private one.

use camino::{Utf8Path, Utf8PathBuf};
use clap::ValueEnum;

use super::api::Api;
use super::client::Record;
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

/// How the machine's own engine is found.
#[derive(Clone, Debug, Default)]
pub struct Machine {
    /// The variables by which `docker` finds it (`DOCKER_HOST`, …), as far as they are not inherited anyway.
    pub variables: Vec<(String, String)>,
    /// Where it is asked without a client, if that is possible.
    pub api: Option<Api>,
    /// Where `docker` is looked for.
    pub search_path: Option<String>,
    /// Where `docker` keeps its configuration.
    pub config: Option<Utf8PathBuf>,
    /// Where is kept what `docker` said of itself.
    pub client: Option<Utf8PathBuf>,
}

impl Machine {
    /// `docker`, with what it needs to find the engine.
    pub(super) fn command(&self) -> Command {
        let variables = self.variables.iter();
        variables.fold(Command::new("docker"), |command, (name, value)| {
            command.env(name, value)
        })
    }

    pub(super) fn record(&self) -> Option<Record> {
        Record::of(
            self.client.as_deref()?,
            self.search_path.as_deref()?,
            self.config.as_deref(),
        )
    }

    fn engine(&self, probe: probe::Probe) -> Result<Engine> {
        let docker = Utf8Path::new("docker");
        let mut engine = probe.engine(EngineKind::System, docker, self.variables.clone())?;
        engine.api.clone_from(&self.api);
        Ok(engine)
    }
}

/// Finds an engine to build with, and starts the private one where it is wanted.
///
/// # Errors
/// If there is none: names precisely what is missing.
pub fn select(
    means: Means<'_>,
    choice: EngineChoice,
    machine: &Machine,
    private: &PrivateEngine,
) -> Result<Engine> {
    if choice == EngineChoice::Private {
        return start(means, private);
    }
    let probe = probe::probe_machine(means.runner, machine)?;
    let lacks = probe.lacks();
    if choice == EngineChoice::System {
        return machine.engine(probe).map_err(|error| {
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
    machine.engine(probe)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Exit;
    use crate::process::{Interrupt, Reply, Scripted};

    const FULL: &str = r#"{"Client":{"Version":"28.5.2"},"Server":{"Version":"28.5.2","Os":"linux","Arch":"amd64"}}"#;
    const INFO: &str = r#"{"DriverStatus":[["Backing Filesystem","extfs"]],"ClientInfo":{"Plugins":[{"Name":"buildx","Version":"v0.29.1"}]}}"#;

    fn choose(runner: &Scripted, choice: EngineChoice) -> (Result<Engine>, Vec<String>) {
        let said = std::sync::Mutex::new(Vec::new());
        let interrupt = Interrupt::default();
        // Already asked to stop: a private engine that is to be started ends before it fetches anything.
        interrupt.set();
        let means = Means {
            runner,
            interrupt: &interrupt,
            note: &|line| said.lock().unwrap().push(line.to_owned()),
        };
        let directory = tempfile::tempdir().unwrap();
        let private =
            PrivateEngine::new(Utf8Path::from_path(directory.path()).unwrap().join("none"));
        let machine = Machine {
            variables: vec![("DOCKER_HOST".to_owned(), "unix:///there.sock".to_owned())],
            ..Machine::default()
        };
        let engine = select(means, choice, &machine, &private);
        (engine, said.into_inner().unwrap())
    }

    #[test]
    fn an_engine_that_can_build_is_taken_as_it_is() {
        let runner = Scripted::default()
            .on("docker version", Reply::ok(FULL))
            .on("docker info", Reply::ok(INFO));
        for choice in [EngineChoice::Auto, EngineChoice::System] {
            let (engine, said) = choose(&runner, choice);
            let engine = engine.unwrap();
            assert_eq!(engine.kind, EngineKind::System);
            assert_eq!(engine.store, crate::engine::ImageStore::GraphDriver);
            assert_eq!(engine.variables[0].1, "unix:///there.sock");
            assert!(said.is_empty());
        }
        assert_eq!(runner.asked()[0].variables()[0].0, "DOCKER_HOST");
    }

    #[test]
    fn what_the_machine_lacks_is_an_error_or_the_reason_for_the_private_one() {
        let bare = || {
            let version = Reply {
                code: 1,
                stdout: br#"{"Client":{"Version":"28.2.2"},"Server":null}"#.to_vec(),
                stderr: b"Cannot connect to the Docker daemon at unix:///there.sock. Is the docker daemon running?".to_vec(),
            };
            Scripted::default()
                .on("docker version", version)
                .on("docker info", Reply::failure(1, ""))
        };
        let (engine, _) = choose(&bare(), EngineChoice::System);
        let error = engine.unwrap_err();
        assert_eq!(error.exit(), Exit::Missing);
        assert_eq!(error.causes().len(), 2, "daemon and buildx: {error}");
        let (engine, said) = choose(&bare(), EngineChoice::Auto);
        assert!(engine.is_err(), "the script knows no packages");
        insta::assert_snapshot!(said[0], @"using the private engine, as no Docker daemon answers (Cannot connect to the Docker daemon at unix:///there.sock. Is the docker daemon running?) and the `docker` client has no buildx plugin");
    }
}
