//! Asking a `docker` program what it is, what it reaches, and what that can do.

use camino::Utf8PathBuf;
use serde::Deserialize;

use super::version::Version;
use super::{Engine, EngineKind, ImageStore};
use crate::error::{Error, Result};
use crate::process::{Command, Runner};

mod machine;

pub(super) use machine::probe_machine;

/// The oldest engine we promise to build with.
pub const MINIMUM_ENGINE: Version = Version([24, 0, 0]);
/// The oldest buildx we promise to build with: it knows `bake --allow`.
pub const MINIMUM_BUILDX: Version = Version([0, 17, 0]);

/// What was found behind a `docker` program.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Probe {
    /// Version of the client; `None` if there is no `docker`.
    pub client: Option<String>,
    /// What the daemon said; `None` if none answered.
    pub server: Option<Server>,
    /// Why no daemon answered, in its own or the client's words.
    pub unreachable: Option<String>,
    /// Version of the buildx plugin.
    pub buildx: Option<String>,
    /// Where the buildx plugin lies.
    pub buildx_program: Option<Utf8PathBuf>,
    /// Version of the compose plugin.
    pub compose: Option<String>,
}

/// A daemon that answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// Its version.
    pub version: String,
    /// What it runs on, such as `linux/amd64`.
    pub platform: String,
    /// How it stores images.
    pub store: ImageStore,
    /// The folder of its data.
    pub data: Option<Utf8PathBuf>,
}

/// Something a [`Probe`] lacks to be an engine we can build with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lack {
    /// There is no `docker` program.
    Client,
    /// No daemon answers.
    Daemon(String),
    /// The daemon is too old.
    OldDaemon(String),
    /// The client has no buildx plugin.
    Buildx,
    /// buildx is too old.
    OldBuildx(String),
}

impl Lack {
    /// What is wrong, to follow "because".
    #[must_use]
    pub fn reason(&self) -> String {
        match self {
            Self::Client => "there is no `docker` client on PATH".into(),
            Self::Daemon(why) => format!("no Docker daemon answers ({why})"),
            Self::OldDaemon(found) => {
                format!("the Docker daemon is version {found}, and {MINIMUM_ENGINE} is needed")
            }
            Self::Buildx => "the `docker` client has no buildx plugin".into(),
            Self::OldBuildx(found) => {
                format!("buildx is version {found}, and {MINIMUM_BUILDX} is needed")
            }
        }
    }

    /// What to do about it.
    #[must_use]
    pub const fn remedy(&self) -> &'static str {
        match self {
            Self::Client => "install Docker Engine: https://docs.docker.com/engine/install/",
            Self::Daemon(_) => {
                "start the daemon (`sudo systemctl start docker`), or point DOCKER_HOST at one that runs"
            }
            Self::OldDaemon(_) => "upgrade Docker Engine: https://docs.docker.com/engine/install/",
            Self::Buildx | Self::OldBuildx(_) => {
                "install a current buildx (package docker-buildx-plugin, or docker-buildx in Debian and Ubuntu)"
            }
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct VersionAnswer {
    client: ClientAnswer,
    server: Option<ServerAnswer>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ClientAnswer {
    version: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ServerAnswer {
    version: String,
    os: String,
    arch: String,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct InfoAnswer {
    driver_status: Option<Vec<(String, String)>>,
    docker_root_dir: String,
    client_info: Option<ClientInfo>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct ClientInfo {
    plugins: Option<Vec<Plugin>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Plugin {
    name: String,
    #[serde(default)]
    version: String,
    path: Option<Utf8PathBuf>,
}

impl InfoAnswer {
    /// Of the daemon that told this, and its version.
    fn server(self, answer: ServerAnswer) -> Server {
        let mut status = self.driver_status.unwrap_or_default().into_iter();
        let containerd = status.any(|(_, value)| value == "io.containerd.snapshotter.v1");
        Server {
            version: answer.version,
            platform: format!("{}/{}", answer.os, answer.arch),
            store: if containerd {
                ImageStore::Containerd
            } else {
                ImageStore::GraphDriver
            },
            data: Some(self.docker_root_dir)
                .filter(|folder| !folder.is_empty())
                .map(Utf8PathBuf::from),
        }
    }
}

/// Asks the `docker` program `command` starts with; what it lacks is no error.
///
/// # Errors
/// If someone pressed Ctrl-C, or `docker` answers in a way we do not understand.
pub fn probe(runner: &dyn Runner, command: &Command) -> Result<Probe> {
    let version = command.clone().args(["version", "--format", "{{json .}}"]);
    // One call tells the plugins, too; without a daemon it fails but prints them nevertheless. Each takes as long as the
    // client takes to start, so they are asked at once.
    let info = command.clone().args(["info", "--format", "{{json .}}"]);
    let (answer, told) = std::thread::scope(|scope| {
        let told = scope.spawn(|| runner.run(&info));
        let answer = runner.run(&version);
        match told.join() {
            Ok(told) => (answer, told),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    });
    let answer = match answer {
        Ok(answer) => answer,
        Err(error) if error.exit() == crate::error::Exit::Missing => return Ok(Probe::default()),
        Err(error) => return Err(error),
    };
    let versions: VersionAnswer = match serde_json::from_slice(&answer.stdout) {
        Ok(versions) => versions,
        // Very old clients and broken configurations print no JSON; what they print tells why.
        Err(_) if !answer.success() => {
            return Ok(Probe {
                client: Some("unknown".into()),
                unreachable: Some(first_line(&answer.error_text())),
                ..Probe::default()
            });
        }
        Err(error) => return Err(not_understood(&version, &error)),
    };
    let mut info_answer: InfoAnswer = serde_json::from_slice(&told?.stdout).unwrap_or_default();
    let plugins = info_answer
        .client_info
        .take()
        .and_then(|client| client.plugins)
        .unwrap_or_default();
    let plugin = |name: &str| {
        plugins
            .iter()
            .find(|plugin| plugin.name == name && !plugin.version.is_empty())
    };
    let version =
        |name: &str| plugin(name).map(|plugin| plugin.version.trim_start_matches('v').to_owned());
    Ok(Probe {
        client: Some(versions.client.version),
        unreachable: versions
            .server
            .is_none()
            .then(|| first_line(&answer.error_text())),
        buildx: version("buildx"),
        buildx_program: plugin("buildx").and_then(|plugin| plugin.path.clone()),
        compose: version("compose"),
        server: versions.server.map(|server| info_answer.server(server)),
    })
}

impl Probe {
    /// All that stands in the way of building with it, most fundamental first.
    #[must_use]
    pub fn lacks(&self) -> Vec<Lack> {
        if self.client.is_none() {
            return vec![Lack::Client];
        }
        let mut lacks = Vec::new();
        match &self.server {
            None => lacks.push(Lack::Daemon(self.unreachable.clone().unwrap_or_default())),
            Some(server) if Version::older(&server.version, MINIMUM_ENGINE) => {
                lacks.push(Lack::OldDaemon(server.version.clone()));
            }
            Some(_) => {}
        }
        match &self.buildx {
            None => lacks.push(Lack::Buildx),
            Some(found) if Version::older(found, MINIMUM_BUILDX) => {
                lacks.push(Lack::OldBuildx(found.clone()));
            }
            Some(_) => {}
        }
        lacks
    }

    /// The engine, if nothing stands in the way.
    ///
    /// # Errors
    /// Names all that is missing.
    pub fn engine(
        self,
        kind: EngineKind,
        docker: &camino::Utf8Path,
        variables: Vec<(String, String)>,
    ) -> Result<Engine> {
        let lacks = self.lacks();
        let (Some(server), Some(buildx), true) = (self.server, self.buildx, lacks.is_empty())
        else {
            let error = Error::missing(match kind {
                EngineKind::System => "the Docker of this machine cannot be used",
                EngineKind::Private => "the private engine cannot be used",
            });
            return Err(lacks.iter().fold(error, |error, lack| {
                error.because(lack.reason()).help(lack.remedy())
            }));
        };
        Ok(Engine {
            kind,
            docker: docker.to_owned(),
            variables,
            store: server.store,
            server_version: server.version,
            buildx_version: buildx,
            buildx: self.buildx_program,
            platform: server.platform,
            api: None,
            data: server.data,
        })
    }
}

fn first_line(text: &str) -> String {
    text.lines()
        .next()
        .unwrap_or("it printed nothing")
        .trim_end_matches('.')
        .to_owned()
}

fn not_understood(command: &Command, error: &serde_json::Error) -> Error {
    Error::failed(format!(
        "failed to understand what `{}` answered",
        command.display()
    ))
    .because(error)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::{Reply, Scripted};

    const NO_DAEMON: &str = "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?";
    const BARE_CLIENT: &str = r#"{"Client":{"Version":"28.2.2"},"Server":null}"#;
    pub(super) const BOTH: &str = r#"{"Client":{"Version":"28.5.2"},"Server":{"Version":"28.5.2+dfsg4","Os":"linux","Arch":"amd64"}}"#;
    pub(super) const INFO: &str = r#"{"DriverStatus":[["driver-type","io.containerd.snapshotter.v1"]],"ClientInfo":{"Plugins":[{"Name":"buildx","Version":"v0.29.1"},{"Name":"compose","Version":"2.40.3-3"}]}}"#;

    fn ask(runner: &Scripted) -> Probe {
        probe(runner, &Command::new("docker")).unwrap()
    }

    fn failing(code: i32, stdout: &str, stderr: &str) -> Reply {
        Reply {
            code,
            stdout: stdout.into(),
            stderr: stderr.into(),
        }
    }

    #[test]
    fn a_full_engine_is_taken() {
        let runner = Scripted::default()
            .on("docker version", Reply::ok(BOTH))
            .on("docker info", Reply::ok(INFO));
        let found = ask(&runner);
        assert_eq!(found.lacks(), []);
        assert_eq!(found.compose.as_deref(), Some("2.40.3-3"));
        let engine = found
            .engine(EngineKind::System, "docker".into(), vec![])
            .unwrap();
        assert_eq!(engine.store, ImageStore::Containerd);
        assert_eq!(engine.buildx_version, "0.29.1");
        assert_eq!(engine.platform, "linux/amd64");
    }

    #[test]
    fn a_bare_client_lacks_daemon_and_buildx() {
        let runner = Scripted::default()
            .on("docker version", failing(1, BARE_CLIENT, NO_DAEMON))
            .on(
                "docker info",
                failing(
                    1,
                    r#"{"DriverStatus":null,"ClientInfo":{"Plugins":[]}}"#,
                    NO_DAEMON,
                ),
            );
        let error = ask(&runner)
            .engine(EngineKind::System, "docker".into(), vec![])
            .unwrap_err();
        assert_eq!(error.exit(), crate::error::Exit::Missing);
        insta::assert_snapshot!(error, @"the Docker of this machine cannot be used: no Docker daemon answers (Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?): the `docker` client has no buildx plugin (help: start the daemon (`sudo systemctl start docker`), or point DOCKER_HOST at one that runs) (help: install a current buildx (package docker-buildx-plugin, or docker-buildx in Debian and Ubuntu))");
    }

    #[test]
    fn what_is_too_old_is_named() {
        let runner = Scripted::default()
            .on(
                "docker version",
                Reply::ok(BOTH.replace("28.5.2+dfsg4", "20.10.24")),
            )
            .on("docker info", Reply::ok(INFO.replace("v0.29.1", "v0.13.1")));
        let reasons: Vec<_> = ask(&runner).lacks().iter().map(Lack::reason).collect();
        assert_eq!(
            reasons,
            [
                "the Docker daemon is version 20.10.24, and 24.0.0 is needed",
                "buildx is version 0.13.1, and 0.17.0 is needed"
            ]
        );
    }

    #[test]
    fn no_client_and_broken_clients_are_no_errors() {
        assert_eq!(ask(&Scripted::default()).lacks(), [Lack::Client]);
        let broken = Scripted::default().on(
            "docker version",
            Reply::failure(1, "Error: context \"x\" not found"),
        );
        assert_eq!(
            ask(&broken).lacks()[0],
            Lack::Daemon("Error: context \"x\" not found".into())
        );
    }
}
