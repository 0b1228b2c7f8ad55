//! What an analysis has to say about a file or an image.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::BTreeMap;

use camino::Utf8PathBuf;
use serde::Serialize;

use crate::edit::Fix;
use crate::source::{Location, compare_paths};

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// A matter of taste; changes no exit code.
    Style,
    /// Worth knowing; changes no exit code.
    Note,
    /// Likely wrong.
    Warning,
    /// Wrong.
    Error,
}

impl Severity {
    /// The word every format uses.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Style => "style",
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// A stable code such as `B001`.
    pub code: Cow<'static, str>,
    /// The name of what was found, in kebab case: `image-over-budget`.
    pub name: Cow<'static, str>,
    /// How bad it is.
    pub severity: Severity,
    /// A lower-case sentence.
    pub message: String,
    /// The file, relative to the repository's root.
    pub path: Option<Utf8PathBuf>,
    /// The place in the file.
    pub location: Option<Location>,
    /// Other places that it is about.
    pub related: Vec<Related>,
    /// What to do.
    pub help: Vec<String>,
    /// Facts for machines: sizes, names, limits.
    pub properties: BTreeMap<String, serde_json::Value>,
    /// Other names of the same check, in other tools: `DuplicateStageName`.
    pub aliases: &'static [&'static str],
    /// How to mend it. Of many findings few have one.
    pub fix: Option<Box<Fix>>,
    /// What it is about besides its place, where several findings of one code are about one place: the vulnerability and
    /// the package. It tells them apart when some of them are gone.
    pub subject: Option<String>,
    /// What it is recognized by after other lines have moved, where somebody asked for it.
    pub fingerprint: Option<String>,
}

/// A place that a finding is about besides its own: the other half of a contradiction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Related {
    /// Where.
    pub location: Location,
    /// What is there, as a lower-case clause.
    pub message: String,
}

impl Finding {
    /// A finding that says `message`.
    pub fn new(
        code: impl Into<Cow<'static, str>>,
        name: impl Into<Cow<'static, str>>,
        severity: Severity,
        message: impl Into<String>,
    ) -> Self {
        Self {
            code: code.into(),
            name: name.into(),
            severity,
            message: message.into(),
            path: None,
            location: None,
            related: Vec::new(),
            help: Vec::new(),
            properties: BTreeMap::new(),
            aliases: &[],
            fix: None,
            subject: None,
            fingerprint: None,
        }
    }

    /// Names the file.
    #[must_use]
    pub fn in_file(mut self, path: impl Into<Utf8PathBuf>) -> Self {
        self.path = Some(path.into());
        self
    }

    /// Points at a place, which names the file too.
    #[must_use]
    pub fn at(mut self, location: Location) -> Self {
        self.path = Some(location.source.path().to_owned());
        self.location = Some(location);
        self
    }

    /// Adds what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }

    /// Adds a fact for machines.
    #[must_use]
    pub fn property(
        mut self,
        name: impl Into<String>,
        value: impl Into<serde_json::Value>,
    ) -> Self {
        self.properties.insert(name.into(), value.into());
        self
    }

    /// Position, then code, then message: the order of every report within a file.
    fn order(&self) -> (Option<usize>, &str, &str) {
        (
            self.location.as_ref().map(|l| l.span.start),
            &self.code,
            &self.message,
        )
    }

    /// Which of two files comes first. Paths are compared part by part, which is slow, and most neighbors are of one
    /// file.
    pub(crate) fn compare_files(&self, other: &Self) -> Ordering {
        match (&self.path, &other.path) {
            (Some(a), Some(b)) if a.as_str() == b.as_str() => Ordering::Equal,
            (Some(a), Some(b)) => compare_paths(a, b),
            (a, b) => a.is_some().cmp(&b.is_some()),
        }
    }
}

/// Findings in the order every report keeps, whatever order they were found in.
#[must_use]
pub fn sorted(findings: &[Finding]) -> Vec<&Finding> {
    let mut sorted: Vec<_> = findings.iter().collect();
    // Mostly they come file by file.
    if !sorted.is_sorted_by(|a, b| a.compare_files(b).is_le()) {
        sorted.sort_by(|a, b| a.compare_files(b));
    }
    for of_file in sorted.chunk_by_mut(|a, b| a.compare_files(b).is_eq()) {
        of_file.sort_by(|a, b| a.order().cmp(&b.order()));
    }
    sorted
}
