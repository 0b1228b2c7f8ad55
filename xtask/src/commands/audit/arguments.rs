//! Options of `docker-audit`.

use std::collections::BTreeMap;
use std::str::FromStr;

use camino::Utf8PathBuf;
use clap::{Args, Subcommand, ValueEnum};

use super::Event;
use crate::audit;
use crate::audit::{Check, Image, Outcome};
use crate::commands::engine;
use crate::report::Format;

/// Options of `docker-audit`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// What to do
    #[command(subcommand)]
    pub action: Action,
    /// The file of the record, instead of the one that `DOCKER_AUDIT_FILE` or the manifest names
    #[arg(long, global = true, value_name = "FILE")]
    pub file: Option<Utf8PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  cargo xtask docker-audit list                        the newest twenty entries
  cargo xtask docker-audit list --image api --action push --since '7 days'
  cargo xtask docker-audit verify                      whether it was tampered with
  cargo xtask docker-audit verify --head 41:9f86d08…   and whether it still holds what you know
  cargo xtask docker-audit export --format csv --output audit.csv
  cargo xtask docker-audit record deploy --image api --digest sha256:… --verdict health=pass

Exit codes: 0 clean, 1 the record was tampered with, 2 usage or configuration, 4 it cannot be written.";

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Action {
    /// Show the newest entries
    #[command(
        after_help = "Examples:\n  cargo xtask docker-audit list --image api -n 5\n  cargo xtask docker-audit list --action push --since '7 days' --format json"
    )]
    List {
        /// Which entries
        #[command(flatten)]
        entries: Entries,
        /// How many at most
        #[arg(long, short = 'n', default_value_t = 20, value_name = "NUMBER")]
        limit: usize,
        /// How to print them
        #[arg(long, value_enum, default_value_t)]
        format: ListFormat,
    },
    /// Check that nothing was changed, removed, put in, moved or cut off
    #[command(
        after_help = "Examples:\n  cargo xtask docker-audit verify\n  cargo xtask docker-audit verify --head 41:9f86d08…"
    )]
    Verify(Verification),
    /// Write all entries for other programs
    #[command(
        after_help = "Examples:\n  cargo xtask docker-audit export --output audit.jsonl\n  cargo xtask docker-audit export --format csv --action deploy"
    )]
    Export {
        /// Which entries
        #[command(flatten)]
        entries: Entries,
        /// How to write them
        #[arg(long, value_enum, default_value_t)]
        format: ExportFormat,
        /// Where to write them instead of standard output
        #[arg(long, short, value_name = "FILE")]
        output: Option<Utf8PathBuf>,
    },
    /// Print place and hash of the last entry, to be kept where the record's owner cannot change it
    #[command(after_help = "Example:\n  cargo xtask docker-audit head --format json")]
    Head {
        /// How to print it
        #[arg(long, value_enum, default_value_t)]
        format: engine::Format,
    },
    /// Put in an entry about something that another program did
    #[command(
        after_help = "Example:\n  cargo xtask docker-audit record deploy --image api --digest sha256:… --verdict health=pass"
    )]
    Record(Recorded),
}

/// Which entries.
#[derive(Clone, Debug, Default, Args)]
pub struct Entries {
    /// Of this image: its name, full name or digest
    #[arg(long = "image", value_name = "IMAGE")]
    pub images: Vec<String>,
    /// With this action
    #[arg(long = "action", value_enum, value_name = "ACTION")]
    pub actions: Vec<audit::Action>,
    /// Not before this day, moment or age
    #[arg(long, value_name = "WHEN")]
    pub since: Option<String>,
    /// Before this day, moment or age
    #[arg(long, value_name = "WHEN")]
    pub until: Option<String>,
}

/// Options of `docker-audit verify`.
#[derive(Debug, Args)]
pub struct Verification {
    /// An entry that must be in it, as `docker-audit head` printed it: HASH or SEQUENCE:HASH
    #[arg(long = "head", value_name = "HASH")]
    pub heads: Vec<Pin>,
    /// How to print the result
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// Options of `docker-audit record`.
#[derive(Debug, Args)]
pub struct Recorded {
    /// What was done
    #[arg(value_enum)]
    pub action: audit::Action,
    /// The service or base
    #[arg(long, value_name = "NAME")]
    pub image: Option<String>,
    /// The image's full name
    #[arg(long, value_name = "REFERENCE")]
    pub reference: Option<String>,
    /// Of its manifest or index
    #[arg(long, value_name = "DIGEST", value_parser = digest)]
    pub digest: Option<String>,
    /// Such as linux/amd64
    #[arg(long, value_name = "PLATFORM")]
    pub platform: Option<String>,
    /// What a check came to: CHECK=pass, fail or unknown
    #[arg(long = "verdict", value_name = "CHECK=OUTCOME")]
    pub verdicts: Vec<Judged>,
    /// A further fact
    #[arg(long = "detail", value_name = "KEY=VALUE")]
    pub details: Vec<Detail>,
}

/// How to print entries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ListFormat {
    /// For people.
    #[default]
    Table,
    /// For programs; documented and versioned.
    Json,
    /// For a job summary or a comment.
    Markdown,
    /// RFC 4180.
    Csv,
}

/// How to write entries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ExportFormat {
    /// One entry per line, each with its hash.
    #[default]
    Jsonl,
    /// One list.
    Json,
    /// RFC 4180.
    Csv,
    /// A table.
    Markdown,
}

/// `HASH` or `SEQUENCE:HASH`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pin {
    /// Its place, where it is given.
    pub sequence: Option<u64>,
    /// Its hash.
    pub hash: String,
}

impl FromStr for Pin {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (sequence, hash) = match text.split_once(':') {
            Some((sequence, hash)) => (Some(sequence), hash),
            None => (None, text),
        };
        let wrong =
            || "expected HASH or SEQUENCE:HASH, as `docker-audit head` prints it".to_owned();
        let sequence = sequence
            .map(|text| text.parse().map_err(|_| wrong()))
            .transpose()?;
        let hash = hash.to_ascii_lowercase();
        if hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            Ok(Self { sequence, hash })
        } else {
            Err(wrong())
        }
    }
}

/// `CHECK=OUTCOME`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged(Check);

impl FromStr for Judged {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (check, outcome) = text
            .split_once('=')
            .filter(|(check, _)| !check.is_empty())
            .ok_or("expected CHECK=OUTCOME, such as health=pass")?;
        Ok(Self(Check {
            check: check.to_owned(),
            outcome: Outcome::from_str(outcome, false)?,
            detail: None,
        }))
    }
}

/// `KEY=VALUE`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detail(String, String);

impl FromStr for Detail {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (key, value) = text
            .split_once('=')
            .filter(|(key, _)| !key.is_empty())
            .ok_or("expected KEY=VALUE")?;
        Ok(Self(key.to_owned(), value.to_owned()))
    }
}

fn digest(text: &str) -> Result<String, String> {
    let hex = text.strip_prefix("sha256:").unwrap_or_default();
    if hex.len() == 64 && hex.bytes().all(|b| b.is_ascii_hexdigit()) {
        Ok(text.to_ascii_lowercase())
    } else {
        Err("expected sha256: and 64 hexadecimal digits".to_owned())
    }
}

impl Recorded {
    /// What is to be recorded.
    pub(super) fn event(&self) -> Event {
        let image = Image {
            name: self.image.clone(),
            reference: self.reference.clone(),
            digest: self.digest.clone(),
            platform: self.platform.clone(),
        };
        let details: BTreeMap<String, String> = self
            .details
            .iter()
            .map(|Detail(key, value)| (key.clone(), value.clone()))
            .collect();
        Event {
            action: self.action,
            image: (image != Image::default()).then_some(image),
            verdicts: self
                .verdicts
                .iter()
                .map(|judged| judged.0.clone())
                .collect(),
            details,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_of_an_entry_is_its_hash_with_or_without_its_place() {
        let hash = "Ab".repeat(32);
        let pin: Pin = format!("7:{hash}").parse().unwrap();
        assert_eq!((pin.sequence, pin.hash), (Some(7), "ab".repeat(32)));
        assert_eq!(hash.parse::<Pin>().unwrap().sequence, None);
        for text in ["", "7:", "x:00", "0123", &format!("-1:{hash}")] {
            assert!(text.parse::<Pin>().is_err(), "{text}");
        }
    }

    #[test]
    fn verdicts_and_facts_have_a_name() {
        assert!("health=pass".parse::<Judged>().is_ok());
        for text in ["health", "=pass", "health=maybe"] {
            assert!(text.parse::<Judged>().is_err(), "{text}");
        }
        assert_eq!("a=b=c".parse(), Ok(Detail("a".into(), "b=c".into())));
        assert!("=b".parse::<Detail>().is_err());
        assert!(digest("sha256:00").is_err());
    }
}
