//! `docker/vulnerabilities.json`: which vulnerabilities the images of a repository have, since when, and how long it
//! took until earlier ones were gone.
//!
//! The file is meant to be committed and read in diffs, as the record of sizes is: its order never changes by itself,
//! one vulnerability stands on one line, and nothing in it depends on when or where an image was built.
//!
//! A vulnerability is recognized by its name (any of them) and the package, not by the package's version: an update to
//! a version that has it, too, does not begin anew. What is gone is only taken for fixed if whoever found it looked
//! again, with data: a machine without Trivy repairs nothing.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::vulnerability::{Finder, Level, Vulnerability};
use crate::error::{Error, Result};
use crate::image::record::{conflict, layout};
use crate::source::{Source, Span};
use crate::timestamp::{Period, Timestamp};

mod statistics;
#[cfg(test)]
mod tests;

pub use statistics::{Remediation, remediation};

/// Raised when a field changes its meaning or goes away.
pub const SCHEMA_VERSION: u32 = 1;

/// The largest file that is read, in bytes.
pub const MAX_BYTES: u64 = 64 * 1024 * 1024;

/// How many of those that are gone are kept of each image: the newest.
const MOST_GONE: usize = 1_000;

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
    /// What it has, by package and name.
    pub open: Vec<Open>,
    /// What it had, the newest last.
    pub gone: Vec<Gone>,
}

/// A vulnerability that an image has.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Open {
    /// What installed the package: `apk`, `npm`, …
    pub manager: String,
    /// The package.
    pub package: String,
    /// The name it is best known by.
    pub id: String,
    /// How bad it is.
    pub level: Level,
    /// Since when it has that level. Deadlines count from here: one that is found to be worse gets its time, too.
    pub level_since: Timestamp,
    /// When it was seen for the first time.
    pub first_seen: Timestamp,
    /// The commit at that time, in full.
    pub first_commit: String,
    /// Who found it, such as `osv,trivy`.
    pub found_by: String,
}

/// A vulnerability that an image had.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Gone {
    /// What installed the package.
    pub manager: String,
    /// The package.
    pub package: String,
    /// The name it was best known by.
    pub id: String,
    /// How bad it was.
    pub level: Level,
    /// When it was seen for the first time.
    pub first_seen: Timestamp,
    /// The commit at that time, in full.
    pub first_commit: String,
    /// When it was seen to be gone.
    pub gone: Timestamp,
    /// The commit at that time, in full.
    pub gone_commit: String,
}

/// What a scan saw of an image.
#[derive(Clone, Debug)]
pub struct Observation<'a> {
    /// The image's name.
    pub name: &'a str,
    /// Its platform.
    pub platform: &'a str,
    /// What it has, without those that do not concern it.
    pub vulnerabilities: Vec<&'a Vulnerability>,
    /// Who looked, with data, at packages of which manager.
    pub looked: BTreeSet<(Finder, String)>,
    /// Vulnerabilities that somebody stated not to concern the image: they are no longer open, and were not fixed.
    pub unconcerned: Vec<&'a Vulnerability>,
}

/// When something is recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The commit, in full.
    pub commit: String,
    /// The time of the scan.
    pub time: Timestamp,
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
            Error::usage("the record of vulnerabilities cannot be read")
                .because(why)
                .at(source.location(Span::new(at, at)))
        };
        if let Some(at) = conflict(text) {
            let path = source.path();
            return Err(broken(at, "two branches changed it, and git could not merge them".to_owned())
                .help(format!("take one side (`git checkout --theirs {path}`), then record again: of what both know, the older first time is lost on one side only")));
        }
        let unreadable = |error: &serde_json::Error| {
            broken(
                source.offset(error.line(), error.column()),
                error.to_string(),
            )
            .help("restore it from git; removing it starts every clock anew")
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

    /// What was recorded before, and what a scan saw since. Images that were not scanned stay as they are.
    #[must_use]
    pub fn updated(
        previous: Option<Self>,
        observations: &[Observation<'_>],
        moment: &Moment,
    ) -> Self {
        let mut record = previous.unwrap_or_default();
        for observation in observations {
            let key = (observation.name, observation.platform);
            let known = record.images.iter().position(|image| image.key() == key);
            let mut image = match known {
                Some(index) => record.images.remove(index),
                None => RecordedImage {
                    name: observation.name.to_owned(),
                    platform: observation.platform.to_owned(),
                    open: Vec::new(),
                    gone: Vec::new(),
                },
            };
            image.observe(observation, moment);
            record.images.push(image);
        }
        record.sort();
        record
    }

    /// Forgets the images for which `is_there` says no, with all that is known of them.
    pub fn retain(&mut self, is_there: impl Fn(&str) -> bool) {
        self.images.retain(|image| is_there(&image.name));
    }

    /// Its images, by name and platform.
    #[must_use]
    pub fn images(&self) -> &[RecordedImage] {
        &self.images
    }

    /// What is recorded of a vulnerability that an image has.
    #[must_use]
    pub fn open(&self, name: &str, platform: &str, vulnerability: &Vulnerability) -> Option<&Open> {
        let mut images = self.images.iter();
        let image = images.find(|image| image.key() == (name, platform))?;
        image.open.iter().find(|open| open.is(vulnerability))
    }

    fn sort(&mut self) {
        self.images.sort_by(|a, b| a.key().cmp(&b.key()));
        for image in &mut self.images {
            image.open.sort_by(|a, b| a.key().cmp(&b.key()));
            image
                .gone
                .sort_by(|a, b| (a.gone, a.key()).cmp(&(b.gone, b.key())));
        }
    }
}

impl RecordedImage {
    fn key(&self) -> (&str, &str) {
        (&self.name, &self.platform)
    }

    fn observe(&mut self, observation: &Observation<'_>, moment: &Moment) {
        let mut before = std::mem::take(&mut self.open);
        for vulnerability in &observation.vulnerabilities {
            if self.open.iter().any(|open| open.is(vulnerability)) {
                // One package in two versions is one entry.
                continue;
            }
            let known = before.iter().position(|open| open.is(vulnerability));
            self.open.push(match known {
                Some(index) => before.swap_remove(index).seen_again(vulnerability, moment),
                None => Open::first(vulnerability, moment),
            });
        }
        for open in before {
            if observation.unconcerned.iter().any(|one| open.is(one)) {
                continue;
            }
            if open.was_looked_for(&observation.looked) {
                self.gone.push(open.gone(moment));
            } else {
                self.open.push(open);
            }
        }
        self.gone.sort_by_key(|gone| gone.gone);
        let extra = self.gone.len().saturating_sub(MOST_GONE);
        self.gone.drain(..extra);
    }
}

impl Open {
    fn first(vulnerability: &Vulnerability, moment: &Moment) -> Self {
        Self {
            manager: vulnerability.package.manager.clone(),
            package: vulnerability.package.name.clone(),
            id: vulnerability.id.clone(),
            level: vulnerability.level,
            level_since: moment.time,
            first_seen: moment.time,
            first_commit: moment.commit.clone(),
            found_by: finders(vulnerability),
        }
    }

    fn seen_again(mut self, vulnerability: &Vulnerability, moment: &Moment) -> Self {
        if vulnerability.level > self.level {
            self.level_since = moment.time;
        }
        self.level = vulnerability.level;
        self.id.clone_from(&vulnerability.id);
        self.found_by = finders(vulnerability);
        self
    }

    fn gone(self, moment: &Moment) -> Gone {
        Gone {
            manager: self.manager,
            package: self.package,
            id: self.id,
            level: self.level,
            first_seen: self.first_seen,
            first_commit: self.first_commit,
            gone: moment.time.max(self.first_seen),
            gone_commit: moment.commit.clone(),
        }
    }

    /// Whether it is this vulnerability of this package.
    fn is(&self, vulnerability: &Vulnerability) -> bool {
        let package = &vulnerability.package;
        self.manager == package.manager
            && self.package == package.name
            && vulnerability.is_called(&self.id)
    }

    /// Whether one of those who found it looked again.
    fn was_looked_for(&self, looked: &BTreeSet<(Finder, String)>) -> bool {
        looked.iter().any(|(finder, manager)| {
            *manager == self.manager && self.found_by.split(',').any(|name| name == finder.name())
        })
    }

    fn key(&self) -> (&str, &str, &str) {
        (&self.manager, &self.package, &self.id)
    }
}

impl Gone {
    /// How long it was there.
    #[must_use]
    pub fn took(&self) -> Period {
        self.gone.since(self.first_seen)
    }

    fn key(&self) -> (&str, &str, &str) {
        (&self.manager, &self.package, &self.id)
    }
}

fn finders(vulnerability: &Vulnerability) -> String {
    let names: Vec<&str> = vulnerability
        .found_by
        .iter()
        .map(|one| one.name())
        .collect();
    names.join(",")
}
