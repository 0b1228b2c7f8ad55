//! What two images differ in: by measure, by line of a Dockerfile, by package, by folder, by what no container needs.
//!
//! Either side may be an image that was read, or what was recorded of one: they are compared by what both know.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::analysis::Sizes;
use super::composition::{Composition, LineSize};
use crate::size::Change;

mod folders;
mod lines;
mod markdown;
mod packages;
mod rows;
mod terminal;
#[cfg(test)]
mod tests;

pub use markdown::{COMMENT_BYTES, markdown};
pub use terminal::terminal;

/// An image before and after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Comparison {
    /// It is there before and after.
    Both(Box<Difference>),
    /// It is new.
    Added(Whole),
    /// It is gone.
    Removed(Whole),
}

/// An image that is there on one side only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Whole {
    /// The image's name.
    pub name: String,
    /// Such as `linux/amd64`.
    pub platform: String,
    /// Its measures.
    pub sizes: Sizes,
}

/// What changed in an image. Everything that did not change is left out, and the largest changes come first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The image's name, after.
    pub name: String,
    /// Its platform, after.
    pub platform: String,
    /// All measures, in a fixed order, changed or not.
    pub measures: Vec<MeasureChange>,
    /// By line of a Dockerfile.
    pub lines: Vec<LineChange>,
    /// By package.
    pub packages: Vec<PackageChange>,
    /// By folder; one whose change is that of what is in it, to a tenth, is left out.
    pub folders: Vec<FolderChange>,
    /// Folders below this size are not told apart: one that is on one side only may have had up to so many bytes on the
    /// other.
    pub smallest_folder_bytes: u64,
    /// By kind of what no container needs.
    pub leftovers: Vec<LeftoverChange>,
    /// What could not be compared, in sentences.
    pub remarks: Vec<String>,
}

/// A measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct MeasureChange {
    /// Such as `unpacked`.
    pub measure: &'static str,
    /// `null` if it is not known.
    pub before_bytes: Option<u64>,
    /// `null` if it is not known.
    pub after_bytes: Option<u64>,
    /// `null` if one is not known, or if one is an estimate and the other is not.
    pub change_bytes: Option<Change>,
}

/// A layer, by what made it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LineChange {
    /// `null` if it is new.
    pub before: Option<LineSize>,
    /// `null` if it is gone.
    pub after: Option<LineSize>,
    /// Of the unpacked bytes.
    pub change_bytes: Change,
}

/// A package.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PackageChange {
    /// `apk`, `dpkg`, `npm` or `python`.
    pub manager: String,
    /// Its name.
    pub name: String,
    /// `null` if it is new.
    pub before: Option<VersionSize>,
    /// `null` if it is gone.
    pub after: Option<VersionSize>,
    /// Zero if only the version changed.
    pub change_bytes: Change,
}

/// A version of a package.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct VersionSize {
    /// The version.
    pub version: String,
    /// Its bytes.
    pub bytes: u64,
}

/// A folder, or a large file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FolderChange {
    /// From the image's root.
    pub path: String,
    /// `null` if it was not there, or too small to be told.
    pub before_bytes: Option<u64>,
    /// `null` if it is not there, or too small to be told.
    pub after_bytes: Option<u64>,
    /// What is not there counts as zero.
    pub change_bytes: Change,
}

/// A kind of files that no container needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LeftoverChange {
    /// The kind.
    pub category: String,
    /// Their bytes.
    pub before_bytes: u64,
    /// Their bytes.
    pub after_bytes: u64,
    /// The difference.
    pub change_bytes: Change,
}

/// Every image that is on one of two sides, by name and platform.
#[must_use]
pub fn compare(before: &[Composition], after: &[Composition]) -> Vec<Comparison> {
    let by_key = |images: &[Composition]| -> BTreeMap<(String, String), Composition> {
        let key = |image: &Composition| (image.name.clone(), image.platform.clone());
        images
            .iter()
            .map(|image| (key(image), image.clone()))
            .collect()
    };
    let (mut before, mut after) = (by_key(before), by_key(after));
    let keys: BTreeSet<(String, String)> = before.keys().chain(after.keys()).cloned().collect();
    let whole = |image: Composition| Whole {
        name: image.name,
        platform: image.platform,
        sizes: image.sizes,
    };
    keys.into_iter()
        .filter_map(|key| match (before.remove(&key), after.remove(&key)) {
            (Some(a), Some(b)) => Some(Comparison::Both(Box::new(Difference::between(&a, &b)))),
            (None, Some(b)) => Some(Comparison::Added(whole(b))),
            (Some(a), None) => Some(Comparison::Removed(whole(a))),
            (None, None) => None,
        })
        .collect()
}

impl Comparison {
    /// The image's name.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Both(difference) => &difference.name,
            Self::Added(whole) | Self::Removed(whole) => &whole.name,
        }
    }

    /// Such as `linux/amd64`.
    #[must_use]
    pub fn platform(&self) -> &str {
        match self {
            Self::Both(difference) => &difference.platform,
            Self::Added(whole) | Self::Removed(whole) => &whole.platform,
        }
    }

    /// Whether the image is the same on both sides.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        matches!(self, Self::Both(difference) if difference.is_empty())
    }

    /// Unpacked bytes before and after; zero where it is not there.
    #[must_use]
    pub fn unpacked(&self) -> (u64, u64) {
        self.sides(|sizes| sizes.unpacked_bytes, 0)
    }

    /// Compressed bytes before and after; zero where it is not there.
    #[must_use]
    pub fn compressed(&self) -> (u64, u64) {
        self.sides(|sizes| sizes.compressed_bytes, 1)
    }

    fn sides(&self, of: impl Fn(&Sizes) -> u64, measure: usize) -> (u64, u64) {
        match self {
            Self::Both(difference) => {
                let change = difference.measures.get(measure);
                let bytes = |side: Option<u64>| side.unwrap_or_default();
                change.map_or((0, 0), |one| {
                    (bytes(one.before_bytes), bytes(one.after_bytes))
                })
            }
            Self::Added(whole) => (0, of(&whole.sizes)),
            Self::Removed(whole) => (of(&whole.sizes), 0),
        }
    }
}

impl Difference {
    /// From one image to another; analyses and recorded images both are images here.
    #[must_use]
    pub fn of(before: impl Into<Composition>, after: impl Into<Composition>) -> Self {
        Self::between(&before.into(), &after.into())
    }

    fn between(before: &Composition, after: &Composition) -> Self {
        let mut difference = Self {
            name: after.name.clone(),
            platform: after.platform.clone(),
            measures: measures(before, after),
            lines: lines::changes(before, after),
            packages: Vec::new(),
            folders: Vec::new(),
            smallest_folder_bytes: 0,
            leftovers: Vec::new(),
            remarks: Vec::new(),
        };
        if before.sizes.compressed_is_estimate != after.sizes.compressed_is_estimate {
            difference.remarks.push(
                "the compressed bytes of one side are an estimate, and those of the other are not: their difference says nothing"
                    .to_owned(),
            );
        }
        if before.sizes.visible_bytes.is_some() && after.sizes.visible_bytes.is_some() {
            difference.packages = packages::changes(before, after);
            (difference.folders, difference.smallest_folder_bytes) =
                folders::changes(before, after);
            difference.leftovers = leftovers(before, after);
        } else {
            difference.remarks.push(
                "not all files of both sides are known: packages, folders and leftovers are not compared"
                    .to_owned(),
            );
        }
        difference
    }

    /// Whether nothing changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let unchanged = |one: &MeasureChange| one.before_bytes == one.after_bytes;
        self.measures.iter().all(unchanged)
            && self.lines.is_empty()
            && self.packages.is_empty()
            && self.folders.is_empty()
            && self.leftovers.is_empty()
    }
}

fn measures(before: &Composition, after: &Composition) -> Vec<MeasureChange> {
    let largest = |image: &Composition| {
        let lines = image.lines.iter().map(|one| one.line.unpacked_bytes);
        lines.max()
    };
    let same_kind = before.sizes.compressed_is_estimate == after.sizes.compressed_is_estimate;
    let (a, b) = (before.sizes, after.sizes);
    [
        ("unpacked", Some(a.unpacked_bytes), Some(b.unpacked_bytes)),
        (
            "compressed",
            Some(a.compressed_bytes),
            Some(b.compressed_bytes),
        ),
        ("waste", a.hidden_bytes, b.hidden_bytes),
        ("visible", a.visible_bytes, b.visible_bytes),
        ("largest layer", largest(before), largest(after)),
        ("base image", a.base_bytes, b.base_bytes),
        ("own layers", a.own_bytes, b.own_bytes),
    ]
    .into_iter()
    .map(|(measure, before_bytes, after_bytes)| MeasureChange {
        measure,
        before_bytes,
        after_bytes,
        change_bytes: before_bytes
            .zip(after_bytes)
            .filter(|_| measure != "compressed" || same_kind)
            .map(|(before, after)| Change::between(before, after)),
    })
    .collect()
}

fn leftovers(before: &Composition, after: &Composition) -> Vec<LeftoverChange> {
    let mut by_category: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for one in &before.leftovers {
        by_category.entry(&one.category).or_default().0 += one.bytes;
    }
    for one in &after.leftovers {
        by_category.entry(&one.category).or_default().1 += one.bytes;
    }
    let mut changes: Vec<LeftoverChange> = by_category
        .into_iter()
        .filter(|(_, (before, after))| before != after)
        .map(|(category, (before_bytes, after_bytes))| LeftoverChange {
            category: category.to_owned(),
            before_bytes,
            after_bytes,
            change_bytes: Change::between(before_bytes, after_bytes),
        })
        .collect();
    changes.sort_by_key(|one| std::cmp::Reverse(one.change_bytes.magnitude()));
    changes
}
