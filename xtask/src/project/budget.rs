//! Whether images keep to their budgets: one judgment for every command that measures.
//!
//! A measure that could not be taken is unknown, never within. A measure that a command does not take is not judged by
//! it.

use serde::Serialize;

use super::manifest::{Budget, Ceiling, Exception, Measure};
use crate::date::Date;
use crate::image::analysis::Analysis;
use crate::image::history::Point;
use crate::size::Bytes;

mod estimated;
mod findings;
#[cfg(test)]
mod tests;

pub use estimated::{AtLeast, findings_of_estimate, judge_estimate};
pub use findings::{Judged, expired, findings, tell_expired};

/// What is known of one measure of an image.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Measured {
    /// Nobody asked.
    #[default]
    NotAsked,
    /// It could not be taken.
    Unknown,
    /// Bytes; of growth, more or fewer than before.
    Bytes(i64),
}

impl From<Option<u64>> for Measured {
    fn from(bytes: Option<u64>) -> Self {
        bytes.map_or(Self::Unknown, |bytes| Self::Bytes(signed(bytes)))
    }
}

/// What an image is compared with to know how it grew.
#[derive(Clone, Copy, Debug)]
pub enum Base<'a> {
    /// Nothing: its growth is not judged.
    NotAsked,
    /// Something that cannot be read.
    Unknown,
    /// Something that did not have the image yet: there is no growth to judge.
    New,
    /// What it was then.
    At(&'a Point),
}

/// The measures of an image.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Measures {
    /// All layers, unpacked.
    pub unpacked: Measured,
    /// All layers, compressed.
    pub compressed: Measured,
    /// What no container sees.
    pub waste: Measured,
    /// The largest layer, unpacked.
    pub layer: Measured,
    /// Unpacked bytes more than before.
    pub growth: Measured,
    /// What it was before, unpacked, where that is known.
    pub before: Option<Bytes>,
}

impl Measures {
    /// Those that a build takes: unpacked and compressed bytes, `None` if the image could not be measured.
    #[must_use]
    pub fn of_build(sizes: Option<(Bytes, Bytes)>) -> Self {
        Self {
            unpacked: sizes.map(|(unpacked, _)| unpacked.0).into(),
            compressed: sizes.map(|(_, compressed)| compressed.0).into(),
            ..Self::default()
        }
    }

    /// All of them; growth is what `base` lets know.
    #[must_use]
    pub fn of(analysis: &Analysis, base: Base<'_>) -> Self {
        let sizes = analysis.sizes;
        let layers = analysis.layers.iter().map(|layer| layer.unpacked_bytes);
        let (growth, before) = match base {
            Base::NotAsked | Base::New => (Measured::NotAsked, None),
            Base::Unknown => (Measured::Unknown, None),
            Base::At(point) => {
                let (now, then) = (signed(sizes.unpacked_bytes), signed(point.unpacked_bytes));
                let before = Bytes(point.unpacked_bytes);
                (Measured::Bytes(now.saturating_sub(then)), Some(before))
            }
        };
        Self {
            unpacked: Some(sizes.unpacked_bytes).into(),
            compressed: Some(sizes.compressed_bytes).into(),
            waste: sizes.hidden_bytes.into(),
            layer: Some(layers.max().unwrap_or_default()).into(),
            growth,
            before,
        }
    }

    /// One of them.
    #[must_use]
    pub const fn get(&self, measure: Measure) -> Measured {
        match measure {
            Measure::Unpacked => self.unpacked,
            Measure::Compressed => self.compressed,
            Measure::Waste => self.waste,
            Measure::Layer => self.layer,
            Measure::Growth => self.growth,
        }
    }

    /// What a share of a limit on `measure` is one of.
    fn whole(&self, measure: Measure) -> Option<Bytes> {
        match (measure, self.unpacked) {
            (Measure::Growth, _) => self.before,
            (_, Measured::Bytes(bytes)) => u64::try_from(bytes).ok().map(Bytes),
            _ => None,
        }
    }
}

/// How a measure stands to its limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// There is no limit.
    Unlimited,
    /// It keeps to its limits.
    Within,
    /// It keeps to the limit, and is above the soft one.
    AboveSoft,
    /// It is above the limit.
    Over,
    /// There is a limit, and it could not be measured.
    Unknown,
}

/// An exception that sets a limit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Applied {
    /// Its position in the manifest, from 0.
    pub index: usize,
    /// Why it must be so.
    pub reason: String,
    /// Who answers for it.
    pub owner: Option<String>,
    /// The last day it holds.
    pub expires: Date,
}

/// One measure of an image, held against its limits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Judgment {
    /// What is judged.
    pub measure: Measure,
    /// What it is; `None` if it could not be taken. Only growth can be negative.
    pub bytes: Option<i64>,
    /// Beyond what it is warned about; `None` if there is no such limit, or an exception holds.
    pub soft_bytes: Option<u64>,
    /// The limit that holds, exceptions included; `None` if there is none, or it is a share of what is not known.
    pub hard_bytes: Option<u64>,
    /// What is left of the limit; negative if it is exceeded.
    pub headroom_bytes: Option<i64>,
    /// How it stands.
    pub verdict: Verdict,
    /// The exception that sets the limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exception: Option<Applied>,
    /// Whether there is a limit that it may not exceed; one that is not known in bytes, too.
    #[serde(skip)]
    pub is_limited: bool,
    /// Positions of exceptions that hold and are not needed.
    #[serde(skip)]
    pub unused: Vec<usize>,
}

/// Holds an image against the limits of the day `today`: one judgment for each measure that was asked for.
#[must_use]
pub fn judge(image: &str, measures: &Measures, budget: &Budget, today: Date) -> Vec<Judgment> {
    let asked = Measure::ALL.into_iter().filter_map(|measure| {
        let bytes = match measures.get(measure) {
            Measured::NotAsked => return None,
            Measured::Unknown => None,
            Measured::Bytes(bytes) => Some(bytes),
        };
        let whole = measures.whole(measure);
        Some(judgment(image, measure, bytes, whole, budget, today))
    });
    asked.collect()
}

/// Whether every limit is kept to; `None` if none is known to be exceeded, and one measure is not known.
#[must_use]
pub fn is_within<'a>(
    judgments: impl IntoIterator<Item = &'a Judgment, IntoIter: Clone>,
) -> Option<bool> {
    let mut judgments = judgments.into_iter();
    if judgments.clone().any(|one| one.verdict == Verdict::Over) {
        return Some(false);
    }
    let is_open = |one: &Judgment| one.verdict == Verdict::Unknown && one.is_limited;
    (!judgments.any(is_open)).then_some(true)
}

fn judgment(
    image: &str,
    measure: Measure,
    bytes: Option<i64>,
    whole: Option<Bytes>,
    budget: &Budget,
    today: Date,
) -> Judgment {
    let in_bytes = |limit: Ceiling| limit.bytes(whole);
    let ordinary = budget.hard(image, measure);
    let ordinary_bytes = ordinary.and_then(in_bytes);
    let valid: Vec<(usize, &Exception)> = budget
        .exceptions
        .iter()
        .enumerate()
        .filter(|(_, e)| e.image == image && e.measure == measure && today <= e.expires)
        .collect();
    // An exception only ever relaxes; of several, the one that allows most holds, and of equals the first.
    let relaxed = valid
        .iter()
        .filter_map(|(index, e)| Some((in_bytes(e.limit)?, std::cmp::Reverse(*index), *e)))
        .filter(|(limit, ..)| ordinary_bytes.is_some_and(|ordinary| *limit > ordinary))
        .max_by_key(|(limit, index, _)| (*limit, *index));
    let is_needed = matches!((bytes, ordinary_bytes), (Some(bytes), Some(ordinary)) if exceeds(bytes, ordinary));
    let unused = valid.iter().map(|(index, _)| *index).filter(|index| {
        let holds = relaxed.is_some_and(|(_, std::cmp::Reverse(held), _)| held == *index);
        match ordinary {
            None => true,
            Some(_) if bytes.is_none() => false,
            Some(_) => !(holds && is_needed),
        }
    });
    let hard = relaxed.map_or(ordinary_bytes, |(limit, ..)| Some(limit));
    let written_soft = budget.soft(image, measure).filter(|_| relaxed.is_none());
    let soft = written_soft.and_then(in_bytes);
    let above = |limit: Option<Bytes>| {
        bytes
            .zip(limit)
            .is_some_and(|(bytes, limit)| exceeds(bytes, limit))
    };
    let is_held = bytes.is_some() && (hard.is_some() || soft.is_some());
    let verdict = match (above(hard), above(soft)) {
        (true, _) => Verdict::Over,
        (_, true) => Verdict::AboveSoft,
        _ if is_held => Verdict::Within,
        // It could not be taken, or the limit is a share of what is not known.
        _ if ordinary.is_some() || written_soft.is_some() => Verdict::Unknown,
        _ => Verdict::Unlimited,
    };
    Judgment {
        measure,
        bytes,
        soft_bytes: soft.map(|soft| soft.0),
        hard_bytes: hard.map(|hard| hard.0),
        headroom_bytes: bytes
            .zip(hard)
            .map(|(bytes, hard)| signed(hard.0).saturating_sub(bytes)),
        verdict,
        exception: relaxed.map(|(_, std::cmp::Reverse(index), exception)| Applied {
            index,
            reason: exception.reason.clone(),
            owner: exception.owner.clone(),
            expires: exception.expires,
        }),
        is_limited: ordinary.is_some(),
        unused: unused.collect(),
    }
}

fn exceeds(bytes: i64, limit: Bytes) -> bool {
    u64::try_from(bytes).is_ok_and(|bytes| bytes > limit.0)
}

fn signed(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}
