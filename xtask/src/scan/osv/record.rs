//! The parts of an OSV record that matter here, as it writes them. Unknown fields may hold anything.

use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
pub(super) struct Written {
    pub(super) id: String,
    #[serde(default)]
    pub(super) modified: Option<String>,
    #[serde(default)]
    pub(super) withdrawn: Option<String>,
    #[serde(default)]
    pub(super) aliases: Option<Vec<String>>,
    #[serde(default)]
    pub(super) upstream: Option<Vec<String>>,
    #[serde(default)]
    pub(super) summary: Option<String>,
    #[serde(default)]
    pub(super) details: Option<String>,
    #[serde(default)]
    pub(super) severity: Option<Vec<Severity>>,
    #[serde(default)]
    pub(super) affected: Option<Vec<Affected>>,
    #[serde(default)]
    pub(super) references: Option<Vec<Reference>>,
    #[serde(default)]
    pub(super) database_specific: Option<Specific>,
}

#[derive(Deserialize)]
pub(super) struct Severity {
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) score: String,
}

#[derive(Deserialize)]
pub(super) struct Affected {
    /// Missing where only commits are affected.
    #[serde(default)]
    pub(super) package: Option<Package>,
    #[serde(default)]
    pub(super) severity: Option<Vec<Severity>>,
    #[serde(default)]
    pub(super) ranges: Option<Vec<Range>>,
    #[serde(default)]
    pub(super) versions: Option<Vec<String>>,
    #[serde(default)]
    pub(super) ecosystem_specific: Option<Specific>,
    #[serde(default)]
    pub(super) database_specific: Option<Specific>,
}

#[derive(Deserialize)]
pub(super) struct Package {
    pub(super) ecosystem: String,
    pub(super) name: String,
}

#[derive(Deserialize)]
pub(super) struct Range {
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) events: Vec<Event>,
}

#[derive(Deserialize)]
pub(super) struct Event {
    #[serde(default)]
    pub(super) introduced: Option<String>,
    #[serde(default)]
    pub(super) fixed: Option<String>,
    #[serde(default)]
    pub(super) last_affected: Option<String>,
    #[serde(default)]
    pub(super) limit: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Reference {
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) url: String,
}

/// What databases and ecosystems add; each may have another type with another database.
#[derive(Default)]
pub(super) struct Specific {
    /// GitHub: `MODERATE`.
    pub(super) severity: Option<String>,
    /// Debian: `unimportant`, `not yet assigned`, `end-of-life`.
    pub(super) urgency: Option<String>,
}

impl<'de> Deserialize<'de> for Specific {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Value::Object(mut map) = Value::deserialize(deserializer)? else {
            return Ok(Self::default());
        };
        let mut word = |key: &str| match map.remove(key) {
            Some(Value::String(word)) => Some(word),
            _ => None,
        };
        Ok(Self {
            severity: word("severity"),
            urgency: word("urgency"),
        })
    }
}
