//! Findings and errors as text: one file per format.

use std::io;

use clap::ValueEnum;

use crate::finding::{Finding, Severity, sorted};

mod checkstyle;
pub mod fingerprint;
mod github;
mod gitlab;
mod indented;
mod json;
mod junit;
mod markdown;
pub mod page;
mod sarif;
pub mod table;
pub mod terminal;

#[cfg(test)]
mod tests;

pub(crate) use junit::escape as escape_xml;

/// The version of the JSON shape; raised when a field changes its meaning or goes away.
pub const SCHEMA_VERSION: u32 = 1;

/// What SARIF and `JUnit` call the program that found it.
pub(crate) const TOOL: &str = "cargo-xtask-docker";

/// How findings are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people, with an excerpt of the file.
    #[default]
    Terminal,
    /// For programs; see `schema_version`.
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// Workflow commands that GitHub shows beside the lines.
    Github,
    /// A table for a job summary or a comment.
    Markdown,
    /// `JUnit` XML, for test reporters.
    Junit,
    /// GitLab's code quality report.
    Gitlab,
    /// Checkstyle's XML, for review tools.
    Checkstyle,
}

/// What a rule says about itself, for formats that carry it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleDescription {
    /// The code of its findings.
    pub code: String,
    /// One sentence.
    pub summary: String,
    /// Its page, in Markdown.
    pub page: String,
    /// Unless the configuration says otherwise.
    pub severity: Severity,
    /// What it is about.
    pub tags: Vec<String>,
}

/// Whether terminal text carries colors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Color {
    /// ANSI escapes.
    Styled,
    /// Plain text.
    Plain,
}

/// The findings in one format, always in the same order, ending in a line break (or empty, where the format allows).
#[must_use]
pub fn render(findings: &[Finding], format: Format, color: Color) -> String {
    render_with_rules(findings, &[], format, color)
}

/// As [`render`], into `out`, and where the format allows it without having it in memory as a whole.
///
/// # Errors
/// Of `out`.
pub fn write(
    findings: &[Finding],
    format: Format,
    color: Color,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    match format {
        Format::Json => json::write(&sorted(findings), out),
        _ => out.write_all(render(findings, format, color).as_bytes()),
    }
}

/// As [`render`], with what rules say about themselves; those without a finding are left out.
#[must_use]
pub fn render_with_rules(
    findings: &[Finding],
    rules: &[RuleDescription],
    format: Format,
    color: Color,
) -> String {
    let findings = sorted(findings);
    match format {
        Format::Terminal => terminal::findings(&findings, color),
        Format::Json => json::render(&findings),
        Format::Sarif => sarif::render(&findings, rules),
        Format::Github => github::render(&findings),
        Format::Markdown => markdown::render(&findings),
        Format::Junit => junit::render(&findings),
        Format::Gitlab => gitlab::render(&findings),
        Format::Checkstyle => checkstyle::render(&findings),
    }
}

/// First and last line and column of a finding, 1-based; the end is exclusive.
struct Region {
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
}

fn region(finding: &Finding) -> Option<Region> {
    let location = finding.location.as_ref()?;
    let start = location.source.line_column(location.span.start);
    let end = location
        .source
        .line_column(location.span.end.max(location.span.start));
    Some(Region {
        line: start.line,
        column: start.column,
        end_line: end.line,
        end_column: end.column,
    })
}
