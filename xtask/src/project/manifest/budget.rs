//! How large images may be, and the exceptions with a date. `project::budget` judges by it.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::ceiling::Ceiling;
use crate::date::Date;
use crate::error::Error;
use crate::size::Bytes;
use crate::source::Location;

/// What is limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Measure {
    /// All layers, unpacked.
    Unpacked,
    /// All layers, as they travel.
    Compressed,
    /// Of the unpacked bytes, those no container sees.
    Waste,
    /// The largest layer, unpacked.
    Layer,
    /// Unpacked bytes more than before.
    Growth,
}

impl Measure {
    /// All of them, in the order reports have.
    pub const ALL: [Self; 5] = [
        Self::Unpacked,
        Self::Compressed,
        Self::Waste,
        Self::Layer,
        Self::Growth,
    ];

    /// As the manifest writes it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unpacked => "unpacked",
            Self::Compressed => "compressed",
            Self::Waste => "waste",
            Self::Layer => "layer",
            Self::Growth => "growth",
        }
    }

    /// Whether its limit may be a share.
    #[must_use]
    pub const fn takes_share(self) -> bool {
        matches!(self, Self::Waste | Self::Growth)
    }
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Limits; `None` is no limit. Unknown keys never come this far: the table of keys refuses them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default)]
pub struct Limits {
    /// Most unpacked bytes.
    pub unpacked: Option<Bytes>,
    /// Most compressed bytes.
    pub compressed: Option<Bytes>,
    /// Most bytes that no container sees.
    pub waste: Option<Ceiling>,
    /// Most unpacked bytes of one layer.
    pub layer: Option<Bytes>,
    /// Most unpacked bytes more than before.
    pub growth: Option<Ceiling>,
}

impl Limits {
    /// The one for a measure.
    #[must_use]
    pub fn of(&self, measure: Measure) -> Option<Ceiling> {
        match measure {
            Measure::Unpacked => self.unpacked.map(Ceiling::Bytes),
            Measure::Compressed => self.compressed.map(Ceiling::Bytes),
            Measure::Waste => self.waste,
            Measure::Layer => self.layer.map(Ceiling::Bytes),
            Measure::Growth => self.growth,
        }
    }
}

/// `[budget.images.<image>]`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default)]
pub struct ImageLimits {
    /// What it may not exceed.
    #[serde(flatten)]
    pub hard: Limits,
    /// Beyond what it is warned about.
    pub soft: Limits,
}

/// `[budget]`.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Budget {
    /// What no image may exceed.
    #[serde(flatten)]
    pub hard: Limits,
    /// Beyond what images are warned about.
    pub soft: Limits,
    /// Other limits, by image.
    pub images: BTreeMap<String, ImageLimits>,
    /// Limits relaxed for a time.
    pub exceptions: Vec<Exception>,
}

/// `[[budget.exceptions]]`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Exception {
    /// The image.
    pub image: String,
    /// Which limit.
    pub measure: Measure,
    /// The limit that holds instead.
    pub limit: Ceiling,
    /// Why it must be so.
    pub reason: String,
    /// Who answers for it.
    #[serde(default)]
    pub owner: Option<String>,
    /// The last day it holds.
    pub expires: Date,
}

impl Budget {
    /// What an image may take unpacked where nobody says anything about budgets.
    pub const DEFAULT_UNPACKED: Bytes = Bytes(150_000_000);

    /// What holds where the manifest has no `[budget]`; an empty one has no limits.
    #[must_use]
    pub fn left_out() -> Self {
        let mut budget = Self::default();
        budget.hard.unpacked = Some(Self::DEFAULT_UNPACKED);
        budget
    }

    /// What an image may not exceed, exceptions aside.
    #[must_use]
    pub fn hard(&self, image: &str, measure: Measure) -> Option<Ceiling> {
        let own = self.images.get(image);
        own.and_then(|limits| limits.hard.of(measure))
            .or_else(|| self.hard.of(measure))
    }

    /// Beyond what an image is warned about.
    #[must_use]
    pub fn soft(&self, image: &str, measure: Measure) -> Option<Ceiling> {
        let own = self.images.get(image);
        own.and_then(|limits| limits.soft.of(measure))
            .or_else(|| self.soft.of(measure))
    }

    /// Mistakes that only several keys together make; `at` tells where the value of a key stands.
    pub(super) fn contradictions(&self, at: impl Fn(&[&str]) -> Location) -> Vec<Error> {
        let mut errors = Vec::new();
        let mut never_warns = |path: &[&str], hard: &Limits, soft: &Limits| {
            for measure in Measure::ALL {
                let (Some(hard), Some(soft)) = (hard.of(measure), soft.of(measure)) else {
                    continue;
                };
                if soft.is_surely_above(hard) {
                    let path = [path, &["soft", measure.name()]].concat();
                    errors.push(
                        Error::usage(format!(
                            "the soft limit of {soft} is above the limit of {hard}: it would never warn"
                        ))
                        .help("make it smaller than the limit, or remove it")
                        .at(at(&path)),
                    );
                }
            }
        };
        never_warns(&["budget"], &self.hard, &self.soft);
        for (image, limits) in &self.images {
            never_warns(&["budget", "images", image], &limits.hard, &limits.soft);
        }
        for (index, exception) in self.exceptions.iter().enumerate() {
            let is_share = matches!(exception.limit, Ceiling::Share(_));
            if is_share && !exception.measure.takes_share() {
                let measure = exception.measure;
                errors.push(
                    Error::usage(format!("a limit on `{measure}` cannot be a percentage"))
                        .help("write a size such as \"150 MB\"")
                        .at(at(&["budget", "exceptions", &index.to_string(), "limit"])),
                );
            }
        }
        errors
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_image_has_of_its_own_comes_first() {
        let budget: Budget = toml::from_str(
            "unpacked = '150 MB'\ncompressed = '60 MB'\nwaste = '5 %'\nsoft.unpacked = '140 MB'\n\
             [images.small]\nunpacked = '20 MB'\nsoft.unpacked = '18 MB'\nwaste = '1 MB'\n",
        )
        .unwrap();
        let shown = |image: &str| {
            Measure::ALL.map(|measure| {
                let text = |limit: Option<Ceiling>| {
                    limit.map_or_else(|| "-".to_owned(), |limit| limit.to_string())
                };
                let (soft, hard) = (budget.soft(image, measure), budget.hard(image, measure));
                format!("{measure} {} {}", text(soft), text(hard))
            })
        };
        assert_eq!(
            shown("big"),
            [
                "unpacked 140.0 MB 150.0 MB",
                "compressed - 60.0 MB",
                "waste - 5 %",
                "layer - -",
                "growth - -"
            ]
        );
        assert_eq!(
            shown("small"),
            [
                "unpacked 18.0 MB 20.0 MB",
                "compressed - 60.0 MB",
                "waste - 1.0 MB",
                "layer - -",
                "growth - -"
            ]
        );
    }
}
