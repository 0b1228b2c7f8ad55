//! The page in each format.

mod junit;
mod markdown;
mod terminal;

use crate::cli::Common;
use crate::commands::json::json;
use crate::error::Result;
use crate::finding::{Finding, Severity};
use crate::report::table::{Alignment, Table};
use crate::report::{self, Color, Format};
use crate::scorecard::{Card, Counts, Definition, Outcome, Row};

/// How much is told to people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Detail {
    /// Rows that are not reached.
    Quiet,
    /// All rows, and why some are not reached.
    Normal,
    /// All that is known of each row.
    Verbose,
}

impl Detail {
    pub(super) fn of(common: &Common) -> Self {
        match (common.quiet, common.verbose) {
            (true, _) => Self::Quiet,
            (_, true) => Self::Verbose,
            _ => Self::Normal,
        }
    }
}

/// In the format that was asked for.
///
/// # Errors
/// It cannot be written as JSON.
pub(super) fn text(
    card: &Card,
    definition: &Definition,
    format: Format,
    detail: Detail,
    color: Color,
) -> Result<String> {
    Ok(match format {
        Format::Terminal => terminal::render(card, detail, color),
        Format::Json => json(card)?,
        Format::Markdown => markdown::render(card),
        Format::Junit => junit::render(card),
        format => report::render(&findings(card, definition), format, color),
    })
}

/// Rows that somebody must act on, with the place where the goal is written.
fn findings(card: &Card, definition: &Definition) -> Vec<Finding> {
    let finding = |row: &Row| {
        let (code, name, severity) = match row.outcome {
            Outcome::Pass => return None,
            Outcome::NotMeasured => ("DG0002", "goal-not-measured", Severity::Warning),
            Outcome::Fail => ("DG0001", "goal-not-reached", Severity::Error),
        };
        let message = format!("{}: {} (the goal: {})", row.id, row.detail, row.goal);
        let mut finding =
            Finding::new(code, name, severity, message).property("row", row.id.clone());
        if !row.command.is_empty() {
            finding = finding.help(format!("see it again with `{}`", row.command));
        }
        finding.details_mut().subject = Some(row.id.clone());
        let place = definition.rows().find(|one| one.id == row.id);
        Some(match place {
            Some(place) => finding.at(place.location.clone()),
            None => finding,
        })
    };
    card.rows().filter_map(finding).collect()
}

/// `31 of 50 goals reached, 2 not reached, 17 not measured`.
fn summary(counts: Counts) -> String {
    format!(
        "{} of {} goals reached, {} not reached, {} not measured",
        counts.pass,
        counts.all(),
        counts.fail,
        counts.not_measured
    )
}

/// How old a measurement is, counted in commits.
fn age(row: &Row) -> String {
    let Some(measured) = &row.measured else {
        return if row.command.is_empty() {
            String::new()
        } else {
            "never".to_owned()
        };
    };
    let age = match (&measured.commit, row.commits_since) {
        (None, _) => "without a commit".to_owned(),
        (_, None) => "another branch".to_owned(),
        (_, Some(0)) => "this commit".to_owned(),
        (_, Some(1)) => "1 commit ago".to_owned(),
        (_, Some(commits)) => format!("{commits} commits ago"),
    };
    if measured.changed {
        format!("{age}*")
    } else {
        age
    }
}

/// What [`age`] marks.
const CHANGED: &str = "* with files that differed from the commit";

/// The first digits of a commit.
fn short(commit: &str) -> &str {
    commit.get(..7).unwrap_or(commit)
}

/// The value, or that there is none.
fn value(row: &Row) -> String {
    row.value
        .map_or_else(|| "\u{2013}".to_owned(), |value| value.to_string())
}

/// Every row with what measures it, for `--list`.
pub(super) fn list(definition: &Definition) -> String {
    use Alignment::Left;
    let mut table = Table::new(&[("ROW", Left), ("GOAL", Left), ("MEASURED BY", Left)]);
    for row in definition.rows() {
        let commands = row.commands();
        let lines: Vec<&str> = commands
            .iter()
            .map(|index| definition.commands[*index].line.as_str())
            .collect();
        table.row([
            row.id.clone(),
            row.goal.clone(),
            if lines.is_empty() {
                "nothing".to_owned()
            } else {
                lines.join(", ")
            },
        ]);
    }
    table.plain()
}

#[cfg(test)]
#[path = "output/tests.rs"]
mod tests;
