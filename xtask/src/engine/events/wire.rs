//! The JSON that buildx writes, as far as it is used. Unknown fields are skipped, missing ones are empty.

use serde::Deserialize;

use crate::base64;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Line {
    pub(super) vertexes: Option<Vec<Vertex>>,
    pub(super) statuses: Option<Vec<Status>>,
    pub(super) logs: Option<Vec<Log>>,
    pub(super) warnings: Option<Vec<Warning>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Vertex {
    pub(super) digest: String,
    pub(super) name: String,
    pub(super) started: Option<String>,
    pub(super) completed: Option<String>,
    pub(super) cached: bool,
    pub(super) error: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Status {
    pub(super) id: String,
    pub(super) vertex: String,
    pub(super) current: i64,
    pub(super) total: i64,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Log {
    pub(super) vertex: String,
    pub(super) stream: i64,
    pub(super) data: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Warning {
    pub(super) vertex: String,
    pub(super) short: String,
    pub(super) detail: Option<Vec<String>>,
    pub(super) url: String,
    #[serde(rename = "sourceInfo")]
    pub(super) source: Option<SourceInfo>,
    pub(super) range: Option<Vec<Range>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct SourceInfo {
    pub(super) filename: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Range {
    pub(super) start: Place,
    pub(super) end: Place,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Place {
    pub(super) line: u32,
}

/// Standard base64, as Go writes `[]byte`; what is damaged is left out, invalid UTF-8 becomes U+FFFD.
pub(super) fn decode(text: &str) -> String {
    let bytes = base64::decode(text);
    String::from_utf8(bytes).unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_reads_as_go_writes_it() {
        for (base64, text) in [
            ("", ""),
            ("YQ==", "a"),
            ("YWI=", "ab"),
            ("YWJj", "abc"),
            ("bGluZSAwCg==", "line 0\n"),
            ("w6nihpI=", "\u{e9}\u{2192}"),
            ("/w==", "\u{fffd}"),
        ] {
            assert_eq!(decode(base64), text, "{base64}");
        }
    }

    #[test]
    fn unknown_and_missing_fields_are_no_error() {
        let line: Line =
            serde_json::from_str(r#"{"vertexes":[{"name":"x","new":{"a":1}}],"logs":null}"#)
                .unwrap();
        assert_eq!(line.vertexes.unwrap()[0].name, "x");
        assert!(line.logs.is_none() && line.statuses.is_none());
    }
}
