//! The texts that are open in the editor.

use std::collections::BTreeMap;

use camino::Utf8PathBuf;
use serde::Deserialize;

use super::positions::{Encoding, Lines, Range};
use super::uri;
use crate::lint::discovery::is_dockerfile;

/// A Dockerfile that is open.
#[derive(Debug)]
pub(super) struct Document {
    /// As the editor writes it.
    pub(super) uri: String,
    /// Absolute; `None` if it was never saved.
    pub(super) path: Option<Utf8PathBuf>,
    pub(super) version: i64,
    pub(super) text: String,
}

/// A document as `didOpen` has it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Opened {
    uri: String,
    #[serde(default)]
    language_id: String,
    version: i64,
    text: String,
}

/// A part of the text, or all of it, as `didChange` has it.
#[derive(Debug, Deserialize)]
pub(super) struct Change {
    range: Option<Range>,
    text: String,
}

/// All of them, by URI.
#[derive(Debug, Default)]
pub(super) struct Documents(BTreeMap<String, Document>);

impl Documents {
    /// Takes a document in if it is a Dockerfile: by its language, or by its name.
    pub(super) fn open(&mut self, opened: Opened) -> Option<&Document> {
        let path = uri::path(&opened.uri);
        let name = path.as_ref().and_then(|path| path.file_name());
        let by_language = matches!(opened.language_id.as_str(), "dockerfile" | "containerfile");
        if !by_language && !name.is_some_and(is_dockerfile) {
            return None;
        }
        let uri = opened.uri.clone();
        let document = Document {
            uri: opened.uri,
            path,
            version: opened.version,
            text: opened.text,
        };
        Some(self.0.entry(uri).insert_entry(document).into_mut())
    }

    /// Makes the changes, each in the text that the one before left.
    pub(super) fn change(
        &mut self,
        uri: &str,
        version: Option<i64>,
        changes: Vec<Change>,
        encoding: Encoding,
    ) -> Option<&Document> {
        let document = self.0.get_mut(uri)?;
        document.version = version.unwrap_or(document.version + 1);
        for change in changes {
            let span = match change.range {
                Some(range) => Lines::new(&document.text, encoding).span(range),
                None => Some((0..document.text.len()).into()),
            };
            if let Some(span) = span {
                document
                    .text
                    .replace_range(span.start..span.end, &change.text);
            }
        }
        Some(document)
    }

    pub(super) fn close(&mut self, uri: &str) -> Option<Document> {
        self.0.remove(uri)
    }

    pub(super) fn get(&self, uri: &str) -> Option<&Document> {
        self.0.get(uri)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Document> {
        self.0.values()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn open(documents: &mut Documents, uri: &str, language: &str) -> bool {
        let opened =
            json!({ "uri": uri, "languageId": language, "version": 1, "text": "a😀c\nd\n" });
        documents
            .open(serde_json::from_value(opened).unwrap())
            .is_some()
    }

    #[test]
    fn only_dockerfiles_are_taken_in() {
        let mut documents = Documents::default();
        for (uri, language, expected) in [
            ("file:///a/Dockerfile", "", true),
            ("file:///a/api.Dockerfile", "plaintext", true),
            ("file:///a/build", "dockerfile", true),
            ("untitled:1", "dockerfile", true),
            ("file:///a/compose.yaml", "yaml", false),
            ("untitled:2", "plaintext", false),
        ] {
            assert_eq!(open(&mut documents, uri, language), expected, "{uri}");
        }
        assert_eq!(documents.iter().count(), 4);
    }

    #[test]
    fn changes_are_made_one_after_the_other() {
        let uri = "untitled:1";
        let range = |start: (u32, u32), end: (u32, u32)| {
            let place = |(line, character)| json!({ "line": line, "character": character });
            json!({ "start": place(start), "end": place(end) })
        };
        for (encoding, changes, expected) in [
            (
                Encoding::Utf16,
                json!([
                    { "range": range((0, 1), (0, 3)), "text": "b" },
                    { "range": range((0, 3), (1, 0)), "text": "" },
                ]),
                "abcd\n",
            ),
            (
                Encoding::Utf8,
                json!([{ "range": range((0, 1), (0, 5)), "text": "b" }]),
                "abc\nd\n",
            ),
            (
                Encoding::Utf16,
                json!([
                    { "text": "x" },
                    { "range": range((0, 1), (9, 9)), "text": "y" },
                    { "range": range((1, 0), (0, 0)), "text": "never" },
                ]),
                "xy",
            ),
        ] {
            let mut documents = Documents::default();
            open(&mut documents, uri, "dockerfile");
            let changes: Value = changes;
            let changes = serde_json::from_value(changes).unwrap();
            let document = documents.change(uri, Some(2), changes, encoding).unwrap();
            assert_eq!((document.text.as_str(), document.version), (expected, 2));
        }
    }
}
