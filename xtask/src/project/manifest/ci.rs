//! `[ci]` as types.

use std::collections::BTreeMap;

use camino::Utf8PathBuf;
use serde::{Deserialize, Serialize};

use crate::timestamp::Period;

/// `[ci]`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Ci {
    /// The workflow that is written, from the root.
    pub workflow: Utf8PathBuf,
    /// The folder of the action that builds the tool, from the root.
    pub action: Utf8PathBuf,
    /// Branches whose pushes are published.
    pub branches: Vec<String>,
    /// Branches whose pull requests are judged.
    pub pull_requests: Vec<String>,
    /// A name in `[builders]`.
    pub builder: String,
    /// Labels of runners by platform.
    pub runners: BTreeMap<String, String>,
    /// What the tool is built from.
    pub tool: Vec<String>,
    /// What else starts the workflow.
    pub paths: Vec<String>,
    /// How long the build for one platform may take.
    pub timeout: Period,
}

impl Default for Ci {
    fn default() -> Self {
        let main = || vec!["main".to_owned()];
        let tool = [
            "xtask/**",
            ".cargo/**",
            "Cargo.toml",
            "Cargo.lock",
            "rust-toolchain.toml",
        ];
        Self {
            workflow: ".github/workflows/docker-build.yml".into(),
            action: ".github/actions/xtask".into(),
            branches: main(),
            pull_requests: main(),
            builder: "ci".to_owned(),
            runners: BTreeMap::new(),
            tool: tool.map(str::to_owned).into(),
            paths: Vec::new(),
            timeout: Period::from_seconds(60 * 60),
        }
    }
}
