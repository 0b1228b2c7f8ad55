//! `[tags]` as types. What the lines mean is for `tags` to say.

use serde::{Deserialize, Serialize};

/// `[tags]`: what images are called, line by line as `docker/metadata-action` has it.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Tags {
    /// What makes a tag.
    pub rules: Vec<String>,
    /// What holds for all tags.
    pub flavor: Vec<String>,
    /// `name=value`.
    pub labels: Vec<String>,
    /// `name=value`.
    pub annotations: Vec<String>,
    /// The branch that releases come from.
    pub default_branch: Option<String>,
}
