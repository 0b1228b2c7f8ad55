//! `[test]` as types.

use serde::{Deserialize, Serialize};

use super::structure::StructureFiles;

/// `[test]`.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Test {
    /// Files of container-structure-test.
    pub structure: StructureFiles,
}
