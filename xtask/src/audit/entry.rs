//! One entry: what happened, and its place in the chain.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use clap::ValueEnum;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use super::canonical::{canonical, canonical_without};
use crate::error::{Error, Result};
use crate::timestamp::Timestamp;

/// The version of an entry's shape; raised when a field changes its meaning or goes away.
pub const SCHEMA_VERSION: u32 = 1;

/// What the first entry has in place of the hash of an entry before it.
pub const FIRST_PREVIOUS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// The longest line that is read, in bytes: an entry has some hundred, and a hostile file shall not fill the memory.
pub const LONGEST_LINE: usize = 1 << 20;

/// What was done.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ValueEnum,
)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// An image was built.
    Build,
    /// An image was scanned.
    Scan,
    /// An image was started, and what it showed was judged.
    Test,
    /// An image was signed, or something was attested about it.
    Sign,
    /// An image's signatures were checked against the policy.
    Verify,
    /// An image was pushed to its registry.
    Push,
    /// An image was put to work.
    Deploy,
    /// An earlier image was put to work again.
    Rollback,
    /// The trail itself was found damaged, and what is known of the damage was written down.
    Recovery,
}

impl Action {
    /// As it is written.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Build => "build",
            Self::Scan => "scan",
            Self::Test => "test",
            Self::Sign => "sign",
            Self::Verify => "verify",
            Self::Push => "push",
            Self::Deploy => "deploy",
            Self::Rollback => "rollback",
            Self::Recovery => "recovery",
        }
    }
}

/// Who did it, as far as the machine tells. None of it is proven: it is what the process was told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Actor {
    /// The author git would write into a commit: `Name <address>`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub git: Option<String>,
    /// Who started the pipeline, and where: `github:octocat https://…/runs/1`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ci: Option<String>,
    /// `user@machine`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
}

/// What the checkout was.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// The full hash of the commit.
    pub commit: String,
    /// Whether the work tree differed from it.
    pub dirty: bool,
}

/// Which image it was.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Image {
    /// The service or base, where it is one of the project.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its full name with tag or digest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// Of its manifest or index: `sha256:…`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// Such as `linux/amd64`; none for an index of several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub platform: Option<String>,
}

/// What a check came to.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ValueEnum,
)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// Nothing is wrong.
    Pass,
    /// Something is wrong.
    Fail,
    /// It could not be told. Never as good as a pass.
    Unknown,
}

impl Outcome {
    /// As it is written.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Unknown => "unknown",
        }
    }
}

/// One verdict.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// What was judged: `budget`, `vulnerabilities`, `signature`, ….
    pub check: String,
    /// What it came to.
    pub outcome: Outcome,
    /// Why, as a phrase.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// An entry before it has its place in the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// When, by the machine's clock.
    pub time: Timestamp,
    /// What.
    pub action: Action,
    /// Who.
    pub actor: Actor,
    /// Program and version that wrote it.
    pub tool: String,
    /// Of which commit.
    pub source: Option<Source>,
    /// Of which image.
    pub image: Option<Image>,
    /// What the checks said.
    pub verdicts: Vec<Check>,
    /// Further facts, by name.
    pub details: BTreeMap<String, String>,
}

/// An entry as it stands in the trail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// From 0, without gaps.
    pub sequence: u64,
    /// The hash of the entry before; [`FIRST_PREVIOUS`] in the first.
    pub previous: String,
    /// When.
    pub time: Timestamp,
    /// What.
    pub action: Action,
    /// Who.
    #[serde(default)]
    pub actor: Actor,
    /// Program and version that wrote it.
    pub tool: String,
    /// Of which commit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    /// Of which image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<Image>,
    /// What the checks said.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub verdicts: Vec<Check>,
    /// Further facts, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub details: BTreeMap<String, String>,
    /// SHA-256 over the canonical form (RFC 8785) of all the other fields, in hexadecimal.
    #[serde(default)]
    pub hash: String,
}

/// The end of the trail: whoever knows it can tell whether anything before it was touched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Of the last entry.
    pub sequence: u64,
    /// Of the last entry.
    pub hash: String,
}

impl Draft {
    /// Gives it its place behind `after`; the line for the trail, with its line break, and the new end.
    ///
    /// # Errors
    /// It is too long for a line of the trail.
    pub fn seal(&self, after: Option<&Head>) -> Result<(String, Head)> {
        let entry = Entry {
            schema_version: SCHEMA_VERSION,
            sequence: after.map_or(0, |head| head.sequence + 1),
            previous: after.map_or_else(|| FIRST_PREVIOUS.to_owned(), |head| head.hash.clone()),
            time: self.time,
            action: self.action,
            actor: self.actor.clone(),
            tool: self.tool.clone(),
            source: self.source.clone(),
            image: self.image.clone(),
            verdicts: self.verdicts.clone(),
            details: self.details.clone(),
            hash: String::new(),
        };
        let failed = |why: String| Error::failed("failed to write an audit entry").because(why);
        let value = serde_json::to_value(&entry).map_err(|e| failed(e.to_string()))?;
        let Value::Object(mut object) = value else {
            return Err(failed("it is no object".to_owned()));
        };
        let hash = hash_of(&object).map_err(failed)?;
        object.insert("hash".to_owned(), Value::from(hash.clone()));
        let mut line = canonical(&Value::Object(object)).map_err(failed)?;
        line.push('\n');
        if line.len() > LONGEST_LINE {
            return Err(failed(format!("it has more than {LONGEST_LINE} bytes")));
        }
        let sequence = entry.sequence;
        Ok((line, Head { sequence, hash }))
    }
}

/// What counts for the chain of one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What it says its place is.
    pub sequence: u64,
    /// What it says the hash of the entry before is.
    pub previous: String,
    /// What it says its own hash is.
    pub hash: String,
    /// What its hash is.
    pub actual: String,
    /// Whether it is spelled as the canonical form is.
    pub is_canonical: bool,
    /// What was done, where the line says it as this version writes it.
    pub action: Option<Action>,
}

impl Line {
    /// Reads a line without its line break.
    ///
    /// # Errors
    /// Why it is no entry.
    pub fn read(bytes: &[u8]) -> Result<Self, String> {
        let text = std::str::from_utf8(bytes).map_err(|_| "it is no UTF-8 text".to_owned())?;
        let object: Map<String, Value> =
            serde_json::from_str(text).map_err(|e| format!("it is no JSON object ({e})"))?;
        let hex = |key: &str| {
            let value = object.get(key).and_then(Value::as_str);
            value
                .filter(|hash| is_hash(hash))
                .map(str::to_owned)
                .ok_or_else(|| format!("its `{key}` is no SHA-256 in hexadecimal"))
        };
        let sequence = object.get("sequence").and_then(Value::as_u64);
        let action = object.get("action").and_then(Value::as_str);
        let line = Self {
            sequence: sequence.ok_or("its `sequence` is no whole number")?,
            previous: hex("previous")?,
            hash: hex("hash")?,
            actual: hash_of(&object)?,
            action: action.and_then(|word| Action::from_str(word, false).ok()),
            is_canonical: false,
        };
        let whole = canonical(&Value::Object(object))?;
        Ok(Self {
            is_canonical: whole.as_bytes() == bytes,
            ..line
        })
    }

    /// Whether it is what somebody wrote, from the first byte to the last.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.is_canonical && self.hash == self.actual
    }
}

/// The end of a trail whose last whole line is `line`.
///
/// # Errors
/// Why nothing can be put behind it.
pub fn read_end(line: &[u8]) -> Result<Head, String> {
    let line = Line::read(line)?;
    if !line.is_sound() {
        return Err("its hash is not that of its contents".to_owned());
    }
    Ok(Head {
        sequence: line.sequence,
        hash: line.hash,
    })
}

/// Sixty-four hexadecimal digits in lower case.
fn is_hash(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

fn hash_of(object: &Map<String, Value>) -> Result<String, String> {
    let text = canonical_without(object, "hash")?;
    let digest = Sha256::digest(text.as_bytes());
    Ok(digest.iter().fold(String::new(), |mut hex, byte| {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    }))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::audit) fn draft(number: u64) -> Draft {
        Draft {
            time: Timestamp::from_unix_seconds(1_796_000_000 + i64::try_from(number).unwrap()),
            action: Action::Build,
            actor: Actor {
                git: Some("Ada <ada@example.org>".to_owned()),
                host: Some("ada@machine".to_owned()),
                ..Actor::default()
            },
            tool: "xtask 0.1.0".to_owned(),
            source: Some(Source {
                commit: "0123456789abcdef0123456789abcdef01234567".to_owned(),
                dirty: false,
            }),
            image: Some(Image {
                name: Some(format!("service-{number}")),
                digest: Some(format!("sha256:{number:064x}")),
                ..Image::default()
            }),
            verdicts: vec![Check {
                check: "budget".to_owned(),
                outcome: Outcome::Pass,
                detail: None,
            }],
            details: BTreeMap::from([("note".to_owned(), "quoted \"é\"\n".to_owned())]),
        }
    }

    #[test]
    fn an_entry_is_one_canonical_line_that_is_read_again() {
        let (line, head) = draft(1).seal(None).unwrap();
        insta::assert_snapshot!(line, @r#"{"action":"build","actor":{"git":"Ada <ada@example.org>","host":"ada@machine"},"details":{"note":"quoted \"é\"\n"},"hash":"b93c398bd197fa3b88513ca9113765539531ea351d1782853fa1debd9761a87b","image":{"digest":"sha256:0000000000000000000000000000000000000000000000000000000000000001","name":"service-1"},"previous":"0000000000000000000000000000000000000000000000000000000000000000","schema_version":1,"sequence":0,"source":{"commit":"0123456789abcdef0123456789abcdef01234567","dirty":false},"time":"2026-11-30T00:53:21Z","tool":"xtask 0.1.0","verdicts":[{"check":"budget","outcome":"pass"}]}"#);
        let read = Line::read(line.trim_end().as_bytes()).unwrap();
        assert!(read.is_sound());
        assert_eq!((read.sequence, &read.hash), (0, &head.hash));
        assert_eq!(read.previous, FIRST_PREVIOUS);
        let entry: Entry = serde_json::from_str(&line).unwrap();
        assert_eq!(entry.image, draft(1).image);
        assert_eq!(entry.time, draft(1).time);
        let (_, second) = draft(2).seal(Some(&head)).unwrap();
        assert_eq!(second.sequence, 1);
        assert_eq!(read_end(line.trim_end().as_bytes()).unwrap(), head);
    }

    #[test]
    fn an_entry_that_is_too_long_is_refused() {
        let mut long = draft(1);
        long.details
            .insert("x".to_owned(), "y".repeat(LONGEST_LINE));
        let error = long.seal(None).unwrap_err();
        assert!(error.to_string().contains("more than"), "{error}");
    }

    #[test]
    fn what_is_no_entry_is_told() {
        let (line, _) = draft(1).seal(None).unwrap();
        let line = line.trim_end();
        for (text, expected) in [
            (
                line.replace("\"sequence\":0", "\"sequence\":-1"),
                "`sequence`",
            ),
            (line.replace(FIRST_PREVIOUS, "00"), "`previous`"),
            (
                line.replace("\"schema_version\":1", "\"schema_version\":1.5"),
                "whole number",
            ),
            ("[]".to_owned(), "no JSON object"),
            (String::new(), "no JSON object"),
        ] {
            let error = Line::read(text.as_bytes()).unwrap_err();
            assert!(error.contains(expected), "{text}: {error}");
        }
        assert!(Line::read(b"\xff{}").unwrap_err().contains("UTF-8"));
        assert!(Line::read("[".repeat(1 << 16).as_bytes()).is_err());
        // The same values, spelled differently.
        let spaced = line.replace("\"action\":\"build\"", "\"action\": \"build\"");
        let read = Line::read(spaced.as_bytes()).unwrap();
        assert!(!read.is_canonical && read.hash == read.actual);
        // A key twice: readers disagree about which one counts.
        let twice = line.replacen('{', "{\"action\":\"deploy\",", 1);
        assert!(!Line::read(twice.as_bytes()).unwrap().is_sound());
    }
}
