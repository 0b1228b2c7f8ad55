//! Docker Compose as what services are put to work by.

use std::collections::BTreeMap;
use std::time::Duration;

use camino::Utf8PathBuf;
use serde::Deserialize;

use super::exchange::{Health, Target, last_line};
use crate::atomic_file;
use crate::engine::{Engine, Means};
use crate::error::{Error, Result};
use crate::process::{Command, Output};
use crate::project::{ImageName, Project};

/// For what compose does besides waiting: pulling above all.
const ALLOWANCE: Duration = Duration::from_mins(10);

/// Services of compose files, on an engine.
pub(super) struct Compose<'a> {
    means: Means<'a>,
    engine: &'a Engine,
    project: &'a Project,
    files: Vec<Utf8PathBuf>,
    /// The file of images that is laid over the others.
    overlay: Utf8PathBuf,
    patience: Duration,
    /// What each service of the compose files runs, as they say it.
    services: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Configuration {
    #[serde(default)]
    services: BTreeMap<String, Service>,
}

#[derive(Deserialize)]
struct Service {
    #[serde(default)]
    image: String,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Running {
    #[serde(rename = "ID")]
    id: String,
    health: String,
    state: String,
}

impl<'a> Compose<'a> {
    /// Reads the compose files through compose itself.
    ///
    /// # Errors
    /// Compose is missing (exit 3), a file is not there, or compose cannot read it.
    pub(super) fn open(means: Means<'a>, engine: &'a Engine, project: &'a Project) -> Result<Self> {
        let manifest = &project.manifest;
        let version = engine.command().args(["compose", "version", "--short"]);
        if !means.runner.run(&version)?.success() {
            return Err(Error::missing("Docker Compose is not installed")
                .because(format!("`{}` knows no command `compose`", engine.docker))
                .help("install the plugin docker-compose, or write digests to a file: `--write-images FILE`"));
        }
        for (index, file) in manifest.rollback.compose.iter().enumerate() {
            if !project.root.join(file).is_file() {
                let place = index.to_string();
                return Err(Error::usage(format!("there is no compose file {file}"))
                    .at(manifest.value_location(&["rollback", "compose", &place])));
            }
        }
        let overlay = project.root.join("target/docker-rollback/images.json");
        let mut compose = Self {
            means,
            engine,
            project,
            files: manifest.rollback.compose.clone(),
            overlay,
            patience: Duration::from_secs(manifest.rollback.patience.seconds()),
            services: BTreeMap::new(),
        };
        let command = compose.command(&["config", "--format", "json"]);
        let output = means.runner.run(&command)?;
        if !output.success() {
            return Err(Error::usage("compose cannot read the compose files")
                .because(last_line(&output.error_text()).unwrap_or("it does not say why"))
                .details(output.error_text()));
        }
        let configuration: Configuration =
            serde_json::from_slice(&output.stdout).map_err(|error| {
                Error::missing("what `docker compose config` prints cannot be understood")
                    .because(error)
            })?;
        let services = configuration.services.into_iter();
        compose.services = services.map(|(name, it)| (name, it.image)).collect();
        Ok(compose)
    }

    /// The compose services that run the image of a service of the project.
    fn of(&self, service: &str) -> Result<Vec<&str>> {
        let wanted = self.project.image_name(service);
        let wanted = ImageName::parse(&wanted);
        let is_of = |image: &str| {
            let name = ImageName::parse(image);
            name.zip(wanted.as_ref())
                .is_some_and(|(a, b)| a.domain == b.domain && a.path == b.path)
        };
        let found: Vec<&str> = self
            .services
            .iter()
            .filter(|(name, image)| is_of(image) || image.is_empty() && *name == service)
            .map(|(name, _)| name.as_str())
            .collect();
        if found.is_empty() {
            let image = self.project.image_name(service);
            return Err(Error::usage(format!("no service of the compose files runs {image}"))
                .help("correct `compose` in `[rollback]`, or write digests to a file: `--write-images FILE`"));
        }
        Ok(found)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.engine.command().arg("compose");
        for file in &self.files {
            command = command.args(["--file", file.as_str()]);
        }
        if self.overlay.is_file() {
            command = command.args(["--file", self.overlay.as_str()]);
        }
        command.args(arguments).dir(&self.project.root)
    }

    /// Writes which image each of `services` runs; what is written there of others stays.
    fn lay_over(&self, services: &[&str], reference: &str) -> Result<()> {
        let mut all: serde_json::Value = std::fs::read(&self.overlay)
            .ok()
            .and_then(|text| serde_json::from_slice(&text).ok())
            .unwrap_or_default();
        for service in services {
            all["services"][*service]["image"] = reference.into();
        }
        // What compose files do not have any more would be a service without anything else.
        if let Some(written) = all["services"].as_object_mut() {
            written.retain(|name, _| self.services.contains_key(name));
        }
        if let Some(folder) = self.overlay.parent() {
            std::fs::create_dir_all(folder).map_err(|error| {
                Error::usage(format!("failed to create {folder}")).because(error)
            })?;
        }
        atomic_file::write(&self.overlay, format!("{all:#}\n"))
    }

    /// The containers of services, as compose tells them.
    fn containers(&self, services: &[&str]) -> Result<Vec<Running>> {
        let mut arguments = vec!["ps", "--all", "--format", "json"];
        arguments.extend(services);
        let command = self.command(&arguments);
        let output = self.means.runner.run(&command)?.checked(&command)?;
        let text = output.text();
        let lines = text.lines().filter(|line| !line.trim().is_empty());
        let read: serde_json::Result<Vec<Running>> = lines.map(serde_json::from_str).collect();
        read.map_err(|error| {
            Error::missing("what `docker compose ps` prints cannot be understood").because(error)
        })
    }

    /// The image that the engine started a container from.
    fn image_of(&self, container: &str) -> Result<String> {
        let format = "{{.Config.Image}} {{.Image}}";
        let command =
            self.engine
                .command()
                .args(["container", "inspect", "--format", format, container]);
        let output = self.means.runner.run(&command)?.checked(&command)?;
        let text = output.text();
        let (written, id) = text.split_once(' ').unwrap_or((&text, ""));
        // A tag may mean another image by now, an ID does not.
        Ok(if written.contains('@') || id.is_empty() {
            written.to_owned()
        } else {
            id.to_owned()
        })
    }

    fn up(&self, services: &[&str]) -> Result<Output> {
        let seconds = self.patience.as_secs().max(1).to_string();
        let mut arguments = vec!["up", "--detach", "--no-deps", "--no-build"];
        arguments.extend(["--wait", "--wait-timeout", &seconds]);
        arguments.extend(services);
        let command = self.command(&arguments).within(self.patience + ALLOWANCE);
        self.means.runner.run(&command)
    }
}

impl Target for Compose<'_> {
    fn name(&self) -> &'static str {
        "compose"
    }

    fn running(&self, service: &str) -> Result<Option<String>> {
        let services = self.of(service)?;
        let containers = self.containers(&services)?;
        let running = containers.iter().find(|one| one.state == "running");
        running.map(|one| self.image_of(&one.id)).transpose()
    }

    fn put(&self, service: &str, reference: &str) -> Result<Health> {
        let services = self.of(service)?;
        self.lay_over(&services, reference)?;
        (self.means.note)(&format!("starting {service} from {reference}"));
        let output = self.up(&services)?;
        self.means.interrupt.check()?;
        if !output.success() {
            let said = output.error_text();
            let why = last_line(&said).unwrap_or("compose does not say why");
            return Ok(Health::Unhealthy(why.to_owned()));
        }
        let containers = self.containers(&services)?;
        if let Some(other) = containers.iter().find(|one| one.state != "running") {
            return Ok(Health::Unhealthy(format!(
                "its container is {}",
                other.state
            )));
        }
        for container in &containers {
            let runs = self.image_of(&container.id)?;
            if runs != reference {
                return Ok(Health::Unhealthy(format!(
                    "it runs {runs}, not {reference}"
                )));
            }
        }
        Ok(
            match containers.iter().find(|one| one.health != "healthy") {
                None if !containers.is_empty() => Health::Healthy,
                None => Health::Unhealthy("it has no container".to_owned()),
                Some(one) if one.health.is_empty() => {
                    Health::Untold("it runs, and its image has no health check".to_owned())
                }
                Some(one) => Health::Unhealthy(format!("it is {}", one.health)),
            },
        )
    }
}
