//! Looking packages up: in the own database, and by Trivy.

use std::collections::BTreeSet;

use camino::Utf8PathBuf;
use serde::Serialize;

use super::arguments::Arguments;
use super::settings::Settings;
use crate::advisories::Advisories;
use crate::commands::images::LookedAt;
use crate::commands::timings::Timings;
use crate::date::Date;
use crate::environment::Environment;
use crate::error::{Exit, Result};
use crate::finding::{Finding, Severity};
use crate::project::Project;
use crate::scan::database::{Matches, Reason};
use crate::scan::scanned::{Scanned, Unknown};
use crate::scan::vulnerability::Finder;

/// Most packages that a message names.
const MOST_NAMED: usize = 5;

/// What was looked up where.
#[derive(Debug, Default)]
pub(super) struct Data {
    /// How old what was used is.
    pub(super) ages: Vec<DataAge>,
    /// For each image, who looked with data at packages of which manager.
    pub(super) looked: Vec<BTreeSet<(Finder, String)>>,
    /// What finders say about themselves that is worth knowing.
    pub(super) remarks: Vec<String>,
}

/// How old the data of a finder about an ecosystem or release are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct DataAge {
    pub(super) finder: Finder,
    /// Such as `npm` or `Alpine:v3.20`.
    pub(super) ecosystem: String,
    pub(super) advisories: Option<u64>,
    /// The day up to which they are complete, as far as is known.
    pub(super) as_of: Option<Date>,
    pub(super) days: Option<u64>,
    pub(super) is_too_old: bool,
}

/// Where the advisories are.
pub(super) fn folder(
    arguments: &Arguments,
    settings: &Settings,
    place: &LookedAt,
    environment: &Environment,
) -> Utf8PathBuf {
    match &arguments.data.database {
        Some(path) => environment.current_dir.join(path),
        None => place.root.join(&settings.scan.database.path),
    }
}

impl Data {
    /// Looks up the packages of all images. What nobody knows is noted with the image.
    ///
    /// # Errors
    /// The data are there and cannot be read.
    pub(super) fn look_up(
        images: &mut [Scanned],
        arguments: &Arguments,
        settings: &Settings,
        place: &LookedAt,
        today: Date,
        timings: &Timings<'_>,
        environment: &Environment,
    ) -> Result<Self> {
        let mut data = Self {
            looked: vec![BTreeSet::new(); images.len()],
            ..Self::default()
        };
        let folder = folder(arguments, settings, place, environment);
        let cache = place.root.join("target/docker-scan");
        match Advisories::open(&folder, &cache) {
            Ok(advisories) => {
                if advisories.was_built() {
                    timings.lap("made the index of the advisories");
                }
                data.look_up_advisories(advisories, images, settings, today, environment)?;
            }
            Err(error) if error.exit() == Exit::Missing => {
                for image in images.iter_mut().filter(|image| !image.packages.is_empty()) {
                    image.unknowns.push(Unknown {
                        message: format!(
                            "nothing is known of the packages of {}: {}",
                            image.name,
                            error.message()
                        ),
                        help: error.helps().first().cloned(),
                        is_nobodys: false,
                    });
                }
            }
            Err(error) => return Err(error),
        }
        for image in images {
            image
                .vulnerabilities
                .sort_by(|a, b| a.order().cmp(&b.order()));
        }
        Ok(data)
    }

    fn look_up_advisories(
        &mut self,
        mut advisories: Advisories,
        images: &mut [Scanned],
        settings: &Settings,
        today: Date,
        environment: &Environment,
    ) -> Result<()> {
        let mut used = BTreeSet::new();
        for (image, looked) in images.iter_mut().zip(&mut self.looked) {
            environment.interrupt.check()?;
            let release = image.release();
            let found = advisories.vulnerabilities(&image.packages, release.as_deref())?;
            let unknown: BTreeSet<&str> = found
                .unknown
                .iter()
                .flat_map(|group| &group.packages)
                .map(String::as_str)
                .collect();
            for package in &image.packages {
                let manager = package.manager.name();
                let called = format!("{} {}", package.name, package.version);
                if !unknown.contains(called.as_str()) {
                    looked.insert((Finder::Osv, manager.to_owned()));
                    used.insert(ecosystem(manager, release.as_deref()));
                }
            }
            note_unknown(image, &found);
            image.vulnerabilities = found.vulnerabilities;
        }
        for age in advisories.ages() {
            if !used.contains(&age.ecosystem) {
                continue;
            }
            let days = age.days(today);
            let most = settings.policy.max_data_age.seconds();
            self.ages.push(DataAge {
                finder: Finder::Osv,
                is_too_old: days.is_none_or(|days| days.saturating_mul(86_400) > most),
                advisories: Some(age.advisories),
                as_of: age.as_of(),
                days,
                ecosystem: age.ecosystem,
            });
        }
        let summary = advisories.summary();
        if summary.unusable > 0 {
            self.remarks.push(format!(
                "{} records of the advisories could not be used",
                summary.unusable
            ));
        }
        Ok(())
    }

    /// What is wrong with the data themselves.
    pub(super) fn findings(&self, images: &[Scanned], project: Option<&Project>) -> Vec<Finding> {
        let place = |finding: Finding, key: &str| match project {
            Some(project) => finding.at(project.manifest.value_location(&["scan", key])),
            None => finding,
        };
        let mut findings = Vec::new();
        for age in self.ages.iter().filter(|age| age.is_too_old) {
            let old = match (age.as_of, age.days) {
                (Some(day), Some(days)) => format!("are of {day}, {days} days ago"),
                _ => "are of an unknown age".to_owned(),
            };
            let message = format!(
                "the data of {} about {} {old}",
                age.finder.name(),
                age.ecosystem
            );
            let finding = Finding::new(
                "DX6020",
                "outdated-vulnerability-data",
                Severity::Error,
                message,
            );
            let mut finding =
                place(finding, "max_data_age").help("fetch newer ones: `docker-scan --update-db`");
            finding.subject = Some(format!("{} {}", age.finder.name(), age.ecosystem));
            findings.push(finding);
        }
        for image in images {
            for unknown in &image.unknowns {
                let severity = if unknown.is_nobodys {
                    Severity::Note
                } else {
                    Severity::Warning
                };
                let finding = Finding::new(
                    "DX6021",
                    "no-vulnerability-data",
                    severity,
                    unknown.message.as_str(),
                );
                let mut finding = finding.property("image", image.name.as_str());
                if let Some(help) = &unknown.help {
                    finding = finding.help(help.as_str());
                }
                findings.push(finding);
            }
        }
        findings
    }
}

/// What the data about packages of a manager are called.
fn ecosystem(manager: &str, release: Option<&str>) -> String {
    match manager {
        "apk" | "dpkg" => release.unwrap_or_default(),
        "python" => "PyPI",
        "go" => "Go",
        "rust" => "crates.io",
        other => other,
    }
    .to_owned()
}

fn note_unknown(image: &mut Scanned, found: &Matches) {
    for group in &found.unknown {
        let named: Vec<&str> = group
            .packages
            .iter()
            .take(MOST_NAMED)
            .map(String::as_str)
            .collect();
        let more = group.packages.len().saturating_sub(named.len());
        let more = if more > 0 {
            format!(" and {more} more")
        } else {
            String::new()
        };
        let is_nobodys = matches!(group.reason, Reason::NoEcosystem);
        let help = match group.reason {
            Reason::NoData => Some(format!(
                "fetch advisories for {}: `docker-scan --update-db`",
                group.ecosystem
            )),
            Reason::NoEcosystem => Some(
                "watch the releases of whoever makes it; nobody publishes these as data".to_owned(),
            ),
            _ => None,
        };
        image.unknowns.push(Unknown {
            message: format!(
                "{}, {}: {}: {}{more}",
                image.name,
                group.ecosystem,
                group.reason,
                named.join(", ")
            ),
            help,
            is_nobodys,
        });
    }
}
