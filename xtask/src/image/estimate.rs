//! How large an image will be at least, before it is built.
//!
//! What is copied from build contexts is counted, what programs make is what the record of sizes says of the same line
//! of the same Dockerfile. What nobody knows is told by line and counts as nothing, so that the sum is no more than
//! what will be there, as far as what was recorded still holds.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::composition::{LineSize, cut_off};
use super::record::{Record, RecordedImage};

/// A package, by its manager as the record names it (`apk`, `dpkg`) and its name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NamedPackage {
    /// `apk` or `dpkg`.
    pub manager: &'static str,
    /// Its name.
    pub name: String,
}

/// What an instruction brings, as far as the files of the repository tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Brings {
    /// Files of build contexts.
    Files {
        /// Bytes that it brings for certain.
        bytes: u64,
        /// It brings nothing else.
        is_all: bool,
    },
    /// What programs make, or what is copied from another stage or image.
    Made {
        /// The packages that it installs for certain.
        packages: Vec<NamedPackage>,
    },
    /// A folder, which has no bytes.
    Folder,
}

/// An instruction that makes a layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Its Dockerfile, from the root of the repository.
    pub file: String,
    /// Its first line, from 1.
    pub line: usize,
    /// Its last line.
    pub end_line: usize,
    /// It, on one line, as [`super::attribution::one_line`] writes it.
    pub instruction: String,
    /// What it brings.
    pub brings: Brings,
    /// The images of the repository below it, whose packages it need not bring.
    pub stands_on: Vec<String>,
}

/// The image from outside that everything stands on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Foundation {
    /// The Dockerfile that names it, from the root of the repository.
    pub file: String,
    /// The line of its `FROM`.
    pub line: usize,
    /// Its `FROM`, as it is written.
    pub text: String,
}

/// An image that is to be estimated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The image's name.
    pub name: String,
    /// Its Dockerfile, from the root of the repository.
    pub file: String,
    /// What it stands on; `None` for `scratch`.
    pub foundation: Option<Foundation>,
    /// What makes a layer, lowest first.
    pub steps: Vec<Step>,
}

/// How it is known what a line brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// The files in the build context.
    Context,
    /// The same line in the record.
    Record,
    /// The packages that it names, in the record of some image.
    Packages,
    /// Nothing is known.
    Unknown,
}

/// What a line will bring at least.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EstimatedLine {
    /// Its Dockerfile, from the root of the repository.
    pub file: String,
    /// Its first line, from 1.
    pub line: usize,
    /// Its last line.
    pub end_line: usize,
    /// It, on one line, cut off after 200 characters.
    pub instruction: String,
    /// Unpacked bytes of its layers.
    pub at_least_bytes: u64,
    /// Of its largest layer.
    #[serde(skip)]
    pub layer_bytes: u64,
    /// How they are known.
    pub evidence: Evidence,
    /// It may bring more, and nobody knows how much.
    pub is_open: bool,
}

/// How large an image will be at least.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Estimate {
    /// The image's name.
    pub name: String,
    /// Its Dockerfile, from the root of the repository.
    pub dockerfile: String,
    /// The one whose record was used; `null` if there is no record.
    pub platform: Option<String>,
    /// Always: nothing was built.
    pub is_estimate: bool,
    /// Unpacked bytes.
    pub at_least_bytes: u64,
    /// Unpacked bytes of the largest layer.
    pub at_least_layer_bytes: u64,
    /// How many lines may bring more.
    pub unknown_lines: usize,
    /// What brings something, lowest first.
    pub lines: Vec<EstimatedLine>,
}

/// What is remembered while lines are told one after the other.
struct Remembered<'a> {
    record: Vec<&'a RecordedImage>,
    /// How often an instruction stood in a Dockerfile so far: the second is what was recorded second.
    seen: BTreeMap<(&'a str, String), usize>,
    /// Packages that are there already.
    installed: BTreeSet<&'a NamedPackage>,
}

impl Estimate {
    /// Of an image, with what was recorded for a platform. `is_same_foundation` says whether an image stood on the
    /// same foundation when it was recorded.
    #[must_use]
    pub fn of(
        plan: &Plan,
        platform: Option<&str>,
        record: Option<&Record>,
        is_same_foundation: &dyn Fn(&RecordedImage, &Foundation) -> bool,
    ) -> Self {
        let images = record.map(Record::images).unwrap_or_default().iter();
        let mut fitting: Vec<&RecordedImage> = images
            .filter(|image| Some(image.platform.as_str()) == platform)
            .collect();
        // What was recorded of the image itself comes first.
        fitting.sort_by_key(|image| image.name != plan.name);
        let mut lines = Vec::new();
        if let Some(foundation) = &plan.foundation {
            let first = plan.steps.first();
            let mut fitting = fitting.iter();
            let found = fitting.find_map(|image| {
                let layers = layers_below(image, first?)?;
                is_same_foundation(image, foundation).then_some(layers)
            });
            lines.push(of_foundation(foundation, found));
        }
        let mut remembered = Remembered {
            record: fitting,
            seen: BTreeMap::new(),
            installed: BTreeSet::new(),
        };
        lines.extend(plan.steps.iter().filter_map(|step| remembered.tell(step)));
        let largest = lines.iter().map(|line| line.layer_bytes).max();
        Self {
            name: plan.name.clone(),
            dockerfile: plan.file.clone(),
            platform: platform.map(ToOwned::to_owned),
            is_estimate: true,
            at_least_bytes: lines.iter().map(|line| line.at_least_bytes).sum(),
            at_least_layer_bytes: largest.unwrap_or_default(),
            unknown_lines: lines.iter().filter(|line| line.is_open).count(),
            lines,
        }
    }
}

impl EstimatedLine {
    /// `apps/api/Dockerfile:3-5`.
    #[must_use]
    pub fn place(&self) -> String {
        if self.end_line > self.line {
            format!("{}:{}-{}", self.file, self.line, self.end_line)
        } else {
            format!("{}:{}", self.file, self.line)
        }
    }
}

/// The layers that an image has below a step, if those are what it stands on: nobody knows where they come from, and
/// the first one above is the step's.
fn layers_below<'a>(image: &'a RecordedImage, first: &Step) -> Option<&'a [LineSize]> {
    let is_placed = |line: &LineSize| line.file.is_some() || line.line.is_some();
    let count = image.lines.iter().position(is_placed)?;
    let (below, above) = image.lines.split_at(count);
    (!below.is_empty() && is_of(&above[0], &first.file, &cut_off(&first.instruction)))
        .then_some(below)
}

fn is_of(line: &LineSize, file: &str, instruction: &str) -> bool {
    line.file.as_deref() == Some(file) && line.instruction == instruction
}

fn of_foundation(foundation: &Foundation, layers: Option<&[LineSize]>) -> EstimatedLine {
    let sizes = layers.into_iter().flatten().map(|line| line.unpacked_bytes);
    EstimatedLine {
        file: foundation.file.clone(),
        line: foundation.line,
        end_line: foundation.line,
        instruction: cut_off(&foundation.text),
        at_least_bytes: sizes.clone().sum(),
        layer_bytes: sizes.max().unwrap_or_default(),
        evidence: layers.map_or(Evidence::Unknown, |_| Evidence::Record),
        is_open: layers.is_none(),
    }
}

impl<'a> Remembered<'a> {
    /// `None` for what never brings anything.
    fn tell(&mut self, step: &'a Step) -> Option<EstimatedLine> {
        let recorded = self.recorded(step);
        let (bytes, evidence, is_open) = match &step.brings {
            Brings::Folder => return None,
            Brings::Files {
                bytes,
                is_all: true,
            } => (*bytes, Evidence::Context, false),
            Brings::Files { bytes, .. } => match recorded {
                Some(recorded) if recorded >= *bytes => (recorded, Evidence::Record, false),
                _ => (*bytes, Evidence::Context, true),
            },
            Brings::Made { packages } => {
                let new = self.packages(step, packages);
                match (recorded, new) {
                    (Some(recorded), _) => (recorded, Evidence::Record, false),
                    (None, Some(bytes)) => (bytes, Evidence::Packages, true),
                    (None, None) => (0, Evidence::Unknown, true),
                }
            }
        };
        Some(EstimatedLine {
            file: step.file.clone(),
            line: step.line,
            end_line: step.end_line,
            instruction: cut_off(&step.instruction),
            at_least_bytes: bytes,
            layer_bytes: bytes,
            evidence,
            is_open,
        })
    }

    /// What was recorded of the same line.
    fn recorded(&mut self, step: &'a Step) -> Option<u64> {
        let instruction = cut_off(&step.instruction);
        let count = self
            .seen
            .entry((&step.file, instruction.clone()))
            .or_default();
        let number = *count;
        *count += 1;
        self.record.iter().find_map(|image| {
            let mut lines = image
                .lines
                .iter()
                .filter(|line| is_of(line, &step.file, &instruction));
            Some(lines.nth(number)?.unpacked_bytes)
        })
    }

    /// What the packages take that are new here; `None` if nothing is known of any of them.
    fn packages(&mut self, step: &Step, packages: &'a [NamedPackage]) -> Option<u64> {
        let mut sum = None;
        for package in packages {
            let is_below = self.record.iter().any(|image| {
                step.stands_on.contains(&image.name) && sizes_of(image, package).next().is_some()
            });
            if !self.installed.insert(package) || is_below {
                continue;
            }
            let sizes = self
                .record
                .iter()
                .flat_map(|image| sizes_of(image, package));
            if let Some(least) = sizes.min() {
                *sum.get_or_insert_default() += least;
            }
        }
        sum
    }
}

fn sizes_of(image: &RecordedImage, package: &NamedPackage) -> impl Iterator<Item = u64> {
    let packages = image.packages.iter();
    packages
        .filter(|one| one.manager == package.manager && one.name == package.name)
        .map(|one| one.bytes)
}

#[cfg(test)]
mod tests;
