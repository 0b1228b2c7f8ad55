//! What requests and notifications carry, as far as it counts.

use serde::Deserialize;
use serde_json::Value;

use super::actions::Context;
use super::documents::{Change, Opened};
use super::positions::{Position, Range};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Initialize {
    #[serde(default)]
    pub(super) capabilities: Value,
    pub(super) root_uri: Option<String>,
    pub(super) root_path: Option<String>,
    pub(super) workspace_folders: Option<Vec<Identifier>>,
}

#[derive(Deserialize)]
pub(super) struct Identifier {
    pub(super) uri: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DidOpen {
    pub(super) text_document: Opened,
}

#[derive(Deserialize)]
pub(super) struct Versioned {
    pub(super) uri: String,
    pub(super) version: Option<i64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DidChange {
    pub(super) text_document: Versioned,
    pub(super) content_changes: Vec<Change>,
}

/// A document is named; whatever else is said does not count.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct OfDocument {
    pub(super) text_document: Identifier,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AtPosition {
    pub(super) text_document: Identifier,
    pub(super) position: Position,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct InRange {
    pub(super) text_document: Identifier,
    pub(super) range: Range,
    #[serde(default)]
    pub(super) context: Context,
}

#[derive(Deserialize)]
pub(super) struct FoldersChanged {
    pub(super) event: FoldersEvent,
}

#[derive(Deserialize)]
pub(super) struct FoldersEvent {
    #[serde(default)]
    pub(super) added: Vec<Identifier>,
    #[serde(default)]
    pub(super) removed: Vec<Identifier>,
}
