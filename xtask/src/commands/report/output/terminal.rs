//! For people at a terminal: a line for each row, and why some are not reached.

use std::fmt::Write as _;

use super::{CHANGED, Detail, age, short, summary, value};
use crate::report::Color;
use crate::scorecard::{Card, Outcome, Row};

/// Where explanations are broken, in columns.
const WIDTH: usize = 100;
/// How wide a cell is at most: what is longer makes its own line longer, and no other.
const WIDEST: usize = 30;

pub(super) fn render(card: &Card, detail: Detail, color: Color) -> String {
    let mut text = String::new();
    let rows: Vec<&Row> = card.rows().filter(|row| is_shown(row, detail)).collect();
    let widest = |cell: fn(&Row) -> String| {
        let widths = rows.iter().map(|row| cell(row).chars().count());
        widths.max().unwrap_or_default().min(WIDEST)
    };
    let widths = [widest(|row| row.id.clone()), widest(value), widest(age)];
    for group in &card.groups {
        let mut rows = group
            .rows
            .iter()
            .filter(|row| is_shown(row, detail))
            .peekable();
        if rows.peek().is_none() {
            continue;
        }
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{}", bold(&group.name, color));
        for row in rows {
            line(&mut text, row, widths, color);
            explanation(&mut text, row, detail);
        }
        text.push('\n');
    }
    if detail != Detail::Quiet {
        if card.rows().any(|row| {
            row.measured
                .as_ref()
                .is_some_and(|measured| measured.changed)
        }) {
            let _ = writeln!(text, "{CHANGED}");
        }
        let _ = writeln!(text, "{}: {}", card.title, summary(card.counts));
        if card.rows().any(|row| age(row) == "never") {
            let _ = writeln!(
                text,
                "`cargo xtask docker-report --measure` measures what never was"
            );
        }
    }
    text
}

fn is_shown(row: &Row, detail: Detail) -> bool {
    detail != Detail::Quiet || row.outcome != Outcome::Pass
}

fn line(text: &mut String, row: &Row, [id, number, age_width]: [usize; 3], color: Color) {
    let cells = format!(
        "  {} {:<id$}  {:>number$}  {:<age_width$}  {}",
        word(row.outcome, color),
        row.id,
        value(row),
        age(row),
        row.goal
    );
    let _ = writeln!(text, "{}", cells.trim_end());
}

fn explanation(text: &mut String, row: &Row, detail: Detail) {
    let verbose = detail == Detail::Verbose;
    if verbose {
        wrapped(
            text,
            &format!("\u{201c}{}\u{201d} ({})", row.text, row.source),
        );
    }
    // Of a row that nobody ever looked at the line says all there is.
    let looked_at = row.measured.is_some() || row.command.is_empty();
    let matters = row.outcome != Outcome::Pass || row.parts.iter().any(|part| part.limit.is_some());
    if verbose || (looked_at && matters) {
        wrapped(text, &row.detail);
    }
    if !verbose {
        return;
    }
    for part in &row.parts {
        let limit = part
            .limit
            .map_or_else(String::new, |limit| format!(", held to {limit}"));
        wrapped(text, &format!("{} {}{limit}", part.name, part.value));
    }
    if let Some(measured) = &row.measured {
        let commit = measured.commit.as_deref().map_or("no commit", short);
        let seconds = measured.milliseconds / 1_000;
        let when = format!("measured {} on {commit} in {seconds} s", measured.at);
        wrapped(text, &when);
    }
    if !row.command.is_empty() {
        wrapped(text, &format!("see it again: {}", row.command));
    }
    if !row.docs.is_empty() {
        wrapped(text, &format!("more: {}", row.docs.join(", ")));
    }
}

/// Indented below the outcome, broken between words.
fn wrapped(text: &mut String, sentence: &str) {
    const INDENT: &str = "               ";
    let mut line = INDENT.to_owned();
    for word in sentence.split_whitespace() {
        let used = line.chars().count();
        if used > INDENT.len() && used + 1 + word.chars().count() > WIDTH {
            let _ = writeln!(text, "{line}");
            line = format!("{INDENT}{word}");
        } else {
            if used > INDENT.len() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    let _ = writeln!(text, "{line}");
}

fn word(outcome: Outcome, color: Color) -> String {
    let word = format!("{:<12}", outcome.word());
    if color == Color::Plain {
        return word;
    }
    let code = match outcome {
        Outcome::Pass => "32",
        Outcome::NotMeasured => "33",
        Outcome::Fail => "31",
    };
    format!("\u{1b}[{code}m{word}\u{1b}[0m")
}

fn bold(heading: &str, color: Color) -> String {
    match color {
        Color::Plain => heading.to_owned(),
        Color::Styled => format!("\u{1b}[1m{heading}\u{1b}[0m"),
    }
}
