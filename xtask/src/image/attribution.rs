//! Which line of which Dockerfile made a layer.

use serde::{Deserialize, Serialize};

/// How it is known what made a layer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// The builder recorded it when it built the image: exact.
    Provenance,
    /// The image's history, held against the text of the Dockerfile.
    Dockerfile,
    /// The image's history: what it says, without a place.
    History,
    /// Nothing.
    #[default]
    Unknown,
}

/// What made a layer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub struct Origin {
    /// How it is known.
    pub evidence: Evidence,
    /// The instruction, on one line.
    pub instruction: String,
    /// The Dockerfile, from the root of the repository.
    pub dockerfile: Option<String>,
    /// The first line of the instruction there, from 1.
    pub line: Option<usize>,
    /// The last line of the instruction there.
    pub end_line: Option<usize>,
    /// Whether the base image has the layer, too; `null` if that is not known.
    pub is_base: Option<bool>,
}
