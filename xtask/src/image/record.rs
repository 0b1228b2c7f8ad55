//! `docker/sizes.json`: what the images of a repository were at the last commit that was recorded, and how large they
//! were at the commits before.
//!
//! The file is meant to be committed and read in diffs: its order never changes by itself, one thing stands on one
//! line, and nothing in it depends on when or where an image was built (no digests).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::analysis::{Analysis, Sizes};
use super::composition::{
    ComposedLine, Composition, FolderSize, LeftoverSize, LineSize, PackageSize, depth,
};
use super::history::{History, Point};
use crate::date::Date;
use crate::error::{Error, Result};
use crate::source::{Source, Span};

pub(crate) mod layout;
mod points;
#[cfg(test)]
mod tests;

/// Raised when a field changes its meaning or goes away.
pub const SCHEMA_VERSION: u32 = 1;
/// The largest file that is read, in bytes.
pub const MAX_BYTES: u64 = 64 * 1024 * 1024;
/// How many components the paths of recorded folders have at most.
pub const FOLDER_DEPTH: usize = 3;
/// How many folders of an image are recorded at most: the largest.
const MOST_FOLDERS: usize = 100;

/// The whole file.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    schema_version: u32,
    /// By name and platform.
    images: Vec<RecordedImage>,
}

/// An image on one platform.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct RecordedImage {
    /// The image's name.
    pub name: String,
    /// Such as `linux/amd64`.
    pub platform: String,
    /// The commit it was recorded at, in full.
    pub commit: String,
    /// That commit's day.
    pub date: Date,
    /// Its measures.
    pub sizes: Sizes,
    /// Its layers with what made them, lowest first.
    pub lines: Vec<LineSize>,
    /// By manager, name and version.
    pub packages: Vec<PackageSize>,
    /// The largest folders and files down to [`FOLDER_DEPTH`], by path.
    pub folders: Vec<FolderSize>,
    /// What no container needs, by category.
    pub leftovers: Vec<LeftoverSize>,
    /// Its sizes at the commits that were recorded, oldest first, this one included.
    #[serde(deserialize_with = "points::deserialize")]
    pub history: Vec<Point>,
}

/// When something is recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The commit, in full.
    pub commit: String,
    /// Its day.
    pub date: Date,
}

impl Default for Record {
    fn default() -> Self {
        Self {
            schema_version: SCHEMA_VERSION,
            images: Vec::new(),
        }
    }
}

impl Record {
    /// Reads the file.
    ///
    /// # Errors
    /// It is no record, or one of a later version: with line and column. It must not be overwritten then.
    pub fn parse(source: &Source) -> Result<Self> {
        /// What every version has.
        #[derive(Deserialize)]
        struct Versioned {
            schema_version: u32,
        }

        let text = source.text();
        let broken = |at: usize, why: String| {
            Error::usage("the record of image sizes cannot be read")
                .because(why)
                .at(source.location(Span::new(at, at)))
        };
        if let Some(at) = conflict(text) {
            return Err(broken(at, "two branches changed it, and git could not merge them".to_owned())
                .help("take one side (`git checkout --theirs docker/sizes.json`), then record again: what is recorded of a commit twice is kept once"));
        }
        let unreadable = |error: &serde_json::Error| {
            broken(
                source.offset(error.line(), error.column()),
                error.to_string(),
            )
            .help("restore it from git; or remove it to begin anew, which gives up its history")
        };
        let version = match serde_json::from_str::<Versioned>(text) {
            Ok(versioned) => versioned.schema_version,
            Err(error) => return Err(unreadable(&error)),
        };
        if version != SCHEMA_VERSION {
            let at = text.find("\"schema_version\"").unwrap_or_default();
            let why =
                format!("it is of version {version}, and this program reads {SCHEMA_VERSION}");
            return Err(broken(at, why).help("use the version of this tool that wrote it"));
        }
        let mut record: Self = serde_json::from_str(text).map_err(|error| unreadable(&error))?;
        record.sort();
        let twice = record.images.windows(2).find_map(|pair| match pair {
            [a, b] if a.key() == b.key() => Some(a),
            _ => None,
        });
        if let Some(image) = twice {
            let name = serde_json::to_string(&image.name).unwrap_or_default();
            let at = text.rfind(&format!("\"name\": {name}")).unwrap_or_default();
            let why = format!("it has {} for {} twice", image.name, image.platform);
            return Err(broken(at, why).help("remove one of the two"));
        }
        Ok(record)
    }

    /// The file's text.
    #[must_use]
    pub fn json(&self) -> String {
        layout::json(self)
    }

    /// What was recorded before, with these images as they are at a commit. Images that are not among them stay as
    /// they are; a commit that was recorded before is replaced.
    #[must_use]
    pub fn updated(previous: Option<Self>, analyses: &[Analysis], moment: &Moment) -> Self {
        let mut record = previous.unwrap_or_default();
        for analysis in analyses {
            let known = record.images.iter().position(|image| {
                (&image.name, &image.platform) == (&analysis.name, &analysis.platform)
            });
            let history = match known {
                Some(index) => record.images.remove(index).history,
                None => Vec::new(),
            };
            let mut image = RecordedImage::of(analysis, moment);
            image.history = points::merged(history, image.point());
            record.images.push(image);
        }
        record.sort();
        record
    }

    /// Forgets the images for which `is_there` says no, with their history.
    pub fn retain(&mut self, is_there: impl Fn(&str) -> bool) {
        self.images.retain(|image| is_there(&image.name));
    }

    /// Its images, by name and platform.
    #[must_use]
    pub fn images(&self) -> &[RecordedImage] {
        &self.images
    }

    /// An image on a platform.
    #[must_use]
    pub fn image(&self, name: &str, platform: &str) -> Option<&RecordedImage> {
        let mut images = self.images.iter();
        images.find(|image| image.name == name && image.platform == platform)
    }

    /// The sizes of all images over the commits.
    #[must_use]
    pub fn history(&self) -> History {
        let mut images: BTreeMap<String, Vec<Point>> = BTreeMap::new();
        for image in &self.images {
            let points = images.entry(image.name.clone()).or_default();
            points.extend(image.history.iter().cloned());
        }
        // Days sort as texts do; a stable sort leaves the platforms of one day in order.
        for points in images.values_mut() {
            points.sort_by(|a, b| a.date.cmp(&b.date));
        }
        History { images }
    }

    fn sort(&mut self) {
        self.images.sort_by(|a, b| a.key().cmp(&b.key()));
    }
}

impl RecordedImage {
    /// What is recorded of an image at a commit, without a history.
    fn of(analysis: &Analysis, moment: &Moment) -> Self {
        let composition = Composition::from(analysis);
        let mut folders = composition.folders;
        folders.retain(|folder| depth(&folder.path) <= FOLDER_DEPTH);
        folders.sort_by(|a, b| b.bytes.cmp(&a.bytes).then_with(|| a.path.cmp(&b.path)));
        folders.truncate(MOST_FOLDERS);
        folders.sort();
        Self {
            name: composition.name,
            platform: composition.platform,
            commit: moment.commit.clone(),
            date: moment.date,
            sizes: composition.sizes,
            lines: composition.lines.into_iter().map(|one| one.line).collect(),
            packages: composition.packages,
            folders,
            leftovers: composition.leftovers,
            history: Vec::new(),
        }
    }

    /// Its sizes at the commit it was recorded at.
    #[must_use]
    pub fn point(&self) -> Point {
        Point {
            commit: self.commit.clone(),
            date: self.date.to_string(),
            platform: self.platform.clone(),
            unpacked_bytes: self.sizes.unpacked_bytes,
            compressed_bytes: self.sizes.compressed_bytes,
            visible_bytes: self.sizes.visible_bytes,
            hidden_bytes: self.sizes.hidden_bytes,
        }
    }

    fn key(&self) -> (&str, &str) {
        (&self.name, &self.platform)
    }
}

impl From<&RecordedImage> for Composition {
    fn from(image: &RecordedImage) -> Self {
        let lines = image.lines.iter().cloned();
        Self {
            name: image.name.clone(),
            platform: image.platform.clone(),
            sizes: image.sizes,
            lines: lines
                .map(|line| ComposedLine {
                    diff_id: None,
                    line,
                })
                .collect(),
            packages: image.packages.clone(),
            folders: image.folders.clone(),
            folder_depth: Some(FOLDER_DEPTH),
            leftovers: image.leftovers.clone(),
        }
    }
}

/// Where git left the marks of a conflict.
pub(crate) fn conflict(text: &str) -> Option<usize> {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        if line.starts_with("<<<<<<<") {
            return Some(start);
        }
        start += line.len();
    }
    None
}
