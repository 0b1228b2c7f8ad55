//! What the audit trail is told.

use std::collections::BTreeMap;

use camino::Utf8Path;

use super::output::Cleaned;
use super::restoring::Restored;
use crate::audit::{Action, Check, Image, Outcome};
use crate::commands::audit::Event;
use crate::error::Error;

/// What is judged.
const READABLE: &str = "kept images readable";
/// The most tags that an entry names; the restore list names all.
const MOST_TAGS: usize = 100;

pub(super) fn cleaned(cleaned: &Cleaned, restore_list: &Utf8Path) -> Event {
    let mut details = BTreeMap::from([
        ("manifests".to_owned(), cleaned.removed().to_string()),
        ("bytes".to_owned(), cleaned.saved().0.to_string()),
        ("restore_list".to_owned(), restore_list.to_string()),
    ]);
    named(&mut details, cleaned.removed_tags());
    let failed = cleaned.problems.first();
    Event {
        action: Action::Clean,
        image: Some(image(&cleaned.name)),
        verdicts: vec![Check {
            check: READABLE.to_owned(),
            outcome: match failed {
                None => Outcome::Pass,
                Some(problem) if problem.kind.is_unknown() => Outcome::Unknown,
                Some(_) => Outcome::Fail,
            },
            detail: failed.map(|problem| problem.message.clone()),
        }],
        details,
    }
}

/// A run that ended before it was done.
pub(super) fn stopped(
    package: &str,
    removed: usize,
    restore_list: &Utf8Path,
    error: &Error,
) -> Event {
    Event {
        action: Action::Clean,
        image: Some(image(package)),
        verdicts: vec![Check {
            check: READABLE.to_owned(),
            outcome: Outcome::Unknown,
            detail: Some(error.message().to_owned()),
        }],
        details: BTreeMap::from([
            ("manifests".to_owned(), removed.to_string()),
            ("restore_list".to_owned(), restore_list.to_string()),
        ]),
    }
}

pub(super) fn restored(restored: &Restored) -> Event {
    let mut details = BTreeMap::from([("manifests".to_owned(), restored.manifests.to_string())]);
    named(
        &mut details,
        restored.tags.iter().map(String::as_str).collect(),
    );
    if !restored.failed.is_empty() {
        details.insert("failed".to_owned(), restored.failed.len().to_string());
    }
    Event {
        action: Action::Restore,
        image: Some(image(&restored.name)),
        verdicts: Vec::new(),
        details,
    }
}

fn image(package: &str) -> Image {
    Image {
        reference: Some(package.to_owned()),
        ..Image::default()
    }
}

fn named(details: &mut BTreeMap<String, String>, tags: Vec<&str>) {
    let count = tags.len();
    let mut named: Vec<&str> = tags.into_iter().take(MOST_TAGS).collect();
    if named.is_empty() {
        return;
    }
    let rest = format!("and {} more", count - named.len());
    if count > named.len() {
        named.push(&rest);
    }
    details.insert("tags".to_owned(), named.join(", "));
}
