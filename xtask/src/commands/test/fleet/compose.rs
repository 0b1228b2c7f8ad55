//! The real `docker compose`, which reads all that compose files may have.

use std::collections::BTreeMap;
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};

use crate::commands::test::Trial;
use crate::engine::containers::Session;
use crate::error::{Error, Result};
use crate::process::{Command, Output};
use crate::source::Source;
use crate::trial::fleet::Composition;
use crate::trial::fleet::composition::{Isolation, check_dependencies};

/// How long one call may take that starts nothing that has to be waited for.
const LIMIT: Duration = Duration::from_mins(2);

/// Reads the compose files of the manifest, and has compose make one of them.
pub(super) fn read(trial: &Trial<'_>) -> Result<Composition> {
    let fleet = &trial.project.manifest.test.fleet;
    let root = &trial.project.root;
    let files: Vec<Source> = fleet
        .compose
        .iter()
        .map(|file| Source::read(root, file))
        .collect::<Result<_>>()?;
    check_dependencies(&files)?;
    let command = trial.engine.command().arg("compose").dir(root);
    let command = fleet.compose.iter().fold(command, |command, file| {
        command.args(["--file", file.as_str()])
    });
    let command = fleet
        .variables
        .iter()
        .fold(command, |command, (name, value)| command.env(name, value))
        .args(["config", "--format", "json"])
        .within(LIMIT);
    let output = trial.means.runner.run(&command)?;
    if !output.success() {
        return Err(explain(&output));
    }
    Composition::read(&output.stdout)
}

/// Why compose did not read the files.
fn explain(output: &Output) -> Error {
    let said = output.error_text();
    if said.contains("is not a docker command") || said.contains("unknown flag: --file") {
        return Error::missing("the engine's client has no `docker compose`")
            .help("install the compose plugin, or use `--engine private`")
            .details(said);
    }
    let last = said
        .lines()
        .last()
        .unwrap_or("it printed nothing")
        .to_owned();
    Error::usage("`docker compose` does not take the files of `test.fleet.compose`")
        .because(last)
        .details(said)
}

/// The fleet's project in the engine.
pub(super) struct Compose<'a> {
    session: &'a Session<'a>,
    file: Utf8PathBuf,
    name: String,
}

impl<'a> Compose<'a> {
    /// Writes what is to be started.
    pub(super) fn write(
        session: &'a Session<'a>,
        folder: &Utf8Path,
        composition: &Composition,
        images: &BTreeMap<String, String>,
    ) -> Result<Self> {
        let name = session.project_name();
        let labels: Vec<(String, String)> = session
            .labels()
            .iter()
            .filter_map(|label| label.strip_prefix("--label=")?.split_once('='))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        let document = composition.isolated(&Isolation {
            name: &name,
            labels: &labels,
            images,
        });
        let file = folder.join(format!("{name}.compose.json"));
        crate::atomic_file::write(&file, format!("{document:#}\n"))?;
        Ok(Self {
            session,
            file,
            name,
        })
    }

    /// Makes networks and containers, and starts nothing.
    pub(super) fn create(&self) -> Result<()> {
        let command = self.command(LIMIT).args(["create", "--no-build"]);
        self.session
            .means()
            .runner
            .run(&command)?
            .checked(&command)?;
        Ok(())
    }

    /// What starts all services in the order of their dependencies; it ends once the last is started.
    pub(super) fn up(&self, limit: Duration) -> Command {
        self.command(limit)
            .args(["up", "--detach", "--no-recreate", "--no-build"])
    }

    /// Makes instances of a service until there are this many, and starts none; the others stay as they are.
    pub(super) fn create_more(&self, service: &str, count: usize) -> Result<()> {
        let command = self
            .command(LIMIT)
            .args(["create", "--no-recreate", "--no-build"])
            .arg(format!("--scale={service}={count}"))
            .arg(service);
        self.session
            .means()
            .runner
            .run(&command)?
            .checked(&command)?;
        Ok(())
    }

    /// The containers there are, by service and in the order of their names.
    pub(super) fn containers(&self) -> Result<Vec<(String, String)>> {
        let filter = format!("label=com.docker.compose.project={}", self.name);
        let format = "{{.Label \"com.docker.compose.service\"}} {{.Names}} {{.ID}}";
        let output = self.session.ok([
            "ps",
            "--all",
            "--no-trunc",
            "--filter",
            &filter,
            "--format",
            format,
        ])?;
        let text = output.text();
        let mut found: Vec<(&str, &str, &str)> = text
            .lines()
            .filter_map(|line| {
                let mut words = line.split(' ');
                Some((words.next()?, words.next()?, words.next()?))
            })
            .collect();
        found.sort_unstable();
        let pair = |(service, _, id): (&str, &str, &str)| (service.to_owned(), id.to_owned());
        Ok(found.into_iter().map(pair).collect())
    }

    /// The networks that were made.
    pub(super) fn networks(&self) -> Result<Vec<String>> {
        let filter = format!("label=com.docker.compose.project={}", self.name);
        let arguments = [
            "network",
            "ls",
            "--filter",
            &filter,
            "--format",
            "{{.Name}}",
        ];
        let mut names: Vec<String> = self
            .session
            .ok(arguments)?
            .text()
            .lines()
            .map(str::to_owned)
            .collect();
        names.sort_unstable();
        Ok(names)
    }

    fn command(&self, limit: Duration) -> Command {
        self.session
            .engine()
            .command()
            .args(["compose", "--progress=quiet"])
            .args(["--project-name", &self.name, "--file", self.file.as_str()])
            .within(limit)
    }
}

impl Drop for Compose<'_> {
    fn drop(&mut self) {
        // What it started goes with the session.
        let _ = std::fs::remove_file(&self.file);
    }
}
