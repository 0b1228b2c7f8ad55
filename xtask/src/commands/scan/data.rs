//! Looking packages up: in the own database, and by Trivy.

use std::collections::{BTreeMap, BTreeSet};

use camino::Utf8PathBuf;
use serde::Serialize;

use super::arguments::Arguments;
use super::looked::Looked;
use super::opinion::Opinions;
use super::settings::Settings;
use crate::advisories::Advisories;
use crate::cli::Common;
use crate::commands::images::LookedAt;
use crate::commands::timings::Timings;
use crate::date::Date;
use crate::environment::Environment;
use crate::error::{Error, Exit, Result};
use crate::finding::{Finding, Severity};
use crate::project::Project;
use crate::scan::database::{self, Reason};
use crate::scan::merging::{self, of_both};
use crate::scan::scanned::{Scanned, Unknown};
use crate::scan::vulnerability::{Finder, Vulnerability};

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
    /// Finders that failed.
    pub(super) errors: Vec<Error>,
    /// Images whose distribution gets no fixes any more, by position, with its name.
    ended: Vec<(usize, String)>,
}

/// How old the data of a finder about an ecosystem or release are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct DataAge {
    pub(super) finder: Finder,
    /// Such as `npm` or `Alpine:v3.20`; `all` where a finder has one age for everything.
    pub(super) ecosystem: String,
    pub(super) advisories: Option<u64>,
    /// The day up to which they are complete, as far as is known.
    pub(super) as_of: Option<Date>,
    pub(super) days: Option<u64>,
    pub(super) is_too_old: bool,
}

/// What is needed to look packages up.
pub(super) struct Lookup<'a> {
    pub(super) arguments: &'a Arguments,
    pub(super) settings: &'a Settings,
    pub(super) place: &'a LookedAt,
    pub(super) today: Date,
    pub(super) timings: &'a Timings<'a>,
    pub(super) common: &'a Common,
    pub(super) environment: &'a Environment,
}

/// What the own database says about an image.
#[derive(Default)]
struct Own {
    vulnerabilities: Vec<Vulnerability>,
    unknown: Vec<database::Unknown>,
    /// Managers of whose packages it knew something.
    managers: BTreeSet<String>,
}

impl Lookup<'_> {
    /// Where the advisories are.
    pub(super) fn folder(&self) -> Utf8PathBuf {
        match &self.arguments.data.database {
            Some(path) => self.environment.current_dir.join(path),
            None => self.place.root.join(&self.settings.scan.database.path),
        }
    }

    /// Looks up the packages of all images. What nobody knows is noted with the image.
    ///
    /// # Errors
    /// The data are there and cannot be read, or Trivy must not be trusted.
    pub(super) fn look_up(&self, looked: &mut Looked) -> Result<Data> {
        let mut data = Data {
            looked: vec![BTreeSet::new(); looked.images.len()],
            ..Data::default()
        };
        let (own, missing) = match Advisories::open(&self.folder(), &self.cache()) {
            Ok(advisories) => (self.own(advisories, &looked.images, &mut data)?, None),
            Err(error) if error.exit() == Exit::Missing => {
                let own = looked.images.iter().map(|_| Own::default()).collect();
                (own, Some(error))
            }
            Err(error) => return Err(error),
        };
        self.timings
            .lap("looked up their packages in the advisories");
        let opinions = Opinions::ask(self, looked)?;
        self.timings.lap("asked Trivy");
        data.remarks.extend(opinions.remarks);
        data.errors.extend(opinions.errors);
        if let Some(as_of) = opinions.as_of {
            data.ages
                .push(self.age(Finder::Trivy, "all".to_owned(), None, Some(as_of)));
        }
        let images = looked.images.iter_mut().enumerate();
        for (((index, image), own), opinion) in images.zip(own).zip(opinions.by_image) {
            let mut by_trivy = BTreeSet::new();
            let mut found = Vec::new();
            if let Some(report) = opinion.report {
                if report.is_end_of_life {
                    let name = report.distribution.clone().unwrap_or_default();
                    data.ended.push((index, name));
                }
                by_trivy = report.managers;
                found = report.vulnerabilities;
            }
            image.unknowns.extend(opinion.unknown);
            let by_both = own.managers.intersection(&by_trivy).cloned().collect();
            let both = merging::Looked { by_both };
            image.vulnerabilities = of_both(own.vulnerabilities, found, &both);
            let at = &mut data.looked[index];
            at.extend(own.managers.iter().map(|name| (Finder::Osv, name.clone())));
            at.extend(by_trivy.iter().map(|name| (Finder::Trivy, name.clone())));
            match &missing {
                Some(error) => note_missing(image, error, &by_trivy),
                None => note_unknown(image, &own.unknown, &by_trivy),
            }
        }
        Ok(data)
    }

    pub(super) fn cache(&self) -> Utf8PathBuf {
        self.place.root.join("target/docker-scan")
    }

    fn own(
        &self,
        mut advisories: Advisories,
        images: &[Scanned],
        data: &mut Data,
    ) -> Result<Vec<Own>> {
        if advisories.was_built() {
            self.timings.lap("made the index of the advisories");
        }
        let mut used = BTreeSet::new();
        let mut all = Vec::new();
        for image in images {
            self.environment.interrupt.check()?;
            let release = image.release();
            let found = advisories.vulnerabilities(&image.packages, release.as_deref())?;
            let unknown: BTreeSet<&str> = found
                .unknown
                .iter()
                .flat_map(|group| &group.packages)
                .map(String::as_str)
                .collect();
            let mut managers = BTreeSet::new();
            for package in &image.packages {
                let manager = package.manager.name();
                let called = format!("{} {}", package.name, package.version);
                if !unknown.contains(called.as_str()) {
                    managers.insert(manager.to_owned());
                    used.insert(ecosystem(manager, release.as_deref()));
                }
            }
            all.push(Own {
                vulnerabilities: found.vulnerabilities,
                unknown: found.unknown,
                managers,
            });
        }
        for age in advisories.ages() {
            if used.contains(&age.ecosystem) {
                let as_of = age.as_of();
                data.ages
                    .push(self.age(Finder::Osv, age.ecosystem, Some(age.advisories), as_of));
            }
        }
        let unusable = advisories.summary().unusable;
        if unusable > 0 {
            data.remarks.push(format!(
                "{unusable} records of the advisories could not be used"
            ));
            let why = advisories.summary().troubles.iter();
            data.remarks.extend(why.take(3).cloned());
        }
        Ok(all)
    }

    fn age(
        &self,
        finder: Finder,
        ecosystem: String,
        advisories: Option<u64>,
        as_of: Option<Date>,
    ) -> DataAge {
        let days = as_of.map(|day| {
            let days = self.today.unix_days().saturating_sub(day.unix_days());
            u64::try_from(days).unwrap_or(0)
        });
        let most = self.settings.policy.max_data_age.seconds();
        DataAge {
            finder,
            ecosystem,
            advisories,
            as_of,
            days,
            is_too_old: days.is_none_or(|days| days.saturating_mul(86_400) > most),
        }
    }
}

impl Data {
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
            let name = "outdated-vulnerability-data";
            let finding = Finding::new("DX6020", name, Severity::Error, message);
            let mut finding =
                place(finding, "max_data_age").help("fetch newer ones: `docker-scan --update-db`");
            finding.details_mut().subject =
                Some(format!("{} {}", age.finder.name(), age.ecosystem));
            findings.push(finding);
        }
        for (image, name) in &self.ended {
            let image = images[*image].name.as_str();
            let message = format!("{image}: {name} gets no fixes any more");
            findings.push(
                Finding::new(
                    "DX6022",
                    "end-of-life-distribution",
                    Severity::Warning,
                    message,
                )
                .property("image", image)
                .help("move the base image to a release that is maintained"),
            );
        }
        findings.extend(unknown(images));
        findings
    }
}

/// Why something is not known, what to do, and whether nobody could know.
type Cause<'u> = (&'u str, &'u Option<String>, bool);

/// What could not be judged: one finding for each reason, which most images share.
fn unknown(images: &[Scanned]) -> Vec<Finding> {
    let mut reasons: BTreeMap<Cause<'_>, Vec<(&str, &Unknown)>> = BTreeMap::new();
    for image in images {
        for unknown in &image.unknowns {
            let key = (unknown.reason.as_str(), &unknown.help, unknown.is_nobodys);
            let entry = reasons.entry(key).or_default();
            entry.push((&image.name, unknown));
        }
    }
    let finding = |(cause, found): (Cause<'_>, Vec<(&str, &Unknown)>)| {
        let (reason, help, is_nobodys) = cause;
        let severity = if is_nobodys {
            Severity::Note
        } else {
            Severity::Warning
        };
        let message = match &found[..] {
            [(_, unknown)] => unknown.message.clone(),
            several => {
                let names = several.iter().map(|(image, _)| *image);
                format!("{reason}: {}", named(names))
            }
        };
        let names: Vec<&str> = found.iter().map(|(image, _)| *image).collect();
        let mut finding = Finding::new("DX6021", "no-vulnerability-data", severity, message)
            .property("images", names);
        if let Some(help) = help {
            finding = finding.help(help.clone());
        }
        finding
    };
    reasons.into_iter().map(finding).collect()
}

/// What the data about packages of a manager are called.
pub(super) fn ecosystem(manager: &str, release: Option<&str>) -> String {
    match manager {
        "apk" | "dpkg" => release.unwrap_or_default(),
        "python" => "PyPI",
        "go" => "Go",
        "rust" => "crates.io",
        other => other,
    }
    .to_owned()
}

/// The packages of a manager that some program made, which no ecosystem has.
const WITHOUT_ECOSYSTEM: &str = "binary";

fn named<'p>(packages: impl Iterator<Item = &'p str> + Clone) -> String {
    let shown: Vec<&str> = packages.clone().take(MOST_NAMED).collect();
    let more = packages.count() - shown.len();
    let more = if more > 0 {
        format!(" and {more} more")
    } else {
        String::new()
    };
    format!("{}{more}", shown.join(", "))
}

/// There are no advisories at all: what Trivy did not look at either is unknown.
fn note_missing(image: &mut Scanned, error: &Error, by_trivy: &BTreeSet<String>) {
    let open: Vec<String> = image
        .packages
        .iter()
        .filter(|package| !by_trivy.contains(package.manager.name()))
        .map(|package| format!("{} {}", package.name, package.version))
        .collect();
    let is_only_programs = image.packages.iter().all(|package| {
        package.manager.name() == WITHOUT_ECOSYSTEM || by_trivy.contains(package.manager.name())
    });
    if !open.is_empty() {
        image.unknowns.push(Unknown {
            message: format!(
                "{}: nothing is known of {}: {}",
                image.name,
                named(open.iter().map(String::as_str)),
                error.message()
            ),
            reason: format!(
                "nothing is known of the packages of some images: {}",
                error.message()
            ),
            help: error.helps().first().cloned(),
            is_nobodys: is_only_programs,
        });
    }
}

fn note_unknown(image: &mut Scanned, unknown: &[database::Unknown], by_trivy: &BTreeSet<String>) {
    let release = image.release();
    for group in unknown {
        let is_covered = by_trivy
            .iter()
            .any(|manager| ecosystem(manager, release.as_deref()) == group.ecosystem);
        if is_covered {
            continue;
        }
        let is_nobodys = matches!(group.reason, Reason::NoEcosystem);
        let help = match group.reason {
            Reason::NoData => Some(format!(
                "fetch advisories for {}: `docker-scan --update-db`",
                group.ecosystem
            )),
            Reason::NoEcosystem => {
                let help = "watch the releases of whoever makes it: nobody publishes these as data";
                Some(help.to_owned())
            }
            _ => None,
        };
        image.unknowns.push(Unknown {
            message: format!(
                "{}, {}: {}: {}",
                image.name,
                group.ecosystem,
                group.reason,
                named(group.packages.iter().map(String::as_str))
            ),
            reason: format!(
                "{}: {}: {}",
                group.ecosystem,
                group.reason,
                named(group.packages.iter().map(String::as_str))
            ),
            help,
            is_nobodys,
        });
    }
}
