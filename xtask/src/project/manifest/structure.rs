//! `[test.structure]` as types.

use serde::{Deserialize, Serialize};

/// `[test.structure]`.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct StructureFiles {
    /// Where the files lie, as patterns from the root.
    pub files: Vec<String>,
}
