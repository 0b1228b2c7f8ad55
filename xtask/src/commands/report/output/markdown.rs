//! For a job summary or a page of the repository.

use std::fmt::Write as _;

use super::{CHANGED, age, short, summary, value};
use crate::report::table::{Alignment, Table};
use crate::scorecard::{Card, Outcome, Row};

pub(super) fn render(card: &Card) -> String {
    use Alignment::{Left, Right};
    // Writing to a string cannot fail.
    let mut text = String::new();
    let _ = writeln!(
        text,
        "### {}\n\n{}",
        plain(&card.title),
        summary(card.counts)
    );
    for group in &card.groups {
        let mut table = Table::new(&[
            ("", Left),
            ("Goal", Left),
            ("Holds if", Left),
            ("Measured", Right),
            ("When", Left),
            ("What was seen", Left),
            ("See it again", Left),
        ]);
        for row in &group.rows {
            table.row([
                mark(row.outcome).to_owned(),
                goal(row),
                plain(&row.goal),
                value(row),
                when(row),
                plain(&row.detail),
                code(&row.command),
            ]);
        }
        let _ = write!(
            text,
            "\n#### {}\n\n{}",
            plain(&group.name),
            table.markdown()
        );
    }
    if card.rows().any(|row| {
        row.measured
            .as_ref()
            .is_some_and(|measured| measured.changed)
    }) {
        let _ = write!(text, "\n{}\n", plain(CHANGED));
    }
    text
}

const fn mark(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Pass => "\u{2705} pass",
        Outcome::NotMeasured => "\u{26aa} not measured",
        Outcome::Fail => "\u{274c} fail",
    }
}

/// The specification's words, with links to pages that tell more.
fn goal(row: &Row) -> String {
    // The specification is Markdown itself.
    let mut text = row.text.replace('<', "&lt;");
    for page in &row.docs {
        let name = page.rsplit('/').next().unwrap_or(page);
        let _ = write!(text, " [{name}]({})", page.replace(' ', "%20"));
    }
    text
}

fn when(row: &Row) -> String {
    let Some(measured) = &row.measured else {
        return age(row);
    };
    let commit = measured.commit.as_deref();
    let commit = commit.map_or_else(String::new, |commit| format!(" `{}`", short(commit)));
    format!("{}{commit}, {}", measured.at.date(), plain(&age(row)))
}

/// Text that Markdown takes as text.
fn plain(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '<' => escaped.push_str("&lt;"),
            '*' | '_' | '[' | ']' => escaped.extend(['\\', character]),
            other => escaped.push(other),
        }
    }
    escaped
}

fn code(command: &str) -> String {
    if command.is_empty() {
        return String::new();
    }
    let lines: Vec<String> = command
        .split(" && ")
        .map(|line| format!("`{}`", line.replace('`', "'")))
        .collect();
    lines.join(" ")
}
