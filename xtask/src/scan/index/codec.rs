//! Advisories as bytes.

use crate::scan::osv::{Advisory, Event, Range};
use crate::scan::vulnerability::{Level, Status};

/// Bytes that are written.
#[derive(Default)]
pub(super) struct Out(pub(super) Vec<u8>);

impl Out {
    fn number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.0.push(u8::try_from(number & 0x7f).unwrap_or(0) | 0x80);
            number >>= 7;
        }
        self.0.push(u8::try_from(number).unwrap_or(0));
    }

    fn text(&mut self, text: &str) {
        self.number(text.len() as u64);
        self.0.extend_from_slice(text.as_bytes());
    }

    fn texts(&mut self, texts: &[String]) {
        self.number(texts.len() as u64);
        for text in texts {
            self.text(text);
        }
    }
}

/// Bytes that are read; `None` is the end of what makes sense.
struct In<'t>(&'t [u8]);

impl<'t> In<'t> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn number(&mut self) -> Option<usize> {
        let mut number = 0_u64;
        for shift in (0..63).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return usize::try_from(number).ok();
            }
        }
        None
    }

    /// A number of things of which each takes a byte at least.
    fn count(&mut self) -> Option<usize> {
        self.number().filter(|count| *count <= self.0.len())
    }

    fn text(&mut self) -> Option<&'t str> {
        let length = self.count()?;
        let (text, rest) = self.0.split_at(length);
        self.0 = rest;
        std::str::from_utf8(text).ok()
    }

    fn texts(&mut self) -> Option<Vec<String>> {
        (0..self.count()?)
            .map(|_| self.text().map(str::to_owned))
            .collect()
    }
}

/// An advisory with the key of its package.
pub(super) fn encode(key: &str, advisory: &Advisory) -> Vec<u8> {
    let mut out = Out::default();
    out.text(key);
    out.text(&advisory.id);
    out.texts(&advisory.aliases);
    out.texts(&advisory.bundles);
    out.text(&advisory.title);
    out.text(advisory.url.as_deref().unwrap_or_default());
    out.0.push(position(&LEVELS, &advisory.level));
    out.0.push(advisory.score.unwrap_or(u8::MAX));
    out.0.push(position(&STATUSES, &advisory.status));
    out.number(advisory.ranges.len() as u64);
    for range in &advisory.ranges {
        out.number(range.events.len() as u64);
        for event in &range.events {
            let (kind, version) = match event {
                Event::Introduced(version) => (0, version),
                Event::Fixed(version) => (1, version),
                Event::LastAffected(version) => (2, version),
                Event::Limit(version) => (3, version),
            };
            out.0.push(kind);
            out.text(version);
        }
    }
    out.texts(&advisory.versions);
    out.0
}

/// What was encoded, with the key of its package; `None` if it was not.
pub(super) fn decode(bytes: &[u8]) -> Option<(&str, Advisory)> {
    let mut from = In(bytes);
    let key = from.text()?;
    let advisory = Advisory {
        id: from.text()?.to_owned(),
        aliases: from.texts()?,
        bundles: from.texts()?,
        title: from.text()?.to_owned(),
        url: Some(from.text()?.to_owned()).filter(|url| !url.is_empty()),
        level: *LEVELS.get(usize::from(from.byte()?))?,
        score: Some(from.byte()?).filter(|score| *score <= 100),
        status: *STATUSES.get(usize::from(from.byte()?))?,
        ranges: (0..from.count()?)
            .map(|_| range(&mut from))
            .collect::<Option<_>>()?,
        versions: from.texts()?,
    };
    from.0.is_empty().then_some((key, advisory))
}

/// The key of the package alone.
pub(super) fn key(bytes: &[u8]) -> Option<&str> {
    In(bytes).text()
}

fn range(from: &mut In<'_>) -> Option<Range> {
    let events = (0..from.count()?).map(|_| {
        let kind = from.byte()?;
        let version = from.text()?.to_owned();
        match kind {
            0 => Some(Event::Introduced(version)),
            1 => Some(Event::Fixed(version)),
            2 => Some(Event::LastAffected(version)),
            3 => Some(Event::Limit(version)),
            _ => None,
        }
    });
    Some(Range {
        events: events.collect::<Option<_>>()?,
    })
}

const LEVELS: [Level; 5] = Level::ALL;
const STATUSES: [Status; 5] = [
    Status::Affected,
    Status::Fixed,
    Status::WillNotFix,
    Status::EndOfLife,
    Status::UnderInvestigation,
];

fn position<T: PartialEq>(all: &[T], one: &T) -> u8 {
    all.iter()
        .position(|other| other == one)
        .and_then(|at| u8::try_from(at).ok())
        .unwrap_or(0)
}
