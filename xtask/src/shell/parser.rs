//! Shell text to its syntax tree.

use crate::mapped_text::MappedText;
use crate::shell::Script;

/// Reads a text. Spans in the result are places in the file.
#[must_use]
pub fn parse(_text: &MappedText) -> Script {
    Script::default()
}
