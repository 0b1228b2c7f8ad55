//! What `cosign verify-attestation` prints: the statements that hold.

use serde::Deserialize;
use serde_json::Value;

use crate::base64;
use crate::timestamp::Timestamp;

/// A statement about an image that somebody signed.
#[derive(Clone, Debug, PartialEq)]
pub struct Attestation {
    /// What it is about, as a URI.
    pub predicate_type: String,
    /// What it says.
    pub predicate: Value,
    /// Hexadecimal SHA-256 of what it is about.
    pub subjects: Vec<String>,
}

#[derive(Deserialize)]
struct Envelope {
    payload: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Statement {
    predicate_type: String,
    #[serde(default)]
    predicate: Value,
    #[serde(default)]
    subject: Vec<Subject>,
}

#[derive(Deserialize)]
struct Subject {
    #[serde(default)]
    digest: Digest,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Digest {
    sha256: String,
}

/// The statements in what cosign prints: an envelope in each line.
///
/// # Errors
/// A line is an envelope without a statement.
pub fn read_attestations(printed: &[u8]) -> Result<Vec<Attestation>, String> {
    let text = String::from_utf8_lossy(printed);
    let mut attestations = Vec::new();
    for line in text.lines().filter(|line| line.starts_with('{')) {
        let envelope: Envelope = serde_json::from_str(line).map_err(|error| error.to_string())?;
        let payload = base64::decode(&envelope.payload);
        let statement: Statement = serde_json::from_slice(&payload)
            .map_err(|error| format!("what was signed is no in-toto statement: {error}"))?;
        attestations.push(Attestation {
            predicate_type: statement.predicate_type,
            predicate: statement.predicate,
            subjects: statement
                .subject
                .into_iter()
                .map(|subject| subject.digest.sha256)
                .collect(),
        });
    }
    Ok(attestations)
}

/// Where statements tell when they were made: a vulnerability scan, SLSA 1, SLSA 0.2, `CycloneDX`, SPDX.
const TIMES: [&str; 6] = [
    "/metadata/scanFinishedOn",
    "/runDetails/metadata/finishedOn",
    "/runDetails/metadata/startedOn",
    "/metadata/buildFinishedOn",
    "/metadata/timestamp",
    "/creationInfo/created",
];

impl Attestation {
    /// When it says it was made.
    #[must_use]
    pub fn made(&self) -> Option<Timestamp> {
        let text = |pointer: &&str| self.predicate.pointer(pointer)?.as_str()?.parse().ok();
        TIMES.iter().find_map(text)
    }

    /// What a scan says it came to: `pass`, `fail`, `unknown`; `None` where it says nothing of the kind, as those of
    /// other scanners do.
    #[must_use]
    pub fn scan_verdict(&self) -> Option<&str> {
        self.predicate.pointer("/scanner/result/verdict")?.as_str()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(statement: &str) -> Vec<u8> {
        let payload = base64::encode(statement.as_bytes());
        format!("\nVerification for x --\n{{\"payload\":\"{payload}\",\"signatures\":[]}}\n")
            .into_bytes()
    }

    #[test]
    fn statements_tell_what_they_are_about_and_when_they_were_made() {
        let statement = r#"{"_type":"https://in-toto.io/Statement/v0.1","predicateType":"https://cosign.sigstore.dev/attestation/vuln/v1",
            "subject":[{"name":"r/x","digest":{"sha256":"aa"}}],
            "predicate":{"scanner":{"result":{"verdict":"pass"}},"metadata":{"scanFinishedOn":"2026-12-01T00:00:01Z"}}}"#;
        let read = read_attestations(&printed(statement)).unwrap();
        assert_eq!(read.len(), 1);
        assert_eq!(read[0].subjects, ["aa"]);
        assert_eq!(read[0].scan_verdict(), Some("pass"));
        assert_eq!(read[0].made().unwrap().to_string(), "2026-12-01T00:00:01Z");
    }

    #[test]
    fn what_is_no_statement_is_refused_and_what_tells_nothing_is_left_open() {
        assert!(read_attestations(&printed("[]")).is_err());
        assert!(read_attestations(b"{}\n").is_err());
        assert_eq!(read_attestations(b"").unwrap(), []);
        let bare =
            read_attestations(&printed(r#"{"predicateType":"x","predicate":"text"}"#)).unwrap();
        assert_eq!((bare[0].made(), bare[0].scan_verdict()), (None, None));
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in "\\PC{0,80}", statement in "\\PC{0,80}") {
            let _ = read_attestations(text.as_bytes());
            let _ = read_attestations(&printed(&statement));
        }
    }
}
