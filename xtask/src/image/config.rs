//! The configuration of an image, as the OCI image specification defines it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What an image says about itself. Fields that are missing or `null` are empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default)]
pub struct ImageConfig {
    /// When it was built, RFC 3339.
    pub created: Option<String>,
    /// Such as `amd64`.
    pub architecture: String,
    /// Such as `linux`.
    pub os: String,
    /// Such as `v8`.
    pub variant: Option<String>,
    /// How a container is started from it.
    pub config: RunConfig,
    /// Its layers.
    pub rootfs: RootFs,
    /// The instructions that made it.
    pub history: Vec<HistoryEntry>,
}

impl ImageConfig {
    /// `os/architecture[/variant]`.
    #[must_use]
    pub fn platform(&self) -> String {
        platform(&self.os, &self.architecture, self.variant.as_deref())
    }

    /// Whether it is for `platform`, as [`same_platform`] compares.
    #[must_use]
    pub fn is_for(&self, platform: &str) -> bool {
        same_platform(&self.platform(), platform)
    }
}

/// `os/architecture[/variant]`.
#[must_use]
pub fn platform(os: &str, architecture: &str, variant: Option<&str>) -> String {
    match variant {
        Some(variant) if !variant.is_empty() => format!("{os}/{architecture}/{variant}"),
        _ => format!("{os}/{architecture}"),
    }
}

/// Whether two names mean one platform: `v8` is what every `arm64` is.
#[must_use]
pub fn same_platform(a: &str, b: &str) -> bool {
    a.strip_suffix("/v8").unwrap_or(a) == b.strip_suffix("/v8").unwrap_or(b)
}

/// How a container is started from an image.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct RunConfig {
    /// User and group, as written.
    pub user: String,
    /// Variables as `NAME=value`.
    #[serde(deserialize_with = "null_is_empty")]
    pub env: Vec<String>,
    /// What is run.
    #[serde(deserialize_with = "null_is_empty")]
    pub entrypoint: Vec<String>,
    /// Its arguments.
    #[serde(deserialize_with = "null_is_empty")]
    pub cmd: Vec<String>,
    /// Labels.
    #[serde(deserialize_with = "null_is_empty")]
    pub labels: BTreeMap<String, String>,
    /// Ports, such as `3001/tcp`.
    #[serde(deserialize_with = "null_is_empty")]
    pub exposed_ports: BTreeMap<String, serde_json::Value>,
    /// Volumes.
    #[serde(deserialize_with = "null_is_empty")]
    pub volumes: BTreeMap<String, serde_json::Value>,
    /// Where it is run.
    pub working_dir: String,
    /// The signal `docker stop` sends.
    pub stop_signal: Option<String>,
    /// How its health is checked.
    pub healthcheck: Option<HealthConfig>,
}

/// How a container's health is checked. Durations are nanoseconds, 0 is Docker's default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct HealthConfig {
    /// `["CMD", …]`, `["CMD-SHELL", …]` or `["NONE"]`.
    #[serde(deserialize_with = "null_is_empty")]
    pub test: Vec<String>,
    /// Between checks.
    pub interval: u64,
    /// Of one check.
    pub timeout: u64,
    /// Before failures count.
    pub start_period: u64,
    /// Between checks in the start period.
    pub start_interval: u64,
    /// Failures in a row that make it unhealthy.
    pub retries: u64,
}

/// The layers of an image.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default)]
pub struct RootFs {
    /// The digest of each uncompressed layer, lowest first.
    #[serde(deserialize_with = "null_is_empty")]
    pub diff_ids: Vec<String>,
}

/// An instruction that made a layer, or none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default)]
pub struct HistoryEntry {
    /// The instruction as the builder wrote it.
    pub created_by: String,
    /// Whether it made no layer.
    pub empty_layer: bool,
}

/// Go writes an empty slice or map as `null`.
pub(crate) fn null_is_empty<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_configuration_reads_with_gaps() {
        let config: ImageConfig = serde_json::from_str(
            r#"{"architecture":"arm64","os":"linux","variant":"v8","config":{"User":"1001","Env":null,"Entrypoint":["dumb-init","--"],
               "Labels":{"a":"b"},"ExposedPorts":{"3001/tcp":{}},"Healthcheck":{"Test":["CMD","x"],"Interval":5000000000},"New":1},
               "rootfs":{"type":"layers","diff_ids":["sha256:aa"]},"history":[{"created_by":"CMD x","empty_layer":true}]}"#,
        )
        .unwrap();
        assert_eq!(config.platform(), "linux/arm64/v8");
        assert_eq!(config.config.entrypoint, ["dumb-init", "--"]);
        assert!(config.config.env.is_empty() && config.history[0].empty_layer);
        assert_eq!(config.config.healthcheck.unwrap().interval, 5_000_000_000);
        assert_eq!(
            serde_json::from_str::<ImageConfig>("{}").unwrap(),
            ImageConfig::default()
        );
    }
}
