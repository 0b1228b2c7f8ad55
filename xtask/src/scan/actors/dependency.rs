//! Packages that a lockfile or a list of requirements names.

use super::{Actor, Dependency};
use crate::scan::npm::Lockfile;
use crate::scan::vulnerability::Affected;
use crate::source::{Location, Source, Span};

/// A list for pip: `name==1.2.3` on lines of their own.
#[derive(Clone, Debug)]
pub struct Requirements {
    /// The file.
    pub source: Source,
    /// Name as PEP 503 compares it, version, place.
    pins: Vec<(String, String, Span)>,
}

impl Requirements {
    /// Reads one. Lines that pin nothing are passed over: pip chooses what they mean.
    #[must_use]
    pub fn parse(source: &Source) -> Self {
        let mut pins = Vec::new();
        let mut start = 0;
        for line in source.text().split_inclusive('\n') {
            let here = start;
            start += line.len();
            let text = line.split(['#', ';']).next().unwrap_or_default();
            let Some((name, version)) = text.split_once("==") else {
                continue;
            };
            let name = name.split('[').next().unwrap_or_default().trim();
            let version = version.trim_start_matches('=').trim();
            let version = version.split_whitespace().next().unwrap_or_default();
            let is_name = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
            if !name.is_empty() && name.chars().all(is_name) && !version.is_empty() {
                let span = Span::new(here, here + text.trim_end().len());
                pins.push((normalized(name), version.to_owned(), span));
            }
        }
        Self {
            source: source.clone(),
            pins,
        }
    }

    fn place(&self, name: &str, version: &str) -> Option<Location> {
        let mut pins = self.pins.iter();
        let (_, _, span) = pins.find(|(own, pinned, _)| own == name && pinned == version)?;
        Some(self.source.location(*span))
    }
}

fn normalized(name: &str) -> String {
    let lower = name.to_ascii_lowercase();
    let parts = lower.split(['-', '_', '.']).filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join("-")
}

/// The files of a repository that name dependencies.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// Of npm.
    pub lockfiles: Vec<Lockfile>,
    /// Of pip.
    pub requirements: Vec<Requirements>,
}

impl Sources {
    /// Who must act, if one of the files names the package.
    #[must_use]
    pub fn actor(&self, affected: &Affected) -> Option<Actor> {
        let (name, version) = (affected.name.as_str(), affected.version.as_str());
        match affected.manager.as_str() {
            "npm" => self.lockfiles.iter().find_map(|lockfile| {
                let mut chains = lockfile.chains(name, version);
                // The copy that is installed there, if it can be told; else the shortest way.
                let record = affected.record.trim_end_matches("/package.json");
                chains.sort_by_key(|chain| (!record.ends_with(&chain.path), chain.names.len()));
                let chain = chains.into_iter().next()?;
                Some(Actor::Dependency {
                    at: lockfile.location(&chain.path),
                    chain: chain.names,
                    kind: Dependency::Npm {
                        direct: chain.direct,
                        ranges: chain.ranges,
                    },
                })
            }),
            "python" => self.requirements.iter().find_map(|list| {
                Some(Actor::Dependency {
                    at: list.place(name, version)?,
                    chain: vec![format!("{name} {version}")],
                    kind: Dependency::Requirement,
                })
            }),
            _ => None,
        }
    }
}
