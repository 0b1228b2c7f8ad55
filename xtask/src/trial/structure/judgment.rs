//! One verdict for each test: how it is put, and what a command must have shown.

use std::time::Duration;

use super::file::{CommandTest, Expected, TestFile};
use super::properties::COMMAND;
use crate::source::Span;
use crate::trial::logs::clipped;
use crate::trial::{Outcome, Property, Verdict};

/// Lines of an output that are shown as evidence.
const SHOWN_LINES: usize = 5;

/// What a command did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ran {
    /// Its exit code.
    pub code: i64,
    /// What it printed to standard output; both outputs where it had a terminal.
    pub output: String,
    /// What it printed to standard error.
    pub error: String,
    /// Setup steps that did not end with 0, as they are told. They do not fail the test by themselves.
    pub remarks: Vec<String>,
}

/// A test that is being judged.
pub(super) struct Judgment<'f> {
    file: &'f TestFile,
    property: &'static Property,
    place: Span,
    name: String,
    wrong: Vec<String>,
    evidence: Vec<String>,
}

impl<'f> Judgment<'f> {
    pub(super) fn new(
        file: &'f TestFile,
        property: &'static Property,
        place: Span,
        name: &str,
    ) -> Self {
        Self {
            file,
            property,
            place,
            name: name.to_owned(),
            wrong: Vec::new(),
            evidence: Vec::new(),
        }
    }

    /// It does not hold, for this reason.
    pub(super) fn wrong(&mut self, why: String) {
        self.wrong.push(why);
    }

    /// What proves it, where something is wrong.
    pub(super) fn evidence(&mut self, line: String) {
        self.evidence.push(line);
    }

    /// The first lines of a text, as evidence.
    pub(super) fn shown(&mut self, what: &str, text: &str) {
        let lines = text.lines().filter(|line| !line.trim().is_empty());
        let shown: Vec<String> = lines
            .map(|line| format!("{what}: {}", clipped(line)))
            .take(SHOWN_LINES)
            .collect();
        if shown.is_empty() {
            self.evidence(format!("{what}: (nothing)"));
        }
        self.evidence.extend(shown);
    }

    /// Holds a text to patterns.
    pub(super) fn hold(&mut self, what: &str, text: &str, expected: &Expected) {
        for pattern in &expected.expected {
            if !pattern.is_match(text) {
                self.wrong(format!(
                    "{what} has nothing that matches `{}`",
                    pattern.written()
                ));
            }
        }
        for pattern in &expected.excluded {
            if pattern.is_match(text) {
                self.wrong(format!("{what} has what `{}` excludes", pattern.written()));
            }
        }
    }

    /// It cannot be told.
    pub(super) fn unknown(self, why: &str) -> Verdict {
        self.verdict(Outcome::Unknown, why, Duration::ZERO)
    }

    /// Passed, with what was seen, unless something is wrong.
    pub(super) fn finish(self, seen: &str, took: Duration) -> Verdict {
        if self.wrong.is_empty() {
            let mut passed = self.verdict(Outcome::Passed, seen, took);
            passed.evidence = Vec::new();
            return passed;
        }
        let why = self.wrong.join("; ");
        self.verdict(Outcome::Failed, &why, took)
    }

    fn verdict(self, outcome: Outcome, detail: &str, took: Duration) -> Verdict {
        let place = self.file.place(self.place);
        let evidence = std::iter::once(place).chain(self.evidence).collect();
        Verdict {
            property: self.property,
            outcome,
            detail: format!("{}: {detail}", self.name),
            evidence,
            took,
        }
    }
}

/// Whether a command did what its test expects. `Err` is why it did not run at all.
#[must_use]
pub fn command(
    file: &TestFile,
    test: &CommandTest,
    ran: Result<&Ran, &Failure>,
    took: Duration,
) -> Verdict {
    let mut judgment = Judgment::new(file, &COMMAND, test.name.span, &test.name.value);
    let ran = match ran {
        Ok(ran) => ran,
        Err(Failure::DidNotStart(why)) => {
            judgment.wrong(format!("it could not be started: {}", clipped(why)));
            return judgment.finish("", took);
        }
        Err(Failure::Unknown(why)) => return judgment.unknown(&clipped(why)),
    };
    if ran.code != test.exit_code {
        judgment.wrong(format!(
            "it ended with {}, not {}",
            ran.code, test.exit_code
        ));
    }
    judgment.hold("its output", &ran.output, &test.output);
    judgment.hold("its error output", &ran.error, &test.error);
    for remark in &ran.remarks {
        judgment.evidence(remark.clone());
    }
    judgment.shown("stdout", &ran.output);
    judgment.shown("stderr", &ran.error);
    judgment.finish(&format!("ended with {} as expected", ran.code), took)
}

/// Why a command left nothing to judge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The engine could not start it: no such program, no such user.
    DidNotStart(String),
    /// It could not be told how it ends.
    Unknown(String),
}
