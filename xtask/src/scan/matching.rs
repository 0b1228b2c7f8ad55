//! Whether a version is affected, by OSV's rule: it is listed, or inside a range of events (ossf.github.io/osv-schema,
//! "Evaluation").

use std::cmp::Ordering;

use super::osv::{Advisory, Event, Range};
use crate::version::{Scheme, Version};

/// What an advisory says about a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is not affected.
    NotAffected,
    /// It is affected.
    Affected {
        /// The smallest later version that is not.
        fixed: Option<String>,
    },
    /// The advisory speaks of versions that are none in its ecosystem, so nobody knows.
    Unclear,
}

/// Whether `version` is affected by an advisory.
#[must_use]
pub fn judge(scheme: Scheme, advisory: &Advisory, version: &str) -> Verdict {
    let ranges = Ranges::new(scheme, &advisory.ranges);
    let parsed = Version::parse(scheme, version);
    let is_listed = advisory.versions.iter().any(|listed| {
        listed == version
            || parsed.as_ref().is_some_and(|parsed| {
                Version::parse(scheme, listed).is_some_and(|listed| listed == *parsed)
            })
    });
    let Some(parsed) = parsed else {
        // The list may tell; ranges cannot.
        return match (is_listed, advisory.ranges.is_empty()) {
            (true, _) => Verdict::Affected { fixed: None },
            (false, true) => Verdict::NotAffected,
            (false, false) => Verdict::Unclear,
        };
    };
    let mut is_unclear = false;
    let mut is_affected = is_listed;
    let mut fixed: Option<(Version<'_>, &str)> = None;
    for range in &ranges.0 {
        let Some(range) = range else {
            is_unclear = true;
            continue;
        };
        let affects = range.affects(&parsed);
        is_affected |= affects;
        if affects || is_listed {
            let candidate = range.fix_after(&parsed);
            fixed = match (fixed, candidate) {
                (Some(a), Some(b)) if b.0 < a.0 => Some(b),
                (None, b) => b,
                (a, _) => a,
            };
        }
    }
    match (is_affected, is_unclear) {
        (true, _) => Verdict::Affected {
            fixed: fixed.map(|(_, text)| text.to_owned()),
        },
        (false, true) => Verdict::Unclear,
        (false, false) => Verdict::NotAffected,
    }
}

/// The ranges of an advisory with their events in order; `None` stands for one with an event that is no version.
pub(super) struct Ranges<'t>(Vec<Option<Sorted<'t>>>, Scheme);

struct Sorted<'t> {
    events: Vec<(Point<'t>, Kind, &'t str)>,
    /// Versions that are not before any of these are none of the range's business.
    limits: Vec<Point<'t>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Introduced,
    Fixed,
    LastAffected,
}

/// A place in the order of versions.
enum Point<'t> {
    Start,
    At(Version<'t>),
    End,
}

impl Point<'_> {
    /// How it stands to a version.
    fn order_to(&self, version: &Version<'_>) -> Ordering {
        match self {
            Self::Start => Ordering::Less,
            // Both are of one scheme.
            Self::At(point) => point.partial_cmp(version).unwrap_or(Ordering::Equal),
            Self::End => Ordering::Greater,
        }
    }

    fn order(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Start, Self::Start) | (Self::End, Self::End) => Ordering::Equal,
            (Self::Start, _) | (_, Self::End) => Ordering::Less,
            (_, Self::Start) | (Self::End, _) => Ordering::Greater,
            (Self::At(a), Self::At(b)) => a.partial_cmp(b).unwrap_or(Ordering::Equal),
        }
    }
}

impl<'t> Ranges<'t> {
    pub(super) fn new(scheme: Scheme, ranges: &'t [Range]) -> Self {
        Self(
            ranges
                .iter()
                .map(|range| Sorted::new(scheme, range))
                .collect(),
            scheme,
        )
    }

    /// Whether a text is a version and one of the ranges affects it.
    pub(super) fn surely_affect(&self, version: &str) -> bool {
        Version::parse(self.1, version)
            .is_some_and(|version| self.0.iter().flatten().any(|range| range.affects(&version)))
    }
}

impl<'t> Sorted<'t> {
    fn new(scheme: Scheme, range: &'t Range) -> Option<Self> {
        let mut events = Vec::new();
        let mut limits = Vec::new();
        for event in &range.events {
            let (kind, text) = match event {
                Event::Introduced(text) => (Some(Kind::Introduced), text),
                Event::Fixed(text) => (Some(Kind::Fixed), text),
                Event::LastAffected(text) => (Some(Kind::LastAffected), text),
                Event::Limit(text) => (None, text),
            };
            let point = match (text.as_str(), kind) {
                ("0", _) => Point::Start,
                ("*", None) => Point::End,
                (text, _) => Point::At(Version::parse(scheme, text)?),
            };
            match kind {
                Some(kind) => events.push((point, kind, text.as_str())),
                None => limits.push(point),
            }
        }
        // Of events at one version the record's own order tells which comes first.
        events.sort_by(|a, b| a.0.order(&b.0));
        Some(Self { events, limits })
    }

    fn affects(&self, version: &Version<'_>) -> bool {
        let is_before_limits = self.limits.is_empty()
            || self
                .limits
                .iter()
                .any(|limit| limit.order_to(version).is_gt());
        if !is_before_limits {
            return false;
        }
        let mut is_affected = false;
        for (point, kind, _) in &self.events {
            let order = point.order_to(version);
            match kind {
                Kind::Introduced if order.is_le() => is_affected = true,
                Kind::Fixed if order.is_le() => is_affected = false,
                Kind::LastAffected if order.is_lt() => is_affected = false,
                _ => {}
            }
        }
        is_affected
    }

    /// The first fix behind a version.
    fn fix_after(&self, version: &Version<'_>) -> Option<(Version<'t>, &'t str)> {
        self.events
            .iter()
            .find_map(|(point, kind, text)| match point {
                Point::At(fix) if *kind == Kind::Fixed && fix > version => {
                    Some((fix.clone(), *text))
                }
                _ => None,
            })
    }
}

#[cfg(test)]
mod tests;
