//! `[deploy]` as types.

use std::collections::BTreeMap;
use std::fmt;

use camino::Utf8PathBuf;
use serde::{Deserialize, Serialize};

use super::read::scalars;
use crate::error::Error;
use crate::quantity;
use crate::source::Location;

/// `[deploy]`.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Deploy {
    /// The compose file that says how the images are tested, from the root.
    pub compose: Option<Utf8PathBuf>,
    /// The folder that is generated, from the root.
    pub base: Option<Utf8PathBuf>,
    /// The file of Falco's lists that is generated, from the root.
    pub falco: Option<Utf8PathBuf>,
    /// The variable that holds the deadline of a shutdown in milliseconds.
    pub shutdown_variable: Option<String>,
    /// The path that tells whether a container must be started anew.
    pub liveness_path: Option<String>,
    /// The path of the metrics.
    pub metrics_path: Option<String>,
    /// What holds for every service.
    pub defaults: DeployDefaults,
    /// What holds for single ones.
    pub services: BTreeMap<String, DeployService>,
    /// Who may talk to whom, besides what the compose file says.
    pub edges: Vec<DeployEdge>,
    /// The kustomizations that are judged.
    pub environments: Vec<DeployEnvironment>,
}

/// `[deploy.defaults]`.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct DeployDefaults {
    /// How many of each service.
    pub replicas: Option<u16>,
    /// What a container is sure to get of a processor.
    pub cpu_request: Option<String>,
    /// What a container gets of a processor at most.
    pub cpu_limit: Option<String>,
    /// What a container is sure to get of the memory.
    pub memory_request: Option<String>,
    /// Variables of every container.
    #[serde(deserialize_with = "scalars")]
    pub variables: BTreeMap<String, String>,
}

/// `[deploy.services.<service>]`.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct DeployService {
    /// How many.
    pub replicas: Option<u16>,
    /// There may never be two at a time.
    pub single: bool,
    /// What a container is sure to get of a processor.
    pub cpu_request: Option<String>,
    /// What a container gets of a processor at most.
    pub cpu_limit: Option<String>,
    /// What a container is sure to get of the memory.
    pub memory_request: Option<String>,
    /// What a container gets of the memory at most, where the compose file does not say.
    pub memory_limit: Option<String>,
    /// Its variables.
    #[serde(deserialize_with = "scalars")]
    pub variables: BTreeMap<String, String>,
    /// Where its secret variables come from: `secret/key`.
    pub secrets: BTreeMap<String, String>,
    /// What is run before the service is started, in its image.
    pub migrate: Vec<String>,
    /// The programs it starts besides those of its `ENTRYPOINT` and `CMD`.
    pub programs: Vec<String>,
}

/// `[[deploy.edges]]`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct DeployEdge {
    /// Who talks.
    pub from: DeployEnd,
    /// Who answers.
    pub to: DeployEnd,
    /// Where; unset, the port of the service.
    #[serde(default)]
    pub port: Option<u16>,
    /// The environments that have it; empty is all.
    #[serde(default)]
    pub environments: Vec<String>,
}

/// One end of an edge.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub enum DeployEnd {
    /// Every service of this project.
    Every,
    /// A service, or something else in the same namespace, by its label `app.kubernetes.io/name`.
    Name(String),
    /// Everything in a namespace.
    Namespace(String),
    /// Every public address.
    Internet,
    /// Addresses.
    Network(String),
}

impl TryFrom<String> for DeployEnd {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let is_name = |text: &str| {
            !text.is_empty()
                && text.len() <= 63
                && !text.starts_with('-')
                && !text.ends_with('-')
                && text
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        };
        match text.as_str() {
            "*" => Ok(Self::Every),
            "internet" => Ok(Self::Internet),
            _ => match text.strip_prefix("namespace:") {
                Some(name) if is_name(name) => Ok(Self::Namespace(name.to_owned())),
                None if is_network(&text) => Ok(Self::Network(text)),
                None if is_name(&text) => Ok(Self::Name(text)),
                _ => Err(format!(
                    "`{}` is no end of a connection: write a service, `*`, `namespace:NAME`, `internet`, or a network such as `10.0.0.0/8`",
                    text.escape_debug()
                )),
            },
        }
    }
}

impl From<DeployEnd> for String {
    fn from(end: DeployEnd) -> Self {
        end.to_string()
    }
}

impl fmt::Display for DeployEnd {
    /// As it is written.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Every => f.write_str("*"),
            Self::Name(name) | Self::Network(name) => f.write_str(name),
            Self::Namespace(name) => write!(f, "namespace:{name}"),
            Self::Internet => f.write_str("internet"),
        }
    }
}

fn is_network(text: &str) -> bool {
    let Some((address, length)) = text.split_once('/') else {
        return false;
    };
    let most = match address.parse() {
        Ok(std::net::IpAddr::V4(_)) => 32,
        Ok(std::net::IpAddr::V6(_)) => 128,
        Err(_) => return false,
    };
    length.parse::<u8>().is_ok_and(|length| length <= most)
}

/// `[[deploy.environments]]`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct DeployEnvironment {
    /// What it is called.
    pub name: String,
    /// The folder of its kustomization, from the root.
    pub path: Utf8PathBuf,
    /// Whether its images must be named by digest.
    #[serde(default)]
    pub digests: bool,
}

impl Deploy {
    /// Mistakes that the kinds of single values do not show.
    pub(super) fn contradictions(&self, location: impl Fn(&[&str]) -> Location) -> Vec<Error> {
        let mut errors = Vec::new();
        let mut amount = |path: &[&str], value: &Option<String>| {
            let wrong = value
                .as_ref()
                .filter(|text| quantity::thousandths(text).is_none_or(|amount| amount == 0));
            if let Some(text) = wrong {
                errors.push(
                    Error::usage(format!("`{}` is no amount", text.escape_debug()))
                        .help("write it as Kubernetes does: `250m` or `1.5` of a processor, `256Mi` of memory")
                        .at(location(path)),
                );
            }
        };
        let defaults = &self.defaults;
        amount(
            &["deploy", "defaults", "cpu_request"],
            &defaults.cpu_request,
        );
        amount(&["deploy", "defaults", "cpu_limit"], &defaults.cpu_limit);
        amount(
            &["deploy", "defaults", "memory_request"],
            &defaults.memory_request,
        );
        for (name, service) in &self.services {
            for (key, value) in [
                ("cpu_request", &service.cpu_request),
                ("cpu_limit", &service.cpu_limit),
                ("memory_request", &service.memory_request),
                ("memory_limit", &service.memory_limit),
            ] {
                amount(&["deploy", "services", name, key], value);
            }
        }
        for (name, service) in &self.services {
            if service.single && service.replicas.is_some_and(|replicas| replicas > 1) {
                errors.push(
                    Error::usage(format!("`{name}` is `single` and has several replicas"))
                        .at(location(&["deploy", "services", name, "replicas"])),
                );
            }
            for (variable, secret) in &service.secrets {
                let is_reference = secret.split_once('/').is_some_and(|(name, key)| {
                    !name.is_empty() && !key.is_empty() && !key.contains('/')
                });
                if !is_reference {
                    errors.push(
                        Error::usage("a secret is named here, never written: `NAME/KEY` of a Secret in the cluster")
                            .at(location(&["deploy", "services", name, "secrets", variable])),
                    );
                }
            }
        }
        errors.extend(self.wrong_edges(&location));
        for (index, environment) in self.environments.iter().enumerate() {
            let earlier = &self.environments[..index];
            if earlier.iter().any(|other| other.name == environment.name) {
                errors.push(
                    Error::usage(format!(
                        "two environments are called `{}`",
                        environment.name
                    ))
                    .at(location(&[
                        "deploy",
                        "environments",
                        &index.to_string(),
                        "name",
                    ])),
                );
            }
        }
        errors
    }

    /// Connections that mean nothing.
    fn wrong_edges(&self, location: &impl Fn(&[&str]) -> Location) -> Vec<Error> {
        let mut errors = Vec::new();
        for (index, edge) in self.edges.iter().enumerate() {
            let place = index.to_string();
            let is_elsewhere = |end: &DeployEnd| {
                matches!(
                    end,
                    DeployEnd::Internet | DeployEnd::Network(_) | DeployEnd::Namespace(_)
                )
            };
            if is_elsewhere(&edge.from) && is_elsewhere(&edge.to) {
                errors.push(
                    Error::usage("neither end of this connection is of the project")
                        .at(location(&["deploy", "edges", &place])),
                );
            } else if is_elsewhere(&edge.to) && edge.port.is_none() {
                errors.push(
                    Error::usage(format!("which port of `{}`?", edge.to))
                        .help("add `port`")
                        .at(location(&["deploy", "edges", &place])),
                );
            }
        }
        for (index, edge) in self.edges.iter().enumerate() {
            for (at, name) in edge.environments.iter().enumerate() {
                if self.environments.iter().all(|it| it.name != *name) {
                    let path = [
                        "deploy",
                        "edges",
                        &index.to_string(),
                        "environments",
                        &at.to_string(),
                    ];
                    errors.push(
                        Error::usage(format!("there is no environment `{}`", name.escape_debug()))
                            .at(location(&path)),
                    );
                }
            }
        }
        errors
    }
}
