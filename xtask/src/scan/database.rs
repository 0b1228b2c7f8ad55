//! The embedded matcher: packages of an image against an index of advisories.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::ecosystem::Ecosystem;
use super::index::{Damaged, Index, Summary};
use super::matching::{Verdict, judge};
use super::merging::merged;
use super::osv::Advisory;
use super::random_access::ReadAt;
use super::vulnerability::{Affected, Finder, Status, Vulnerability};
use crate::date::Date;
use crate::image::inventory::{Manager, Package};
use crate::version;

/// Advisories that packages can be looked up in.
#[derive(Debug)]
pub struct Database<R> {
    index: Index<R>,
}

/// What was found, and what nobody can know.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Matches {
    /// One for each vulnerability of each package, in the order of [`Vulnerability::order`].
    pub vulnerabilities: Vec<Vulnerability>,
    /// Packages of which nothing can be said.
    pub unknown: Vec<Unknown>,
}

/// Packages of which nothing can be said, for one reason.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Unknown {
    /// Their ecosystem or release, such as `npm` or `Debian:12`; else what installed them.
    pub ecosystem: String,
    /// Why.
    pub reason: Reason,
    /// Which, as `name version`, in order.
    pub packages: Vec<String>,
}

/// Why nothing can be said.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// There are no advisories for the ecosystem or release.
    NoData,
    /// It is not known which release of the distribution it is.
    NoRelease,
    /// Nobody publishes advisories for packages of the kind.
    NoEcosystem,
    /// Its version is none in its ecosystem.
    NotAVersion,
    /// An advisory about it speaks of versions that are none.
    UnclearAdvisory(String),
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoData => f.write_str("there are no advisories for it"),
            Self::NoRelease => f.write_str("it is not known which release it is"),
            Self::NoEcosystem => f.write_str("nobody publishes advisories for it"),
            Self::NotAVersion => f.write_str("the version makes no sense"),
            Self::UnclearAdvisory(id) => write!(f, "{id} speaks of versions that make no sense"),
        }
    }
}

/// How old the advisories of an ecosystem or release are.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Age {
    /// Such as `npm` or `Debian:12`.
    pub ecosystem: String,
    /// How many advisories there are.
    pub advisories: u64,
    /// When the newest was changed; `None` if none says so.
    pub newest: Option<Date>,
    /// When they were fetched; `None` if nobody wrote it down.
    pub fetched: Option<Date>,
}

impl Age {
    /// The day up to which they are complete, as far as is known: they were fetched then, or the newest is from then.
    #[must_use]
    pub fn as_of(&self) -> Option<Date> {
        self.fetched.max(self.newest)
    }

    /// How many days ago that was; `None` if nothing is known. A day in the future is none ago.
    #[must_use]
    pub fn days(&self, today: Date) -> Option<u64> {
        let days = today.unix_days().saturating_sub(self.as_of()?.unix_days());
        Some(u64::try_from(days).unwrap_or(0))
    }
}

/// Where the advisories about a package are looked for, and by which name and version.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Subject<'p> {
    ecosystem: Ecosystem,
    release: Option<&'p str>,
    name: String,
    version: &'p str,
}

impl<R: ReadAt> Database<R> {
    /// On an open index.
    #[must_use]
    pub const fn new(index: Index<R>) -> Self {
        Self { index }
    }

    /// What is told of the data as a whole.
    #[must_use]
    pub const fn summary(&self) -> &Summary {
        self.index.summary()
    }

    /// How old the data is, by ecosystem and release.
    #[must_use]
    pub fn ages(&self) -> Vec<Age> {
        let date = |seconds| Date::from_unix_seconds(seconds);
        let releases = self.index.summary().releases.iter();
        let age = releases.map(|(ecosystem, release)| Age {
            ecosystem: ecosystem.clone(),
            advisories: release.advisories,
            newest: Some(release.newest).filter(|newest| *newest > 0).map(date),
            fetched: release.fetched.map(date),
        });
        age.collect()
    }

    /// The vulnerabilities of packages. `release` is the ecosystem of the image's distribution, such as `Alpine:v3.20`
    /// or `Debian:12`; `None` where that is not known.
    ///
    /// # Errors
    /// If the index turns out to be damaged.
    pub fn vulnerabilities(
        &self,
        packages: &[Package],
        release: Option<&str>,
    ) -> Result<Matches, Damaged> {
        let mut unknown = BTreeMap::new();
        let mut subjects: PackagesByName<'_> = BTreeMap::new();
        for package in packages {
            match subject(package, release).and_then(|subject| self.with_data(subject)) {
                Ok(it) => subjects
                    .entry((it.ecosystem, it.release, it.name))
                    .or_default()
                    .push((it.version, package)),
                Err((ecosystem, reason)) => note(&mut unknown, ecosystem, reason, package),
            }
        }
        let mut found = Vec::new();
        for ((ecosystem, release, name), packages) in subjects {
            let mut advisories = self.index.advisories(ecosystem.name(), &name)?;
            if let Some(release) = release {
                advisories.extend(self.index.advisories(release, &name)?);
            }
            for (version, package) in packages {
                for advisory in &advisories {
                    match judge(ecosystem.scheme(), advisory, version) {
                        Verdict::NotAffected => {}
                        Verdict::Affected { fixed } => {
                            found.extend(vulnerabilities_of(advisory, package, fixed.as_deref()));
                        }
                        Verdict::Unclear => {
                            let ecosystem = release.unwrap_or(ecosystem.name()).to_owned();
                            let reason = Reason::UnclearAdvisory(advisory.id.clone());
                            note(&mut unknown, ecosystem, reason, package);
                        }
                    }
                }
            }
        }
        Ok(Matches {
            vulnerabilities: merged(found),
            unknown: unknown
                .into_iter()
                .map(|((ecosystem, reason), mut packages): (_, Vec<String>)| {
                    packages.sort();
                    packages.dedup();
                    Unknown {
                        ecosystem,
                        reason,
                        packages,
                    }
                })
                .collect(),
        })
    }

    /// The subject, if there are advisories for its ecosystem and its version is one.
    fn with_data<'p>(&self, subject: Subject<'p>) -> Result<Subject<'p>, (String, Reason)> {
        let family = subject.ecosystem.name();
        let ecosystem = subject.release.unwrap_or(family);
        let releases = &self.index.summary().releases;
        if !releases.contains_key(ecosystem) && !releases.contains_key(family) {
            return Err((ecosystem.to_owned(), Reason::NoData));
        }
        if !version::is_valid(subject.ecosystem.scheme(), subject.version) {
            return Err((ecosystem.to_owned(), Reason::NotAVersion));
        }
        Ok(subject)
    }
}

/// By ecosystem, release and name; each with the version that counts.
type PackagesByName<'p> =
    BTreeMap<(Ecosystem, Option<&'p str>, String), Vec<(&'p str, &'p Package)>>;
type UnknownByReason = BTreeMap<(String, Reason), Vec<String>>;

fn note(unknown: &mut UnknownByReason, ecosystem: String, reason: Reason, package: &Package) {
    let text = format!("{} {}", package.name, package.version);
    unknown.entry((ecosystem, reason)).or_default().push(text);
}

/// A distribution's advisories are about what its packages were built from.
fn subject<'p>(
    package: &'p Package,
    release: Option<&'p str>,
) -> Result<Subject<'p>, (String, Reason)> {
    let ecosystem = match package.manager {
        Manager::Apk => Ecosystem::Alpine,
        Manager::Dpkg => Ecosystem::Debian,
        Manager::Npm => Ecosystem::Npm,
        Manager::Python => Ecosystem::PyPi,
        Manager::Go => Ecosystem::Go,
        Manager::Rust => Ecosystem::CratesIo,
        Manager::Binary => {
            return Err((package.manager.name().to_owned(), Reason::NoEcosystem));
        }
    };
    let is_of_distribution = matches!(package.manager, Manager::Apk | Manager::Dpkg);
    if !is_of_distribution {
        return Ok(Subject {
            ecosystem,
            release: None,
            name: ecosystem.normalized(&package.name).into_owned(),
            version: &package.version,
        });
    }
    let fits = |release: &&str| Ecosystem::of(release) == Some(ecosystem);
    let Some(release) = release.filter(fits) else {
        let other = release.unwrap_or(ecosystem.name()).to_owned();
        let reason = if release.is_some() {
            Reason::NoData
        } else {
            Reason::NoRelease
        };
        return Err((other, reason));
    };
    let (name, version) = match &package.source {
        Some(source) => (&source.name, &source.version),
        None => (&package.name, &package.version),
    };
    Ok(Subject {
        ecosystem,
        release: Some(release),
        name: name.clone(),
        version,
    })
}

/// One for each vulnerability that the advisory is about.
fn vulnerabilities_of(
    advisory: &Advisory,
    package: &Package,
    fixed: Option<&str>,
) -> Vec<Vulnerability> {
    let of = |names: Vec<&str>, title: String| {
        let id = best_known(&names).to_owned();
        Vulnerability {
            aliases: names
                .iter()
                .filter(|name| **name != id)
                .map(|&name| name.to_owned())
                .collect(),
            id,
            package: Affected::of(package),
            fixed: fixed.map(str::to_owned),
            status: if fixed.is_some() {
                Status::Fixed
            } else {
                advisory.status
            },
            level: advisory.level,
            score: advisory.score,
            title,
            url: advisory.url.clone(),
            found_by: [Finder::Osv].into(),
            disagreements: Vec::new(),
        }
    };
    if advisory.bundles.is_empty() {
        let names = std::iter::once(&advisory.id).chain(&advisory.aliases);
        return vec![of(
            names.map(String::as_str).collect(),
            advisory.title.clone(),
        )];
    }
    let title = format!("{}: {}", advisory.id, advisory.title);
    advisory
        .bundles
        .iter()
        .map(|name| of(vec![name], title.clone()))
        .collect()
}

/// The CVE, else what GitHub calls it, else the first.
fn best_known<'t>(names: &[&'t str]) -> &'t str {
    ["CVE-", "GHSA-"]
        .into_iter()
        .find_map(|front| names.iter().find(|name| name.starts_with(front)))
        .or(names.first())
        .copied()
        .unwrap_or_default()
}

#[cfg(test)]
mod tests;
