//! Tables for people.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::answer::{Answer, Verdict};
use crate::report::table::{Alignment, Table};
use crate::scan::actors::{ActorKind, Change};
use crate::scan::case::Case;
use crate::scan::vulnerability::Level;

/// Most vulnerabilities that a row names.
const MOST_NAMED: usize = 3;

/// One line per image.
pub(super) fn overview(answer: &Answer<'_>) -> Table {
    use Alignment::{Left, Right};
    let mut table = Table::new(&[
        ("IMAGE", Left),
        ("DISTRIBUTION", Left),
        ("PACKAGES", Right),
        ("CRITICAL", Right),
        ("HIGH", Right),
        ("MEDIUM", Right),
        ("LOW", Right),
        ("UNJUDGED", Right),
        ("FIXABLE", Right),
        ("WEAK", Right),
        ("", Left),
    ]);
    let platforms: Vec<String> = answer
        .images
        .iter()
        .map(|image| image.image.config.platform())
        .collect();
    let several = platforms.windows(2).any(|pair| pair[0] != pair[1]);
    for (image, platform) in answer.images.iter().zip(&platforms) {
        let cases: Vec<&Case<'_>> = answer
            .cases_of(image)
            .filter(|case| !case.is_exempt)
            .collect();
        let is_blind = cases.is_empty() && image.is_unknown();
        let count = |level: Level| {
            let count = cases
                .iter()
                .filter(|case| case.vulnerability.level == level)
                .count();
            // None were found, and none were looked for: that is not zero.
            if is_blind {
                "?".to_owned()
            } else {
                count.to_string()
            }
        };
        let fixable = cases
            .iter()
            .filter(|case| case.vulnerability.fixed.is_some())
            .count();
        let verdict = answer.verdict(image);
        table.row([
            if several {
                format!("{} ({platform})", image.name)
            } else {
                image.name.clone()
            },
            distribution(image),
            image.packages.len().to_string(),
            count(Level::Critical),
            count(Level::High),
            count(Level::Medium),
            count(Level::Low),
            count(Level::Unknown),
            if is_blind {
                "?".to_owned()
            } else {
                fixable.to_string()
            },
            answer.weaknesses_of(image).count().to_string(),
            if verdict == Verdict::Passed {
                String::new()
            } else {
                verdict.word().to_owned()
            },
        ]);
    }
    table
}

fn distribution(image: &crate::scan::scanned::Scanned) -> String {
    let it = &image.distribution;
    if it.is_unknown() {
        "unknown".to_owned()
    } else {
        format!("{} {}", it.id, it.version_id).trim_end().to_owned()
    }
}

/// Changes of one place to edit.
struct Place<'a> {
    title: String,
    rows: Vec<Row<'a>>,
}

/// One version of a package that must change.
struct Row<'a> {
    change: &'a Change,
    cases: Vec<&'a Case<'a>>,
}

/// The changes by who must make them, the worst first; those that nothing fails for come last.
fn places<'a>(answer: &'a Answer<'a>) -> Vec<Place<'a>> {
    let mut places: BTreeMap<(ActorKind, String, usize), Place<'a>> = BTreeMap::new();
    for change in answer.changes {
        let positions = change.mends.iter().chain(&change.leaves);
        let cases: Vec<&Case<'_>> = positions
            .filter_map(|at| answer.cases.get(*at))
            .filter(|case| !case.is_exempt)
            .collect();
        if cases.is_empty() {
            continue;
        }
        let actor = &change.actor;
        let place = places.entry(actor.key()).or_insert_with(|| {
            let mut title = actor.kind().words().to_owned();
            for part in [actor.place().unwrap_or_default(), clipped(&actor.what())] {
                if !part.is_empty() && actor.kind() != ActorKind::Dependency {
                    let _ = write!(title, "  {part}");
                }
            }
            if actor.kind() == ActorKind::Dependency {
                let _ = write!(title, "  {}", actor.place().unwrap_or_default());
            }
            Place {
                title,
                rows: Vec::new(),
            }
        });
        place.rows.push(Row { change, cases });
    }
    let worst = |row: &Row<'_>| {
        let keys = row.cases.iter();
        keys.map(|case| (case.overdue, case.fails, case.vulnerability.level))
            .max()
    };
    let mut places: Vec<Place<'a>> = places.into_values().collect();
    for place in &mut places {
        place.rows.sort_by_key(|row| std::cmp::Reverse(worst(row)));
    }
    places.sort_by_key(|place| std::cmp::Reverse(place.rows.first().and_then(worst)));
    places
}

/// Who must act, and what is the smallest change.
pub(super) fn actions(answer: &Answer<'_>) -> String {
    let mut text = String::new();
    let top = answer.arguments.top;
    for place in places(answer) {
        let _ = write!(text, "\n{}\n", place.title);
        let shown = &place.rows[..place.rows.len().min(top)];
        for line in rows(shown).plain().lines() {
            let _ = writeln!(text, "  {line}");
        }
        let left = place.rows.len() - shown.len();
        if left > 0 {
            let _ = writeln!(text, "  … and {left} more (`--top`)");
        }
        for row in shown {
            let _ = writeln!(text, "  → {}", row.change.advice());
        }
    }
    text
}

/// As [`actions`], for a comment.
pub(super) fn actions_in_markdown(answer: &Answer<'_>) -> String {
    let mut text = String::new();
    let top = answer.arguments.top;
    for place in places(answer) {
        let shown = &place.rows[..place.rows.len().min(top)];
        let _ = write!(
            text,
            "**{}**\n\n{}\n",
            place.title.replace("  ", " · "),
            rows(shown).markdown()
        );
        for row in shown {
            let _ = writeln!(text, "- {}", row.change.advice());
        }
        let left = place.rows.len() - shown.len();
        if left > 0 {
            let _ = writeln!(text, "- … and {left} more");
        }
        text.push('\n');
    }
    text
}

fn rows(rows: &[Row<'_>]) -> Table {
    use Alignment::{Left, Right};
    let mut table = Table::new(&[
        ("PACKAGE", Left),
        ("HAS", Left),
        ("NEEDS", Left),
        ("VULNERABILITIES", Left),
        ("DUE", Left),
        ("IMAGES", Right),
    ]);
    for row in rows {
        let package = &row.change.package;
        let mut images: Vec<&str> = row
            .cases
            .iter()
            .map(|case| case.image.name.as_str())
            .collect();
        images.sort_unstable();
        images.dedup();
        table.row([
            format!("{} ({})", package.name, package.manager),
            package.version.clone(),
            row.change.to.clone().unwrap_or_else(|| "no fix".to_owned()),
            vulnerabilities(&row.cases),
            due(&row.cases),
            images.len().to_string(),
        ]);
    }
    table
}

/// `CVE-2027-1 critical, CVE-2027-2 high and 3 more`.
fn vulnerabilities(cases: &[&Case<'_>]) -> String {
    let mut found: Vec<(std::cmp::Reverse<Level>, &str)> = cases
        .iter()
        .map(|case| {
            let one = case.vulnerability;
            (std::cmp::Reverse(one.level), one.id.as_str())
        })
        .collect();
    found.sort_unstable();
    found.dedup();
    let named: Vec<String> = found
        .iter()
        .take(MOST_NAMED)
        .map(|(level, id)| format!("{id} {}", level.0))
        .collect();
    let more = found.len().saturating_sub(named.len());
    let more = if more > 0 {
        format!(" and {more} more")
    } else {
        String::new()
    };
    format!("{}{more}", named.join(", "))
}

/// When the first of them is due.
fn due(cases: &[&Case<'_>]) -> String {
    let first = cases
        .iter()
        .filter(|case| case.deadline.is_some())
        .min_by_key(|case| case.deadline);
    match first {
        Some(case) => match (case.overdue, case.deadline) {
            (Some(overdue), _) => format!("{} ago", overdue.words()),
            (None, Some(deadline)) => deadline.to_string(),
            (None, None) => String::new(),
        },
        None => String::new(),
    }
}

fn clipped(text: &str) -> String {
    const WIDTH: usize = 70;
    if text.chars().count() <= WIDTH {
        return text.to_owned();
    }
    let start: String = text.chars().take(WIDTH - 1).collect();
    format!("{start}…")
}
