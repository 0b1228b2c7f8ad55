//! The tables of the manifest as types. What each key means is written once, in `keys.rs`.

use std::collections::BTreeMap;

use camino::Utf8PathBuf;
use serde::{Deserialize, Serialize};

use super::read::scalars;

/// `[project]`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ProjectName {
    /// Prefix of bake variables and image names.
    pub name: String,
}

/// `[registry]`.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Registry {
    /// The registry; empty if images stay local.
    pub host: String,
    /// The path below the host; may be empty.
    pub namespace: String,
    /// What an image is called there, with `{name}`.
    pub image: Option<String>,
}

/// `[base]` or `[[base]]`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Base {
    /// Its Dockerfile, from the root.
    pub dockerfile: Utf8PathBuf,
    /// Its name.
    #[serde(default = "Base::default_name")]
    pub name: String,
    /// The stage that is the image, if not the usual one.
    #[serde(default)]
    pub production: Option<String>,
}

impl Base {
    fn default_name() -> String {
        "base".to_owned()
    }
}

/// `[services]`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Services {
    /// Globs of Dockerfiles, from the root.
    pub dockerfiles: Vec<String>,
    /// Globs of Dockerfiles that are no service.
    pub exclude: Vec<String>,
}

impl Default for Services {
    fn default() -> Self {
        Self {
            dockerfiles: vec!["apps/*/Dockerfile".to_owned()],
            exclude: Vec::new(),
        }
    }
}

/// `[stages]`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Stages {
    /// The stage that runs in production.
    pub production: String,
    /// The stage for developing, if every service must have it.
    pub development: Option<String>,
}

impl Default for Stages {
    fn default() -> Self {
        Self {
            production: "production".to_owned(),
            development: None,
        }
    }
}

/// `[platforms]`.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Platforms {
    /// The platforms of a release build; empty means the builder's own.
    pub release: Vec<String>,
}

/// `[build]`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Build {
    /// The folder sent to the builder, from the root.
    pub context: Utf8PathBuf,
    /// Folders besides it, by the name that `--from` asks for, from the root.
    pub contexts: BTreeMap<String, Utf8PathBuf>,
    /// Build arguments.
    #[serde(deserialize_with = "scalars")]
    pub args: BTreeMap<String, String>,
}

impl Build {
    /// The named contexts as paths from the root: `.` is empty.
    #[must_use]
    pub fn named_contexts(&self) -> BTreeMap<String, Utf8PathBuf> {
        let inside = |path: &Utf8PathBuf| path.strip_prefix(".").unwrap_or(path).to_owned();
        let contexts = self.contexts.iter();
        contexts
            .map(|(name, path)| (name.clone(), inside(path)))
            .collect()
    }
}

impl Default for Build {
    fn default() -> Self {
        Self {
            context: Utf8PathBuf::from("."),
            contexts: BTreeMap::new(),
            args: BTreeMap::new(),
        }
    }
}

/// `[secrets.<id>]`: either `file_env` or `env` is given.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Secret {
    /// Variables that may hold the path of a file with the secret; the first that is set counts.
    pub file_env: Vec<String>,
    /// The variable that holds the secret itself.
    pub env: Option<String>,
    /// Whether a build goes on without it.
    pub optional: bool,
}

/// Where build caches are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum CacheBackend {
    /// Nowhere but in the builder.
    #[default]
    None,
    /// The cache of GitHub Actions.
    Gha,
    /// An image tag beside each image.
    Registry,
    /// A folder.
    Local,
}

/// Which layers a cache keeps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum CacheMode {
    /// Those of the image.
    Min,
    /// Those of every stage.
    #[default]
    Max,
}

/// `[cache]`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Cache {
    /// Where it is kept.
    pub backend: CacheBackend,
    /// What it keeps.
    pub mode: CacheMode,
    /// The folder of the `local` backend, from the root.
    pub directory: Utf8PathBuf,
    /// How many percent of the steps `docker-cache` wants to be cached for the median commit. No part of a plan.
    #[serde(skip_serializing)]
    pub goal: u32,
}

impl Default for Cache {
    fn default() -> Self {
        Self {
            backend: CacheBackend::None,
            mode: CacheMode::Max,
            directory: Utf8PathBuf::from("target/docker-cache"),
            goal: 80,
        }
    }
}

/// How much is said about how an image was built.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Provenance {
    /// Nothing.
    None,
    /// The least.
    Min,
    /// Everything.
    #[default]
    Max,
}

/// `[attestations]`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Attestations {
    /// How the image was built.
    pub provenance: Provenance,
    /// Whether its packages are listed.
    pub sbom: bool,
}

impl Default for Attestations {
    fn default() -> Self {
        Self {
            provenance: Provenance::Max,
            sbom: true,
        }
    }
}

/// A driver of `docker buildx create`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Driver {
    /// BuildKit in a container.
    DockerContainer,
    /// BuildKit in pods.
    Kubernetes,
    /// A BuildKit that runs already.
    Remote,
}

impl Driver {
    /// As buildx calls it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::DockerContainer => "docker-container",
            Self::Kubernetes => "kubernetes",
            Self::Remote => "remote",
        }
    }
}

/// `[builders.<name>]`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Builder {
    /// The driver.
    pub driver: Driver,
    /// The machines.
    #[serde(default)]
    pub nodes: Vec<Node>,
    /// Driver options of every node.
    #[serde(default, deserialize_with = "scalars")]
    pub options: BTreeMap<String, String>,
}

/// `[[builders.<name>.nodes]]`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Node {
    /// What it builds for.
    pub platforms: Vec<String>,
    /// Where it is.
    #[serde(default)]
    pub endpoint: Option<String>,
    /// Driver options of this node.
    #[serde(default, deserialize_with = "scalars")]
    pub options: BTreeMap<String, String>,
}

/// `[overrides]`.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Overrides {
    /// By service.
    pub services: BTreeMap<String, Override>,
}

/// `[overrides.services.<name>]`.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Override {
    /// The port it listens on.
    pub port: Option<u16>,
    /// The path that tells its health.
    pub health_path: Option<String>,
    /// Its production stage.
    pub production: Option<String>,
    /// Its development stage.
    pub development: Option<String>,
    /// Its title label.
    pub title: Option<String>,
    /// Its description label.
    pub description: Option<String>,
}

/// `[stand_in]`.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct StandIn {
    /// By package of the real base: a table whose meaning is the stand-in's.
    pub packages: BTreeMap<String, toml::Table>,
}
