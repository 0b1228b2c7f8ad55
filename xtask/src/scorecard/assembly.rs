//! The page out of the goals and of what was measured.

use std::collections::BTreeMap;

use super::card::{Card, Group, Outcome, Row};
use super::definition::{Definition, RowDefinition};
use super::evaluation::judge;
use super::history::{History, Measurement};
use crate::timestamp::Timestamp;

/// What is known of the checkout.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// What time it is.
    pub now: Timestamp,
    /// The commit that is checked out, in full.
    pub commit: Option<String>,
    /// How many commits were made since another one, where it is in the history of the one that is checked out.
    pub since: BTreeMap<String, u64>,
}

/// The page of the rows for which `shown` says yes.
#[must_use]
pub fn assemble(
    definition: &Definition,
    history: &History,
    facts: &Facts,
    shown: impl Fn(&RowDefinition) -> bool,
) -> Card {
    let groups = definition.groups.iter().map(|group| Group {
        name: group.name.clone(),
        rows: group
            .rows
            .iter()
            .filter(|row| shown(row))
            .map(|row| self::row(row, definition, history.of(&row.id), facts))
            .collect(),
    });
    Card::new(
        definition.title.clone(),
        facts.now,
        facts.commit.clone(),
        groups.filter(|group| !group.rows.is_empty()).collect(),
    )
}

fn row(
    row: &RowDefinition,
    definition: &Definition,
    measurements: &[Measurement],
    facts: &Facts,
) -> Row {
    let commands: Vec<&str> = row
        .commands()
        .into_iter()
        .map(|index| definition.commands[index].line.as_str())
        .collect();
    let mut shown = Row {
        id: row.id.clone(),
        text: row.text.clone(),
        source: row.source.clone(),
        goal: row.goal.clone(),
        outcome: Outcome::NotMeasured,
        value: None,
        parts: Vec::new(),
        detail: String::new(),
        command: commands.join(" && "),
        docs: docs(row),
        measured: None,
        commits_since: None,
        history: measurements.iter().map(Measurement::point).collect(),
    };
    if commands.is_empty() {
        // What nothing can show is told as it is written, whenever.
        let judgment = judge(row, &definition.commands, |_| None);
        shown.outcome = judgment.outcome;
        shown.detail = judgment.detail;
        return shown;
    }
    let Some(last) = measurements.last() else {
        shown.detail = format!(
            "was never measured: `cargo xtask docker-report --measure {}` does it",
            row.id
        );
        return shown;
    };
    shown.measured = Some(last.measured());
    shown.commits_since = last.commit.as_deref().and_then(|commit| {
        if facts.commit.as_deref() == Some(commit) {
            Some(0)
        } else {
            facts.since.get(commit).copied()
        }
    });
    if last.definition == row.fingerprint {
        shown.outcome = last.outcome;
        shown.value = last.value;
        shown.parts.clone_from(&last.parts);
        shown.detail.clone_from(&last.detail);
    } else {
        shown.detail = format!(
            "goal or evidence changed since it was measured; then it was: {}",
            last.detail
        );
    }
    shown
}

/// Each page once.
fn docs(row: &RowDefinition) -> Vec<String> {
    let mut docs: Vec<String> = Vec::new();
    for (page, _) in &row.docs {
        if !docs.iter().any(|known| known == page.as_str()) {
            docs.push(page.to_string());
        }
    }
    docs
}
