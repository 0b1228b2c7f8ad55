//! What is written down before and while images are removed, so that a run can be finished and undone.

use serde::{Deserialize, Serialize};

use super::digest::Digest;
use crate::timestamp::Timestamp;

/// The version of both shapes; raised when a field changes its meaning or goes away.
const SCHEMA_VERSION: u32 = 1;

/// How far a run came.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Journal {
    /// 1.
    pub schema_version: u32,
    /// When the run began.
    pub begun: Timestamp,
    /// The file with what puts everything back, beside this one.
    pub restore_list: String,
    /// What is removed.
    pub packages: Vec<JournalPackage>,
}

/// How far a run came with one package.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JournalPackage {
    /// With the registry.
    pub name: String,
    /// All that was going to be removed, in order.
    pub planned: Vec<Digest>,
    /// What is gone for sure.
    pub removed: Vec<Digest>,
}

impl Journal {
    /// Of a run that begins.
    #[must_use]
    pub fn new(begun: Timestamp, restore_list: &str, packages: Vec<JournalPackage>) -> Self {
        Self {
            schema_version: SCHEMA_VERSION,
            begun,
            restore_list: restore_list.to_owned(),
            packages,
        }
    }

    /// Reads the text of one.
    ///
    /// # Errors
    /// Why it is none, as a clause.
    pub fn parse(text: &[u8]) -> Result<Self, String> {
        let journal: Self = serde_json::from_slice(text).map_err(|error| error.to_string())?;
        checked(journal.schema_version)?;
        Ok(journal)
    }
}

/// What puts back everything that a run removed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RestoreList {
    /// 1.
    pub schema_version: u32,
    /// When it was written.
    pub written: Timestamp,
    /// What was going to be removed.
    pub packages: Vec<RestorePackage>,
}

/// What was going to be removed of one package, in the order of removal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RestorePackage {
    /// With the registry.
    pub name: String,
    /// Each manifest.
    pub versions: Vec<Restorable>,
}

/// A manifest that can be put back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Restorable {
    /// Its name.
    pub digest: Digest,
    /// What the packages API called it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<u64>,
    /// The tags that meant it.
    pub tags: Vec<String>,
    /// Its kind, as a registry wants to be told.
    pub media_type: String,
    /// The manifest, byte for byte.
    pub manifest: String,
}

impl RestoreList {
    /// What is known before anything is removed.
    #[must_use]
    pub fn new(written: Timestamp, packages: Vec<RestorePackage>) -> Self {
        Self {
            schema_version: SCHEMA_VERSION,
            written,
            packages,
        }
    }

    /// Reads the text of one.
    ///
    /// # Errors
    /// Why it is none, or not what was written, as a clause.
    pub fn parse(text: &[u8]) -> Result<Self, String> {
        let list: Self = serde_json::from_slice(text).map_err(|error| error.to_string())?;
        checked(list.schema_version)?;
        for version in list.packages.iter().flat_map(|package| &package.versions) {
            if !version.digest.names(version.manifest.as_bytes()) {
                return Err(format!("the manifest of {} was changed", version.digest));
            }
        }
        Ok(list)
    }
}

fn checked(version: u32) -> Result<(), String> {
    if version == SCHEMA_VERSION {
        Ok(())
    } else {
        Err(format!(
            "it has version {version}, and this version of the tool reads version {SCHEMA_VERSION} only"
        ))
    }
}
