//! What `docker-deploy` came to, as text.

use std::fmt::Write as _;

use camino::Utf8PathBuf;
use serde::Serialize;

use super::Arguments;
use crate::cli::Common;
use crate::commands::json::json;
use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::finding::Finding;
use crate::lint;
use crate::report::{self, Color, Format, RuleDescription};

/// The version of the JSON shape; raised when a field changes its meaning or goes away.
const SCHEMA_VERSION: u32 = 1;

/// What was done and found.
pub(super) struct Report<'a> {
    pub(super) findings: &'a [Finding],
    pub(super) judged: &'a [Judged],
    pub(super) written: &'a [Utf8PathBuf],
    /// How many files are generated.
    pub(super) generated: usize,
}

/// An environment that was judged.
#[derive(Serialize)]
pub(super) struct Judged {
    pub(super) name: String,
    pub(super) path: String,
    /// How many objects it comes to.
    pub(super) objects: usize,
}

#[derive(Serialize)]
struct Document<'a> {
    schema_version: u32,
    environments: &'a [Judged],
    /// The files that were written or removed.
    written: &'a [Utf8PathBuf],
    findings: serde_json::Value,
}

/// Prints it as it was asked for.
pub(super) fn print(
    report: &Report<'_>,
    arguments: &Arguments,
    common: &Common,
    environment: &Environment,
) -> Result<()> {
    let color = common.color.stdout(environment);
    let text = match arguments.format {
        Format::Terminal => terminal(report, common.quiet, color),
        Format::Json => document(report)?,
        format => report::render_with_rules(report.findings, &rules(), format, color),
    };
    environment.print(&text)
}

fn terminal(report: &Report<'_>, quiet: bool, color: Color) -> String {
    let mut text = String::new();
    for path in report.written {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{path} is written");
    }
    text.push_str(&report::render(report.findings, Format::Terminal, color));
    if quiet {
        return text;
    }
    if report.findings.is_empty() && report.generated > 0 {
        let _ = writeln!(
            text,
            "{} are up to date",
            lint_number(report.generated, "generated file")
        );
    }
    for one in report.judged {
        let _ = writeln!(
            text,
            "{}: {} judged",
            one.name,
            lint_number(one.objects, "object")
        );
    }
    text
}

fn lint_number(count: usize, what: &str) -> String {
    crate::commands::lint::number(count, what)
}

/// The findings as in every command, with what was judged.
fn document(report: &Report<'_>) -> Result<String> {
    let rendered = report::render(report.findings, Format::Json, Color::Plain);
    let rendered: serde_json::Value = serde_json::from_str(&rendered)
        .map_err(|error| Error::failed("failed to write the answer as JSON").because(error))?;
    json(&Document {
        schema_version: SCHEMA_VERSION,
        environments: report.judged,
        written: report.written,
        findings: rendered.get("findings").cloned().unwrap_or_default(),
    })
}

/// What the rules say of themselves.
fn rules() -> Vec<RuleDescription> {
    lint::all()
        .iter()
        .filter(|rule| matches!(rule.check, lint::Check::Deployment))
        .map(|rule| RuleDescription {
            code: rule.code.to_owned(),
            summary: rule.summary.to_owned(),
            page: lint::page::page(rule),
            severity: rule.severity,
            tags: vec![lint::page::category(rule.category).to_owned()],
        })
        .collect()
}
