//! The file as it is written.

use std::collections::BTreeMap;

use camino::Utf8PathBuf;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::timestamp::Period;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawFile {
    #[expect(dead_code, reason = "the table of keys has looked at it")]
    schema_version: u32,
    pub(super) title: String,
    #[serde(default)]
    pub(super) commands: Vec<RawCommand>,
    pub(super) groups: Vec<RawGroup>,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawCommand {
    pub(super) name: String,
    pub(super) xtask: Option<String>,
    pub(super) cargo: Option<String>,
    pub(super) program: Option<String>,
    #[serde(default = "ten_minutes", skip_serializing)]
    pub(super) limit: Period,
    #[serde(default, skip_serializing)]
    pub(super) after: Vec<String>,
    pub(super) fails_with: Option<Vec<i32>>,
}

fn ten_minutes() -> Period {
    Period::from_seconds(600)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawGroup {
    pub(super) name: String,
    pub(super) rows: Vec<RawRow>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawRow {
    pub(super) id: String,
    pub(super) text: String,
    pub(super) source: String,
    pub(super) goal: String,
    #[serde(default)]
    pub(super) docs: Vec<Utf8PathBuf>,
    pub(super) evidence: Vec<RawEvidence>,
}

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawEvidence {
    pub(super) command: Option<String>,
    pub(super) proves: Option<String>,
    pub(super) value: Option<String>,
    pub(super) verdict: Option<String>,
    pub(super) part: Option<String>,
    #[serde(default, rename = "where")]
    pub(super) conditions: BTreeMap<String, Json>,
    #[serde(default)]
    pub(super) unless: BTreeMap<String, Json>,
    pub(super) take: Option<String>,
    pub(super) unit: Option<String>,
    pub(super) at_most: Option<String>,
    pub(super) at_least: Option<String>,
    pub(super) below: Option<String>,
    pub(super) above: Option<String>,
    pub(super) equals: Option<String>,
    pub(super) limit: Option<String>,
    pub(super) reason: Option<String>,
    pub(super) pass: Option<Vec<String>>,
    pub(super) fail: Option<Vec<String>>,
    pub(super) skip: Option<Vec<String>>,
    pub(super) document: Option<Utf8PathBuf>,
    pub(super) says: Option<String>,
    pub(super) not_measured: Option<String>,
    pub(super) needs: Option<String>,
}
