//! `[report]` as types.

use camino::Utf8PathBuf;
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::source::Location;

/// `[report]`: what the project set out to reach.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Report {
    /// The file that names the goals, from the root.
    pub scorecard: Option<Utf8PathBuf>,
    /// The file that keeps what was measured, from the root, where it is written.
    pub history: Option<Utf8PathBuf>,
}

impl Report {
    /// The file that keeps what was measured, from the root; `None` without a scorecard.
    #[must_use]
    pub fn history(&self) -> Option<Utf8PathBuf> {
        let scorecard = self.scorecard.as_ref()?;
        let written = self.history.clone();
        Some(written.unwrap_or_else(|| scorecard.with_extension("jsonl")))
    }

    /// Mistakes that only several keys together make.
    pub(super) fn contradictions(&self, location: impl Fn(&[&str]) -> Location) -> Vec<Error> {
        let mut errors = Vec::new();
        if self.history.is_some() && self.scorecard.is_none() {
            errors.push(
                Error::usage("`report.history` keeps what is measured, and `report.scorecard` names no goals")
                    .help("add `scorecard = \"docker/scorecard.toml\"`")
                    .at(location(&["report", "history"])),
            );
        }
        if self.scorecard.is_some() && self.history == self.scorecard {
            errors.push(
                Error::usage("`report.history` is the scorecard itself, which it would overwrite")
                    .help("leave `history` out, or name another file")
                    .at(location(&["report", "history"])),
            );
        }
        errors
    }
}
