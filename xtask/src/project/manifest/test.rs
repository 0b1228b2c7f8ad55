//! `[test]` as types.

use serde::{Deserialize, Serialize};

use super::fleet::Fleet;

/// `[test]`.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Test {
    /// All services together.
    pub fleet: Fleet,
}
