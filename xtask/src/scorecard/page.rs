//! The scorecard as one HTML file: no other file, no network, no script.
//!
//! Every chart is drawn here as SVG, and what it shows also stands beside it as text. Texts pass [`html`]; the content
//! security policy names the page's own style by its digest, so that nothing else is obeyed.

use std::fmt::Write as _;

use super::card::{Card, Counts, Group, Outcome, Row, Unit, Value};
use crate::report::page::head;
use crate::report::table::html;

mod chart;
#[cfg(test)]
mod tests;

const STYLE: &str = include_str!("page/style.css");

/// The page.
#[must_use]
pub fn render(card: &Card) -> String {
    let title = format!("{}: what was asked, and what was measured", card.title);
    let mut text = head(&title, STYLE);
    // Writing to a string cannot fail.
    let _ = write!(
        text,
        "<a class=\"skip\" href=\"#rows\">Skip to the rows</a>\n<header>\n<h1>{title}</h1>\n<p>{generated}{commit}</p>\n</header>\n<main>\n",
        title = html(&title),
        generated = card.generated,
        commit = card.commit.as_deref().map_or_else(String::new, |commit| {
            format!(" · commit <code>{}</code>", html(short(commit)))
        }),
    );
    overview(&mut text, card);
    open_rows(&mut text, card);
    text.push_str("<div id=\"rows\">\n");
    for (at, group) in card.groups.iter().enumerate() {
        section(&mut text, at, group);
    }
    text.push_str("</div>\n</main>\n</body>\n</html>\n");
    text
}

/// The numbers, and one bar for each group.
fn overview(text: &mut String, card: &Card) {
    text.push_str("<section aria-labelledby=\"overview\">\n<h2 id=\"overview\">Overview</h2>\n<ul class=\"numbers\">\n");
    for outcome in [Outcome::Pass, Outcome::Fail, Outcome::NotMeasured] {
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "<li class=\"{}\"><b>{}</b> {}</li>",
            class(outcome),
            card.counts.with(outcome),
            outcome.word()
        );
    }
    text.push_str("</ul>\n<ul class=\"groups\">\n");
    for (at, group) in card.groups.iter().enumerate() {
        let all = Counts::of(&group.rows);
        let counts = [Outcome::Pass, Outcome::Fail, Outcome::NotMeasured]
            .map(|outcome| (outcome, all.with(outcome)));
        let _ = writeln!(
            text,
            "<li><a href=\"#group-{at}\">{}</a>{}<span>{}</span></li>",
            html(&group.name),
            chart::shares(&counts),
            told(&counts)
        );
    }
    text.push_str("</ul>\n</section>\n");
}

/// Such as "3 pass, 1 not measured".
fn told(counts: &[(Outcome, usize)]) -> String {
    let told: Vec<String> = counts
        .iter()
        .filter(|(_, count)| *count > 0)
        .map(|(outcome, count)| format!("{count} {}", outcome.word()))
        .collect();
    if told.is_empty() {
        "no rows".to_owned()
    } else {
        told.join(", ")
    }
}

/// What needs somebody: what fails, then what nobody measured.
fn open_rows(text: &mut String, card: &Card) {
    for (outcome, heading) in [
        (Outcome::Fail, "What fails"),
        (Outcome::NotMeasured, "What was not measured"),
    ] {
        if card.counts.with(outcome) == 0 {
            continue;
        }
        let _ = writeln!(
            text,
            "<section class=\"open {}\">\n<h2>{heading}</h2>\n<ul>",
            class(outcome)
        );
        for row in card.rows().filter(|row| row.outcome == outcome) {
            let _ = writeln!(
                text,
                "<li><a href=\"#row-{}\">{}</a> {}</li>",
                html(&row.id),
                strong(&row.text),
                html(&row.detail)
            );
        }
        text.push_str("</ul>\n</section>\n");
    }
}

fn section(text: &mut String, at: usize, group: &Group) {
    let _ = writeln!(
        text,
        "<section aria-labelledby=\"group-{at}\">\n<h2 id=\"group-{at}\">{}</h2>",
        html(&group.name)
    );
    for row in &group.rows {
        entry(text, row);
    }
    text.push_str("</section>\n");
}

/// One row: a line that opens to all that is known of it.
fn entry(text: &mut String, row: &Row) {
    let value = row
        .value
        .map_or_else(String::new, |value| value.to_string());
    let _ = writeln!(
        text,
        "<details id=\"row-{id}\" class=\"row {class}\">\n<summary>\
         <span class=\"outcome\">{words}</span>\
         <span class=\"text\">{text}</span>\
         <span class=\"value\">{value}</span>\
         <span class=\"goal\">{goal}</span>\
         {spark}</summary>\n<div class=\"body\">\n<p>{detail}</p>",
        id = html(&row.id),
        class = class(row.outcome),
        words = row.outcome.word(),
        text = strong(&row.text),
        goal = html(&row.goal),
        spark = chart::spark(&row.history),
        detail = html(&row.detail),
    );
    text.push_str(&chart::parts(&row.parts));
    text.push_str(&chart::history(&row.history));
    text.push_str("<dl>\n");
    let mut said = |term: &str, what: &str| {
        if !what.is_empty() {
            let _ = writeln!(text, "<div><dt>{term}</dt><dd>{what}</dd></div>");
        }
    };
    said("Goal", &html(&row.goal));
    said("Asked for in", &html(&row.source));
    if let Some(measured) = &row.measured {
        let commit = measured.commit.as_deref().map_or_else(
            || "no commit".to_owned(),
            |commit| format!("commit <code>{}</code>", html(short(commit))),
        );
        let changed = if measured.changed {
            " with changes"
        } else {
            ""
        };
        let age = match (&measured.commit, row.commits_since) {
            (None, _) | (_, Some(0)) => String::new(),
            (_, None) => ", on another branch".to_owned(),
            (_, Some(1)) => ", one commit ago".to_owned(),
            (_, Some(commits)) => format!(", {commits} commits ago"),
        };
        let took = Value {
            thousandths: i64::try_from(measured.milliseconds)
                .map_or(i64::MAX, |milliseconds| milliseconds.saturating_mul(1_000)),
            unit: Unit::Milliseconds,
        };
        said(
            "Measured",
            &format!("{}, on {commit}{changed}{age}, in {took}", measured.at),
        );
    } else {
        said("Measured", "never");
    }
    if !row.command.is_empty() {
        said(
            "See it again",
            &format!("<code>{}</code>", html(&row.command)),
        );
    }
    let docs: Vec<String> = row
        .docs
        .iter()
        .map(|page| format!("<code>{}</code>", html(page)))
        .collect();
    said("More", &docs.join(", "));
    text.push_str("</dl>\n</div>\n</details>\n");
}

/// Foreign text in which `**words**` are strong, as specifications in Markdown have them.
fn strong(text: &str) -> String {
    let pieces: Vec<&str> = text.split("**").collect();
    if pieces.len().is_multiple_of(2) {
        // One of the marks has no other.
        return html(text);
    }
    let mark = |(at, piece): (usize, &&str)| match at % 2 {
        1 => format!("<strong>{}</strong>", html(piece)),
        _ => html(piece),
    };
    pieces.iter().enumerate().map(mark).collect()
}

/// As much of a commit as people read.
fn short(commit: &str) -> &str {
    commit.get(..12).unwrap_or(commit)
}

const fn class(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Pass => "pass",
        Outcome::Fail => "fail",
        Outcome::NotMeasured => "unknown",
    }
}
