//! Answers for programs.

use serde::Serialize;

use crate::error::{Error, Result};

/// A document as text, ending in a line break.
///
/// # Errors
/// It cannot be written as JSON.
pub(super) fn json(document: &impl Serialize) -> Result<String> {
    serde_json::to_string_pretty(document)
        .map(|text| text + "\n")
        .map_err(|error| Error::failed("failed to write the answer as JSON").because(error))
}
