//! `[lint]` as types. What the codes mean is the linter's to say.

use std::collections::BTreeMap;

use camino::Utf8PathBuf;
use serde::{Deserialize, Serialize};

use crate::size::Bytes;

/// `[lint]`.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Lint {
    /// A ready-made choice of rules.
    pub preset: Option<String>,
    /// From which severity on the run fails.
    pub fail_on: Option<String>,
    /// Levels by code, name or alias.
    pub rules: BTreeMap<String, String>,
    /// Where other levels hold.
    pub overrides: Vec<LintOverride>,
    /// Registries images may come from.
    pub trusted_registries: Vec<String>,
    /// Labels and what they hold.
    pub label_schema: BTreeMap<String, String>,
    /// Labels that are not in the schema are reported.
    pub strict_labels: bool,
    /// How many bytes an ignore file may let through that no step takes.
    pub unused_context_limit: Option<Bytes>,
    /// Known findings, from the root.
    pub baseline: Option<Utf8PathBuf>,
    /// Files that are passed over.
    pub exclude: Vec<String>,
}

/// `[[lint.overrides]]`.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct LintOverride {
    /// Patterns of paths.
    pub paths: Vec<String>,
    /// Names of services and bases.
    pub services: Vec<String>,
    /// Names, patterns of names or indexes of stages.
    pub stages: Vec<String>,
    /// Levels by code, name or alias.
    pub rules: BTreeMap<String, String>,
}
