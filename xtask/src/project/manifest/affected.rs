//! `[affected]` as types.

use serde::{Deserialize, Serialize};

/// `[affected]`: what `docker-affected` may take for granted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Affected {
    /// What a changed lockfile affects.
    pub lockfile: LockfileChange,
}

/// What a changed lockfile affects.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LockfileChange {
    /// Every image that is built with it.
    #[default]
    Any,
    /// Those whose sources name a package that changed, or that came along with one.
    Imports,
}
