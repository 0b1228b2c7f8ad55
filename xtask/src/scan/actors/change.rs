//! The smallest change that mends what a package has.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::{Actor, Dependency, place};
use crate::scan::npm;
use crate::scan::vulnerability::{Affected, Vulnerability};
use crate::version::{Scheme, compare};

/// What somebody does about one version of a package.
#[derive(Clone, Debug)]
pub struct Change {
    /// Who.
    pub actor: Actor,
    /// The package as it is.
    pub package: Affected,
    /// The smallest version without any of those that can be mended; `None` if none can.
    pub to: Option<String>,
    /// Which of the vulnerabilities it mends, by their position in what was given.
    pub mends: Vec<usize>,
    /// Those that stay.
    pub leaves: Vec<usize>,
}

/// The changes that vulnerabilities ask for: one for each version of a package and whoever must act on it.
#[must_use]
pub fn changes<'v>(found: impl Iterator<Item = (&'v Vulnerability, &'v Actor)>) -> Vec<Change> {
    let mut groups: BTreeMap<_, (Change, Vec<&Vulnerability>)> = BTreeMap::new();
    for (index, (vulnerability, actor)) in found.enumerate() {
        let package = &vulnerability.package;
        let key = (
            actor.key(),
            package.manager.clone(),
            package.name.clone(),
            package.version.clone(),
        );
        let (change, members) = groups.entry(key).or_insert_with(|| {
            let change = Change {
                actor: actor.clone(),
                package: package.clone(),
                to: None,
                mends: Vec::new(),
                leaves: Vec::new(),
            };
            (change, Vec::new())
        });
        members.push(vulnerability);
        if vulnerability.fixed.is_some() {
            change.mends.push(index);
        } else {
            change.leaves.push(index);
        }
    }
    groups
        .into_values()
        .map(|(mut change, members)| {
            let fixed = members.iter().filter_map(|one| one.fixed.as_deref());
            change.to = smallest(&change.package, fixed);
            change
        })
        .collect()
}

/// The smallest version that is at least as late as all of these.
fn smallest<'v>(package: &Affected, fixed: impl Iterator<Item = &'v str>) -> Option<String> {
    let scheme = scheme(&package.manager)?;
    fixed
        .reduce(|a, b| match compare(scheme, a, b) {
            Some(Ordering::Less) => b,
            _ => a,
        })
        .map(str::to_owned)
}

/// How the versions of a manager's packages are ordered. What a program says of itself has three numbers.
pub(crate) fn scheme(manager: &str) -> Option<Scheme> {
    Some(match manager {
        "apk" => Scheme::Alpine,
        "dpkg" => Scheme::Debian,
        "npm" | "binary" => Scheme::Npm,
        "python" => Scheme::Python,
        "go" => Scheme::Go,
        "rust" => Scheme::Cargo,
        _ => return None,
    })
}

impl Change {
    /// What to do, as a sentence.
    #[must_use]
    pub fn advice(&self) -> String {
        let name = &self.package.name;
        let Some(to) = &self.to else {
            return self.without_fix();
        };
        match &self.actor {
            Actor::BaseImage {
                reference,
                at,
                arguments,
            } => {
                let own = arguments.iter().find(|argument| {
                    self.package.manager == "binary"
                        && argument
                            .name
                            .to_ascii_lowercase()
                            .starts_with(&name.to_ascii_lowercase())
                });
                if let Some(argument) = own {
                    return format!("raise {} to {to} ({})", argument.name, place(&argument.at));
                }
                let which: Vec<String> = arguments
                    .iter()
                    .map(|argument| format!("{} at {}", argument.name, place(&argument.at)))
                    .collect();
                let which = if which.is_empty() {
                    String::new()
                } else {
                    format!("; {} decide which", which.join(", "))
                };
                let until = self.until_then(to);
                format!(
                    "move {reference} ({}{which}) to a release with {name} {to} or later{until}",
                    place(at)
                )
            }
            Actor::Line { at, constraint, .. } => match constraint {
                Some(constraint) if constraint.contains(&self.package.version) => {
                    format!(
                        "ask for {name} {to} instead of {name}{constraint} ({})",
                        place(at)
                    )
                }
                _ if matches!(self.package.manager.as_str(), "apk" | "dpkg") => format!(
                    "run this line anew, so that it takes {name} {to} or later ({}): `docker-build --no-cache`",
                    place(at)
                ),
                _ => format!("install {name} {to} or later here ({})", place(at)),
            },
            Actor::Dependency { chain, kind, .. } => dependency(name, to, chain, kind),
            Actor::Elsewhere => format!("take a build of the image with {name} {to} or later"),
        }
    }

    fn without_fix(&self) -> String {
        let name = &self.package.name;
        match self.actor {
            Actor::BaseImage { .. } | Actor::Elsewhere => {
                format!(
                    "no version of {name} is without it yet: remove it from the image, or accept it for a time"
                )
            }
            Actor::Line { .. } | Actor::Dependency { .. } => {
                format!(
                    "no version of {name} is without it yet: do without {name}, or accept it for a time"
                )
            }
        }
    }

    /// What helps until there is such a base image.
    fn until_then(&self, to: &str) -> String {
        let name = &self.package.name;
        match self.package.manager.as_str() {
            "apk" => {
                format!("; until there is one, `RUN apk add --no-cache '{name}>={to}'` mends it")
            }
            "dpkg" => format!(
                "; until there is one, `RUN apt-get update && apt-get install -y --only-upgrade {name}` mends it"
            ),
            _ => String::new(),
        }
    }
}

fn dependency(name: &str, to: &str, chain: &[String], kind: &Dependency) -> String {
    match kind {
        Dependency::Requirement => format!("write {name}=={to}"),
        Dependency::Npm { direct, ranges } => {
            let all_allow = ranges
                .iter()
                .all(|range| npm::allows(range, to) == Some(true));
            if all_allow && !ranges.is_empty() {
                return format!(
                    "`npm update {name}` takes {to}, which everybody allows who needs it"
                );
            }
            if direct == name {
                return format!("`npm install {name}@{to}`");
            }
            let through = chain.join(" > ");
            format!(
                "update {direct} to a release that takes {name} {to} ({through}); until there is one, write `\"overrides\": {{ \"{name}\": \"{to}\" }}` into package.json"
            )
        }
    }
}
