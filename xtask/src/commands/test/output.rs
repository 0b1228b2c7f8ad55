//! What is told about a trial, in each format.

mod junit;

use std::fmt::Write as _;

use serde::Serialize;

use crate::commands::json::json;
use crate::error::Result;
use crate::finding::{Finding, Severity};
use crate::report::table::{Alignment, Table};
use crate::report::{self, Color, Format};
use crate::size::Bytes;
use crate::trial::{self, Measurement, Outcome, Report, Subject, Unit, Verdict};

/// How much is told to people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Detail {
    /// What is wrong.
    Quiet,
    /// One line for each subject, and what is wrong.
    Normal,
    /// Every verdict, with how long it took.
    Verbose,
}

/// In the format that was asked for.
///
/// # Errors
/// It cannot be written as JSON.
pub(super) fn text(
    report: &Report,
    format: Format,
    detail: Detail,
    color: Color,
) -> Result<String> {
    Ok(match format {
        Format::Terminal => terminal(report, detail, color),
        Format::Json => json(&Document::of(report))?,
        Format::Junit => junit::render(report),
        Format::Markdown => markdown(report),
        format => report::render(&findings(report), format, color),
    })
}

/// What programs read.
#[derive(Serialize)]
struct Document<'a> {
    schema_version: u32,
    /// The worst of all.
    outcome: Outcome,
    subjects: Vec<SubjectDocument<'a>>,
}

#[derive(Serialize)]
struct SubjectDocument<'a> {
    /// The worst of its verdicts.
    outcome: Outcome,
    #[serde(flatten)]
    subject: &'a Subject,
}

impl<'a> Document<'a> {
    fn of(report: &'a Report) -> Self {
        let document = |subject: &'a Subject| SubjectDocument {
            outcome: subject.outcome(),
            subject,
        };
        Self {
            schema_version: report.schema_version,
            outcome: report.outcome(),
            subjects: report.subjects.iter().map(document).collect(),
        }
    }
}

/// Verdicts that somebody must act on, with the file they are about.
fn findings(report: &Report) -> Vec<Finding> {
    let finding = |subject: &Subject, verdict: &Verdict| {
        let (severity, said) = match verdict.outcome {
            Outcome::Failed => (Severity::Error, ""),
            Outcome::Unknown => (Severity::Warning, "could not be told: "),
            Outcome::Passed | Outcome::Skipped => return None,
        };
        let property = verdict.property;
        let message = format!("{}: {said}{}", subject.name, verdict.detail);
        let mut finding = Finding::new(property.code, property.name, severity, message)
            .help(property.help)
            .property("subject", subject.name.clone())
            .property("suite", subject.suite.word());
        finding.details_mut().subject = Some(subject.name.clone());
        Some(match &subject.path {
            Some(path) => finding.in_file(path.clone()),
            None => finding,
        })
    };
    let subjects = report.subjects.iter();
    subjects
        .flat_map(|subject| {
            let verdicts = subject.verdicts.iter();
            verdicts.filter_map(move |verdict| finding(subject, verdict))
        })
        .collect()
}

/// The subjects with their numbers.
fn overview(report: &Report) -> Table {
    use Alignment::{Left, Right};
    let mut table = Table::new(&[
        ("SUITE", Left),
        ("SUBJECT", Left),
        ("PASSED", Right),
        ("SKIPPED", Right),
        ("UNKNOWN", Right),
        ("FAILED", Right),
        ("MEASURED", Left),
    ]);
    for subject in &report.subjects {
        let count = |outcome: Outcome| {
            let verdicts = subject.verdicts.iter();
            verdicts
                .filter(|verdict| verdict.outcome == outcome)
                .count()
                .to_string()
        };
        let measured: Vec<String> = subject.measurements.iter().map(measurement).collect();
        table.row([
            subject.suite.word().to_owned(),
            subject.name.clone(),
            count(Outcome::Passed),
            count(Outcome::Skipped),
            count(Outcome::Unknown),
            count(Outcome::Failed),
            measured.join(", "),
        ]);
    }
    table
}

/// `time-to-healthy 1.02 s`; a number as people read it.
fn measurement(measurement: &Measurement) -> String {
    let name = measurement.name;
    format!("{name} {}", number(measurement.value, measurement.unit))
}

/// A measured value with its unit.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a number of bytes, below 2^52"
)]
pub(super) fn number(value: f64, unit: Unit) -> String {
    match unit {
        Unit::Milliseconds if value >= 1000.0 => format!("{:.2} s", value / 1000.0),
        Unit::Milliseconds => format!("{value:.1} ms"),
        Unit::Bytes if value < 0.0 => format!("-{}", Bytes((-value).round() as u64)),
        Unit::Bytes => Bytes(value.round() as u64).to_string(),
        Unit::Count => format!("{value:.0}"),
    }
}

fn terminal(report: &Report, detail: Detail, color: Color) -> String {
    let mut text = String::new();
    if detail != Detail::Quiet {
        text.push_str(&overview(report).plain());
    }
    for subject in &report.subjects {
        let shown: Vec<&Verdict> = subject
            .verdicts
            .iter()
            .filter(|verdict| detail == Detail::Verbose || verdict.outcome >= Outcome::Unknown)
            .collect();
        if shown.is_empty() {
            continue;
        }
        // Writing to a string cannot fail.
        let _ = write!(text, "\n{}\n", subject.name);
        for verdict in shown {
            let property = verdict.property;
            let _ = write!(
                text,
                "  {} {} {}: {}",
                word(verdict.outcome, color),
                property.code,
                property.name,
                verdict.detail
            );
            if detail == Detail::Verbose {
                let _ = write!(text, " ({:.0} ms)", verdict.took.as_secs_f64() * 1e3);
            }
            text.push('\n');
            if verdict.outcome >= Outcome::Unknown {
                for line in &verdict.evidence {
                    let _ = writeln!(text, "      {line}");
                }
            }
            if verdict.outcome == Outcome::Failed {
                let _ = writeln!(text, "    help: {}", property.help);
            }
        }
        if !subject.log_tail.is_empty() {
            let _ = writeln!(text, "    the last lines of its log:");
            for line in &subject.log_tail {
                let _ = writeln!(text, "      {line}");
            }
        }
    }
    if detail != Detail::Quiet {
        let _ = write!(text, "\n{}\n", summary(report));
    }
    text
}

fn word(outcome: Outcome, color: Color) -> String {
    let word = outcome.word();
    if color == Color::Plain {
        return word.to_owned();
    }
    let code = match outcome {
        Outcome::Passed => "32",
        Outcome::Skipped => "2",
        Outcome::Unknown => "33",
        Outcome::Failed => "31",
    };
    format!("\u{1b}[{code}m{word}\u{1b}[0m")
}

fn summary(report: &Report) -> String {
    let count = |outcome: Outcome| {
        let verdicts = report.subjects.iter().flat_map(|subject| &subject.verdicts);
        verdicts
            .filter(|verdict| verdict.outcome == outcome)
            .count()
    };
    format!(
        "{} passed, {} failed, {} could not be told, {} skipped",
        count(Outcome::Passed),
        count(Outcome::Failed),
        count(Outcome::Unknown),
        count(Outcome::Skipped)
    )
}

fn markdown(report: &Report) -> String {
    let mut text = format!(
        "### Image tests\n\n{}\n\n{}",
        summary(report),
        overview(report).markdown()
    );
    let found = findings(report);
    if !found.is_empty() {
        let found = report::render(&found, Format::Markdown, Color::Plain);
        let _ = write!(text, "\n{found}");
    }
    text
}

/// Every property, for `--list`.
pub(super) fn list() -> String {
    use Alignment::Left;
    let mut table = Table::new(&[
        ("CODE", Left),
        ("SUITE", Left),
        ("NAME", Left),
        ("WHAT HOLDS", Left),
    ]);
    for (suite, property) in trial::properties() {
        table.row([
            property.code.to_owned(),
            suite.word().to_owned(),
            property.name.to_owned(),
            property.holds.to_owned(),
        ]);
    }
    table.plain()
}

/// One property, for `--explain`.
pub(super) fn explanation(property: &trial::Property) -> String {
    format!(
        "{} {}\n\nWhat holds where it passes:\n  {}\n\nWhat to do where it fails:\n  {}\n",
        property.code, property.name, property.holds, property.help
    )
}

#[cfg(test)]
#[path = "output/tests.rs"]
mod tests;
