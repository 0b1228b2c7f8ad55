//! How long it takes until vulnerabilities are gone: a number for "remediation within 24 hours".

use serde::Serialize;

use super::{Gone, Open, Record};
use crate::scan::vulnerability::Level;
use crate::timestamp::{Period, Timestamp};

/// How fast vulnerabilities of one level are gone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Remediation {
    /// The level.
    pub level: Level,
    /// How many are gone. One in several images is one.
    pub gone: usize,
    /// The time half of those that are gone took at most, in seconds.
    pub median_seconds: Option<u64>,
    /// The longest time one of those that are gone took, in seconds.
    pub worst_seconds: Option<u64>,
    /// How many are there.
    pub open: usize,
    /// How long the oldest of those has been there, in seconds.
    pub oldest_open_seconds: Option<u64>,
}

/// How fast vulnerabilities are gone, by level, the worst first; levels that never occurred are left out.
///
/// What several images share is one: it counts from the first time it was seen in one until it is gone from all.
#[must_use]
pub fn remediation(record: &Record, now: Timestamp) -> Vec<Remediation> {
    let open: Vec<&Open> = record
        .images()
        .iter()
        .flat_map(|image| &image.open)
        .collect();
    let gone: Vec<&Gone> = record
        .images()
        .iter()
        .flat_map(|image| &image.gone)
        .collect();
    Level::ALL
        .into_iter()
        .filter_map(|level| {
            let times = times(&gone, &open, level);
            let ages = ages(&open, level, now);
            if times.is_empty() && ages.is_empty() {
                return None;
            }
            let middle = times.len().saturating_sub(1) / 2;
            Some(Remediation {
                level,
                gone: times.len(),
                median_seconds: times.get(middle).map(|time| time.seconds()),
                worst_seconds: times.last().map(|time| time.seconds()),
                open: ages.len(),
                oldest_open_seconds: ages.last().map(|age| age.seconds()),
            })
        })
        .collect()
}

/// How long each took that is gone from all images, the shortest first.
fn times(gone: &[&Gone], open: &[&Open], level: Level) -> Vec<Period> {
    let mut of_level: Vec<&&Gone> = gone.iter().filter(|one| one.level == level).collect();
    of_level.sort_by(|a, b| (a.key(), a.first_seen).cmp(&(b.key(), b.first_seen)));
    let mut spells: Vec<(&Gone, Timestamp)> = Vec::new();
    for one in of_level {
        match spells.last_mut() {
            // Seen in another image before it was gone from this one.
            Some((first, until)) if first.key() == one.key() && one.first_seen <= *until => {
                *until = (*until).max(one.gone);
            }
            _ => spells.push((one, one.gone)),
        }
    }
    let is_over = |(first, until): &&(&Gone, Timestamp)| {
        !open
            .iter()
            .any(|open| open.key() == first.key() && open.first_seen <= *until)
    };
    let mut times: Vec<Period> = spells
        .iter()
        .filter(is_over)
        .map(|(first, until)| until.since(first.first_seen))
        .collect();
    times.sort();
    times
}

/// How old those are that are there, the youngest first.
fn ages(open: &[&Open], level: Level, now: Timestamp) -> Vec<Period> {
    let mut of_level: Vec<&&Open> = open.iter().filter(|one| one.level == level).collect();
    of_level.sort_by(|a, b| (a.key(), a.first_seen).cmp(&(b.key(), b.first_seen)));
    of_level.dedup_by(|later, first| later.key() == first.key());
    let mut ages: Vec<Period> = of_level
        .iter()
        .map(|one| now.since(one.first_seen))
        .collect();
    ages.sort();
    ages
}
