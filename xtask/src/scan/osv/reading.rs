//! From the text of a record to what it says about each package.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::record::{self, Written};
use super::severity::{judged, status};
use super::{Advisory, Entry, Event, MAX_TITLE_BYTES, Range, Record};
use crate::date::Date;
use crate::scan::ecosystem::Ecosystem;
use crate::scan::matching;
use crate::timestamp::Timestamp;
use crate::version::Scheme;

/// Reads one record. Packages of ecosystems that are not known here are passed over, ranges of commits too.
///
/// # Errors
/// In one sentence, why it is no record.
pub fn read(text: &[u8]) -> Result<Record, String> {
    let written: Written = serde_json::from_slice(text).map_err(|error| error.to_string())?;
    from(written)
}

/// The same from a tree of values, whatever it was written in.
///
/// # Errors
/// In one sentence, why it is no record.
pub fn read_value(value: serde_json::Value) -> Result<Record, String> {
    let written = serde_json::from_value(value).map_err(|error| error.to_string())?;
    from(written)
}

fn from(written: Written) -> Result<Record, String> {
    if written.id.is_empty()
        || written
            .id
            .chars()
            .any(|c| c.is_whitespace() || c.is_control())
    {
        return Err(format!(
            "\"{}\" is no name of an advisory",
            written.id.escape_debug()
        ));
    }
    let mut entries: BTreeMap<(String, String), Advisory> = BTreeMap::new();
    for affected in written.affected.iter().flatten() {
        let Some(package) = &affected.package else {
            continue;
        };
        let Some(ecosystem) = Ecosystem::of(&package.ecosystem) else {
            continue;
        };
        let name = ecosystem.normalized(&package.name).into_owned();
        let advisory = entries
            .entry((package.ecosystem.clone(), name))
            .or_insert_with(|| common(&written));
        add(advisory, affected, &written, ecosystem.scheme());
    }
    for ((ecosystem, _), advisory) in &mut entries {
        if let Some(ecosystem) = Ecosystem::of(ecosystem) {
            drop_versions_in_ranges(advisory, ecosystem.scheme());
        }
    }
    Ok(Record {
        modified: written.modified.as_deref().map_or(0, seconds),
        is_withdrawn: written.withdrawn.is_some(),
        entries: entries
            .into_iter()
            .map(|((ecosystem, package), advisory)| Entry {
                ecosystem,
                package,
                advisory,
            })
            .collect(),
        id: written.id,
    })
}

/// What a record says of all its packages.
fn common(written: &Written) -> Advisory {
    let mut aliases = written.aliases.clone().unwrap_or_default();
    let mut bundles = Vec::new();
    // A distribution's record of one vulnerability is called after it (`DEBIAN-CVE-2024-1`), or names just one; a
    // security announcement names all that it is about, which are not the same vulnerability.
    let upstream = written.upstream.as_deref().unwrap_or_default();
    match upstream {
        [] => {}
        [one] => aliases.push(one.clone()),
        several => {
            let own = several.iter().find(|name| {
                written
                    .id
                    .strip_suffix(name.as_str())
                    .is_some_and(|front| front.ends_with('-'))
            });
            match own {
                Some(own) => aliases.push(own.clone()),
                None => bundles = several.to_vec(),
            }
        }
    }
    aliases.retain(|alias| *alias != written.id && !alias.is_empty());
    aliases.sort();
    aliases.dedup();
    bundles.sort();
    bundles.dedup();
    Advisory {
        id: written.id.clone(),
        aliases,
        bundles,
        title: title(written),
        url: url(written),
        ..Advisory::default()
    }
}

/// Adds what a record says of one package; it may say it in several parts.
fn add(advisory: &mut Advisory, affected: &record::Affected, written: &Written, scheme: Scheme) {
    let specifics = [
        affected.ecosystem_specific.as_ref(),
        affected.database_specific.as_ref(),
        written.database_specific.as_ref(),
    ];
    let (level, score) = judged(
        affected.severity.as_deref().unwrap_or_default(),
        written.severity.as_deref().unwrap_or_default(),
        &specifics,
    );
    if (level, score) > (advisory.level, advisory.score) {
        (advisory.level, advisory.score) = (level, score);
    }
    advisory.status = advisory.status.max(status(&specifics));
    for range in affected.ranges.iter().flatten() {
        if range.kind == "GIT" {
            continue;
        }
        let events = range
            .events
            .iter()
            .filter_map(|event| event_of(event, scheme));
        let range = Range {
            events: events.collect(),
        };
        if !range.events.is_empty() && !advisory.ranges.contains(&range) {
            advisory.ranges.push(range);
        }
    }
    advisory
        .versions
        .extend(affected.versions.iter().flatten().cloned());
}

fn event_of(written: &record::Event, scheme: Scheme) -> Option<Event> {
    let whole = |version: &String| whole_version(version, scheme).into_owned();
    None.or_else(|| {
        written
            .introduced
            .as_ref()
            .map(whole)
            .map(Event::Introduced)
    })
    .or_else(|| written.fixed.as_ref().map(whole).map(Event::Fixed))
    .or_else(|| {
        written
            .last_affected
            .as_ref()
            .map(whole)
            .map(Event::LastAffected)
    })
    .or_else(|| written.limit.as_ref().map(whole).map(Event::Limit))
}

/// Some records write `1.0` where `SemVer` has three numbers.
fn whole_version(version: &str, scheme: Scheme) -> Cow<'_, str> {
    let is_short = version != "0"
        && matches!(scheme, Scheme::Npm | Scheme::Go | Scheme::Cargo)
        && version
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.');
    match version.split('.').count() {
        1 if is_short => format!("{version}.0.0").into(),
        2 if is_short => format!("{version}.0").into(),
        _ => version.into(),
    }
}

/// Most versions that records list are in their ranges as well, and need not be kept.
fn drop_versions_in_ranges(advisory: &mut Advisory, scheme: Scheme) {
    let mut versions = std::mem::take(&mut advisory.versions);
    versions.sort();
    versions.dedup();
    if !versions.is_empty() {
        let ranges = matching::Ranges::new(scheme, &advisory.ranges);
        versions.retain(|version| !ranges.surely_affect(version));
    }
    advisory.versions = versions;
}

/// The summary, else the first line of the details.
fn title(written: &Written) -> String {
    let summary = written.summary.as_deref().unwrap_or_default().trim();
    let details = written.details.as_deref().unwrap_or_default().trim();
    let text = if summary.is_empty() { details } else { summary };
    let line = text.lines().map(str::trim).find(|line| !line.is_empty());
    let line = line.unwrap_or_default().trim_start_matches(['#', ' ']);
    shortened(line, MAX_TITLE_BYTES).trim_end().to_owned()
}

/// At most `limit` bytes, control characters taken out.
pub(in crate::scan) fn shortened(text: &str, limit: usize) -> String {
    let mut short = String::new();
    for c in text.chars().map(|c| if c.is_control() { ' ' } else { c }) {
        if short.len() + c.len_utf8() > limit.saturating_sub('…'.len_utf8()) {
            short.push('…');
            break;
        }
        short.push(c);
    }
    short
}

/// The advisory itself where one is given, else the first page about it.
fn url(written: &Written) -> Option<String> {
    let is_link = |reference: &&record::Reference| {
        let is_web = reference.url.starts_with("https://") || reference.url.starts_with("http://");
        is_web && reference.url.len() < 2000 && reference.url.bytes().all(|b| b.is_ascii_graphic())
    };
    let of = |kind: &str| {
        let references = written.references.iter().flatten().filter(is_link);
        references
            .into_iter()
            .find(|reference| reference.kind == kind)
    };
    of("ADVISORY")
        .or_else(|| of("WEB"))
        .or_else(|| written.references.iter().flatten().find(is_link))
        .map(|reference| reference.url.clone())
}

/// Seconds since 1970 of a time such as `2024-05-01T12:34:56.789Z` or of a day; 0 if it is neither.
fn seconds(time: &str) -> u64 {
    let moment = time.parse::<Timestamp>().map(Timestamp::unix_seconds);
    let day = || time.parse::<Date>().map(|date| date.unix_days() * 86_400);
    let seconds = moment.or_else(|_| day()).unwrap_or(0);
    u64::try_from(seconds).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_and_days_are_read() {
        for (text, expected) in [
            ("1970-01-02T00:00:01.5Z", 86_401),
            ("1970-01-02", 86_400),
            ("1970-01-02T\u{e9}", 0),
            ("1969-01-02T00:00:00Z", 0),
            ("yesterday", 0),
        ] {
            assert_eq!(seconds(text), expected, "{text}");
        }
    }
}
