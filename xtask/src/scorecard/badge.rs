//! Badges: files that shields.io reads (<https://shields.io/badges/endpoint-badge>).

use serde::Serialize;

use super::card::{Card, Counts, Outcome, Row};

/// One badge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Badge {
    /// Theirs, always 1.
    pub schema_version: u32,
    /// What it is about.
    pub label: String,
    /// How it came out.
    pub message: String,
    /// As they call it.
    pub color: &'static str,
}

/// All badges of a page with the names of their files: one of all rows, one of each group, one of each row.
#[must_use]
pub fn badges(card: &Card) -> Vec<(String, Badge)> {
    let mut badges = vec![("all.json".to_owned(), of_counts(&card.title, card.counts))];
    for group in &card.groups {
        let counts = Counts::of(&group.rows);
        let file = format!("group-{}.json", slug(&group.name));
        badges.push((file, of_counts(&group.name, counts)));
    }
    badges.extend(
        card.rows()
            .map(|row| (format!("row-{}.json", row.id), of_row(row))),
    );
    badges
}

fn of_counts(label: &str, counts: Counts) -> Badge {
    let mut message = format!("{} of {}", counts.pass, counts.all());
    if counts.fail > 0 {
        message = format!("{message}, {} failed", counts.fail);
    }
    badge(label, message, counts.outcome())
}

fn of_row(row: &Row) -> Badge {
    let message = match (row.outcome, row.value) {
        (Outcome::NotMeasured, _) | (_, None) => row.outcome.word().to_lowercase(),
        (_, Some(value)) => value.to_string(),
    };
    badge(&row.id.replace(['-', '_'], " "), message, row.outcome)
}

fn badge(label: &str, message: String, outcome: Outcome) -> Badge {
    Badge {
        schema_version: 1,
        label: label.to_owned(),
        message,
        color: match outcome {
            Outcome::Pass => "brightgreen",
            Outcome::NotMeasured => "lightgrey",
            Outcome::Fail => "red",
        },
    }
}

/// Lower case, and `-` for what cannot stand in the name of a file.
fn slug(name: &str) -> String {
    let mut slug = String::new();
    for character in name.chars().flat_map(char::to_lowercase) {
        if character.is_ascii_alphanumeric() {
            slug.push(character);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.trim_end_matches('-').to_owned()
}
