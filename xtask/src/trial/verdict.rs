//! What a trial found: for each subject (an image, the fleet, a release), one verdict for each property.

use std::time::Duration;

use serde::{Serialize, Serializer};

/// The version of the JSON shape of [`Report`]; raised when a field changes its meaning or goes away.
pub const SCHEMA_VERSION: u32 = 1;

/// A property that a subject must have, named for what is wrong where it lacks it (`ignores-sigterm`).
#[derive(Debug, PartialEq, Eq)]
pub struct Property {
    /// Stable, such as `DT1203`; what reports, suppressions and pages call it.
    pub code: &'static str,
    /// Stable, such as `ignores-sigterm`.
    pub name: &'static str,
    /// What holds where it passes, in one sentence.
    pub holds: &'static str,
    /// Why it matters, and what to do where it fails.
    pub help: &'static str,
}

impl Property {
    /// Whether a word means it: its code or its name, in any case.
    #[must_use]
    pub fn is_called(&self, word: &str) -> bool {
        self.code.eq_ignore_ascii_case(word) || self.name.eq_ignore_ascii_case(word)
    }
}

/// Which part of the trial.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Suite {
    /// Each image by itself.
    Image,
    /// Files of container-structure-test.
    Structure,
    /// All services together.
    Fleet,
    /// Pushed, pulled, replaced and rolled back.
    Release,
}

/// How a property was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It holds.
    Passed,
    /// It does not apply, or was not asked for; `detail` says why.
    Skipped,
    /// It could not be told; never counts as passed.
    Unknown,
    /// It does not hold.
    Failed,
}

impl Outcome {
    /// As every format writes it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Skipped => "skipped",
            Self::Unknown => "unknown",
            Self::Failed => "failed",
        }
    }
}

impl Suite {
    /// As the command line and every format write it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Structure => "structure",
            Self::Fleet => "fleet",
            Self::Release => "release",
        }
    }
}

/// What was found of one property.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Verdict {
    /// Which one.
    #[serde(flatten, serialize_with = "property")]
    pub property: &'static Property,
    /// How it was found.
    pub outcome: Outcome,
    /// What was seen, in one sentence: `healthy after 1.0 s`.
    pub detail: String,
    /// What proves it: lines of logs, of `/proc`, of answers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<String>,
    /// How long it took to find out, in milliseconds.
    #[serde(rename = "took_ms", serialize_with = "milliseconds")]
    pub took: Duration,
}

/// What a number counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Unit {
    /// Milliseconds.
    Milliseconds,
    /// Bytes.
    Bytes,
    /// Things.
    Count,
}

/// A number that was measured, and what it may be at most.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Measurement {
    /// Stable, such as `time-to-healthy`.
    pub name: &'static str,
    /// In `unit`.
    pub value: f64,
    /// What it counts.
    pub unit: Unit,
    /// What it may be at most; none where it is only told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub budget: Option<f64>,
}

/// What was tried, with all that was found of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Subject {
    /// The image's name in the project, `fleet`, or the file of tests.
    pub name: String,
    /// Which part of the trial.
    pub suite: Suite,
    /// The image's reference; none where there is more than one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// The image's digest as the engine tells it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// The file that a failure is reported at, from the repository's root: the Dockerfile, the compose file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// In the order they were tried.
    pub verdicts: Vec<Verdict>,
    /// Numbers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub measurements: Vec<Measurement>,
    /// The last lines of the logs of what was started, where something failed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub log_tail: Vec<String>,
}

/// All subjects, by suite and name.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// In order.
    pub subjects: Vec<Subject>,
}

impl Verdict {
    /// One without evidence that took no time.
    #[must_use]
    pub fn new(property: &'static Property, outcome: Outcome, detail: impl Into<String>) -> Self {
        Self {
            property,
            outcome,
            detail: detail.into(),
            evidence: Vec::new(),
            took: Duration::ZERO,
        }
    }

    /// It holds.
    #[must_use]
    pub fn passed(property: &'static Property, detail: impl Into<String>) -> Self {
        Self::new(property, Outcome::Passed, detail)
    }

    /// It does not hold.
    #[must_use]
    pub fn failed(property: &'static Property, detail: impl Into<String>) -> Self {
        Self::new(property, Outcome::Failed, detail)
    }

    /// It does not apply; `detail` says why.
    #[must_use]
    pub fn skipped(property: &'static Property, detail: impl Into<String>) -> Self {
        Self::new(property, Outcome::Skipped, detail)
    }

    /// It cannot be told; `detail` says why.
    #[must_use]
    pub fn unknown(property: &'static Property, detail: impl Into<String>) -> Self {
        Self::new(property, Outcome::Unknown, detail)
    }

    /// With what proves it.
    #[must_use]
    pub fn proven_by(mut self, evidence: impl IntoIterator<Item = String>) -> Self {
        self.evidence.extend(evidence);
        self
    }

    /// With how long it took to find out.
    #[must_use]
    pub const fn took(mut self, took: Duration) -> Self {
        self.took = took;
        self
    }
}

impl Subject {
    /// One of which nothing is found yet.
    #[must_use]
    pub fn new(name: impl Into<String>, suite: Suite) -> Self {
        Self {
            name: name.into(),
            suite,
            image: None,
            digest: None,
            path: None,
            verdicts: Vec::new(),
            measurements: Vec::new(),
            log_tail: Vec::new(),
        }
    }

    /// The worst outcome; passed where there is none.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        let outcomes = self.verdicts.iter().map(|verdict| verdict.outcome);
        outcomes.max().unwrap_or(Outcome::Passed)
    }
}

impl Report {
    /// The worst outcome; passed where there is none.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        let outcomes = self.subjects.iter().map(Subject::outcome);
        outcomes.max().unwrap_or(Outcome::Passed)
    }

    /// Puts subjects in order.
    #[must_use]
    pub fn new(mut subjects: Vec<Subject>) -> Self {
        subjects.sort_by(|a, b| (a.suite, &a.name).cmp(&(b.suite, &b.name)));
        Self {
            schema_version: SCHEMA_VERSION,
            subjects,
        }
    }
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands over a reference to the field"
)]
fn property<S: Serializer>(property: &&'static Property, to: S) -> Result<S::Ok, S::Error> {
    use serde::ser::SerializeMap as _;
    let mut map = to.serialize_map(Some(2))?;
    map.serialize_entry("code", property.code)?;
    map.serialize_entry("property", property.name)?;
    map.end()
}

fn milliseconds<S: Serializer>(took: &Duration, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_u64(u64::try_from(took.as_millis()).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    static SIGTERM: Property = Property {
        code: "DT0000",
        name: "example",
        holds: "it holds",
        help: "mend it",
    };

    #[test]
    fn unknown_is_worse_than_passed_and_failed_is_worst() {
        let verdict =
            |outcome| Verdict::new(&SIGTERM, outcome, "seen").took(Duration::from_millis(12));
        let mut subject = Subject::new("api", Suite::Image);
        subject.verdicts = vec![verdict(Outcome::Passed), verdict(Outcome::Unknown)];
        assert_eq!(subject.outcome(), Outcome::Unknown);
        subject.verdicts.push(verdict(Outcome::Failed));
        assert_eq!(subject.outcome(), Outcome::Failed);
        let told = serde_json::to_value(&subject.verdicts[0]).unwrap();
        let expected = serde_json::json!({
            "code": "DT0000", "property": "example", "outcome": "passed", "detail": "seen", "took_ms": 12
        });
        assert_eq!(told, expected);
    }
}
