//! `engine.json`: what runs, so that a later call finds it without asking it.

use camino::{Utf8Path, Utf8PathBuf};
use serde::{Deserialize, Serialize};

use super::layout::Layout;
use crate::atomic_file;
use crate::engine::api::Api;
use crate::engine::{Engine, EngineKind, ImageStore};
use crate::error::{Error, Result};

/// A running engine, written when it had answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Record {
    pub(super) schema_version: u32,
    /// Of dockerd, whose network and mount namespaces are the engine's.
    pub(super) pid: u32,
    pub(super) socket: Utf8PathBuf,
    pub(super) rootless: bool,
    pub(super) server_version: String,
    pub(super) buildx_version: String,
    pub(super) platform: String,
    pub(super) containerd_store: bool,
}

impl Record {
    pub(super) fn new(pid: u32, rootless: bool, layout: &Layout, engine: &Engine) -> Self {
        Self {
            schema_version: 1,
            pid,
            socket: layout.socket(),
            rootless,
            server_version: engine.server_version.clone(),
            buildx_version: engine.buildx_version.clone(),
            platform: engine.platform.clone(),
            containerd_store: engine.store == ImageStore::Containerd,
        }
    }

    pub(super) fn read(layout: &Layout) -> Option<Self> {
        let text = std::fs::read_to_string(layout.record()).ok()?;
        serde_json::from_str(&text).ok()
    }

    pub(super) fn write(&self, layout: &Layout) -> Result<()> {
        write_json(&layout.record(), self)
    }

    pub(super) fn engine(self, layout: &Layout) -> Engine {
        Engine {
            kind: EngineKind::Private,
            docker: layout.docker(),
            variables: client_variables(layout),
            store: if self.containerd_store {
                ImageStore::Containerd
            } else {
                ImageStore::GraphDriver
            },
            server_version: self.server_version,
            buildx_version: self.buildx_version,
            buildx: Some(layout.buildx()),
            platform: self.platform,
            api: Some(Api::at(self.socket)),
            data: Some(layout.data()),
        }
    }
}

/// What a client needs to reach the engine, and no other one.
pub(super) fn client_variables(layout: &Layout) -> Vec<(String, String)> {
    let set = |name: &str, value: String| (name.to_owned(), value);
    let mut variables = vec![
        set("DOCKER_HOST", format!("unix://{}", layout.socket())),
        set("DOCKER_CONFIG", layout.config().into_string()),
    ];
    // Meant for another engine; empty counts as not set.
    for name in [
        "DOCKER_CONTEXT",
        "DOCKER_TLS",
        "DOCKER_TLS_VERIFY",
        "DOCKER_CERT_PATH",
        "DOCKER_API_VERSION",
        "BUILDX_BUILDER",
        "BUILDX_CONFIG",
    ] {
        variables.push(set(name, String::new()));
    }
    variables
}

/// Writes a value as JSON.
pub(super) fn write_json<T: Serialize>(file: &Utf8Path, value: &T) -> Result<()> {
    let mut text = serde_json::to_string_pretty(value)
        .map_err(|e| Error::usage(format!("failed to write {file}")).because(e))?;
    text.push('\n');
    atomic_file::write(file, text)
}
