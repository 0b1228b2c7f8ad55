//! Findings that are known: only new ones count.

use std::collections::BTreeMap;

use camino::Utf8PathBuf;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::finding::Finding;
use crate::source::{Source, Span};

/// The version of the file's shape.
const SCHEMA_VERSION: u32 = 1;

/// A file of known findings.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Baseline {
    schema_version: u32,
    findings: Vec<Known>,
}

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Known {
    /// The file, from the root.
    pub path: Utf8PathBuf,
    /// The code.
    pub code: String,
    /// What was found, for whoever reads the file.
    pub message: String,
    /// What it is recognized by.
    pub fingerprint: String,
}

/// What a baseline says about a run.
#[derive(Debug, Default)]
pub struct Comparison {
    /// Findings that are not known.
    pub new: Vec<Finding>,
    /// How many are.
    pub known: usize,
    /// Entries under which nothing was found any more, in files that were judged.
    pub stale: Vec<Known>,
}

impl Baseline {
    /// All of these findings are known from now on.
    #[must_use]
    pub fn of(findings: &[Finding]) -> Self {
        let mut findings: Vec<Known> = findings
            .iter()
            .map(|finding| Known {
                path: finding.path().map(ToOwned::to_owned).unwrap_or_default(),
                code: finding.code.to_string(),
                message: finding.message.clone(),
                fingerprint: finding.details().fingerprint.clone().unwrap_or_default(),
            })
            .collect();
        findings.sort();
        Self {
            schema_version: SCHEMA_VERSION,
            findings,
        }
    }

    /// Reads the file.
    ///
    /// # Errors
    /// It is no baseline, or one of another version.
    pub fn parse(source: &Source) -> Result<Self> {
        let broken = |span: Span, error: String| {
            Err(Error::usage("the baseline cannot be read")
                .because(error)
                .help("write it again with `--write-baseline`")
                .at(source.location(span)))
        };
        match serde_json::from_str::<Self>(source.text()) {
            Ok(baseline) if baseline.schema_version == SCHEMA_VERSION => Ok(baseline),
            Ok(baseline) => broken(
                Span::default(),
                format!(
                    "it is of version {}, and this program reads {SCHEMA_VERSION}",
                    baseline.schema_version
                ),
            ),
            Err(error) => {
                let at = source.offset(error.line(), error.column());
                broken(Span::new(at, at), error.to_string())
            }
        }
    }

    /// The file's text.
    #[must_use]
    pub fn json(&self) -> String {
        // Plain strings and numbers always serialize.
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }

    /// Tells new findings from known ones. `judged` tells whether a file was looked at: what is known about others is
    /// not stale.
    #[must_use]
    pub fn compare(&self, findings: Vec<Finding>, judged: &dyn Fn(&str) -> bool) -> Comparison {
        let mut open: BTreeMap<&str, Vec<&Known>> = BTreeMap::new();
        for known in self.findings.iter().rev() {
            open.entry(&known.fingerprint).or_default().push(known);
        }
        let mut comparison = Comparison::default();
        for finding in findings {
            let known = finding
                .details()
                .fingerprint
                .as_deref()
                .and_then(|fingerprint| open.get_mut(fingerprint))
                .and_then(Vec::pop);
            match known {
                Some(_) => comparison.known += 1,
                None => comparison.new.push(finding),
            }
        }
        comparison.stale = open
            .into_values()
            .flatten()
            .filter(|known| judged(known.path.as_str()))
            .cloned()
            .collect();
        comparison.stale.sort();
        comparison
    }
}
