//! Docker Engine and buildx: finding one that answers, starting a private one, and what they tell while building.

use camino::Utf8PathBuf;

use self::api::Api;
use crate::process::{Command, Interrupt, Runner};

pub mod api;
pub mod bake;
mod client;
pub mod containers;
pub mod debian;
pub mod events;
pub mod images;
pub mod local_registry;
pub mod lock;
pub mod private;
pub mod probe;
pub mod registry;
pub mod registry_image;
pub mod select;
pub mod standin;
pub mod version;

/// What starting or stopping an engine needs from the world outside.
#[derive(Clone, Copy)]
pub struct Means<'a> {
    /// How programs are run.
    pub runner: &'a dyn Runner,
    /// Whether someone asked us to stop.
    pub interrupt: &'a Interrupt,
    /// Takes one line, without its line break, about what is being done.
    pub note: &'a (dyn Fn(&str) + Sync),
}

/// Where the engine came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EngineKind {
    /// Installed on the machine, reached as `docker` reaches it.
    System,
    /// Started by `docker-engine up` below `target/docker-engine/`.
    Private,
}

/// How the engine stores images; it decides which builds are possible and what sizes mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImageStore {
    /// Classic graph drivers (`overlay2`): layers are kept unpacked.
    GraphDriver,
    /// The containerd image store: blobs are kept as pushed; multi-platform, attestations and OCI output work.
    Containerd,
}

/// A Docker Engine that answered, and how to talk to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Engine {
    /// Where it came from.
    pub kind: EngineKind,
    /// The `docker` program.
    pub docker: Utf8PathBuf,
    /// Variables every call needs (`DOCKER_HOST`, `DOCKER_CONFIG`, …); empty for most system engines.
    pub variables: Vec<(String, String)>,
    /// How it stores images.
    pub store: ImageStore,
    /// Version of the server, as it says it.
    pub server_version: String,
    /// Version of buildx, without the `v`.
    pub buildx_version: String,
    /// The buildx plugin, which runs by itself as well; `None` where only the client knows it.
    pub buildx: Option<Utf8PathBuf>,
    /// The platform images are built for unless told otherwise, such as `linux/amd64`.
    pub platform: String,
    /// Where it is asked without a client, if that is possible.
    pub api: Option<Api>,
    /// The folder of its data, as the daemon says it: on another machine, it is not there.
    pub data: Option<Utf8PathBuf>,
}

impl Engine {
    /// `docker` with the variables that reach this engine.
    #[must_use]
    pub fn command(&self) -> Command {
        self.variables
            .iter()
            .fold(Command::new(&self.docker), |command, (name, value)| {
                command.env(name, value)
            })
    }

    /// `docker buildx` with the same variables. The plugin is started by itself where it is known: the client starts it
    /// twice, once to ask what it is.
    #[must_use]
    pub fn buildx(&self) -> Command {
        let Some(buildx) = &self.buildx else {
            return self.command().arg("buildx");
        };
        self.variables
            .iter()
            .fold(Command::new(buildx), |command, (name, value)| {
                command.env(name, value)
            })
    }
}
