//! Several findings of one vulnerability of one package become one: by name and alias. Where finders disagree, the
//! worse is taken, and what each says is kept as a sentence.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::ecosystem::Ecosystem;
use super::vulnerability::{Affected, Finder, Level, Status, Vulnerability};
use crate::image::inventory::Manager;
use crate::version;

/// Who looked at all packages of an image, so that silence means something.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Looked {
    /// What both finders had data for, by [`Manager::name`]; nothing unless both looked.
    pub by_both: BTreeSet<String>,
}

/// What both finders found as one list, in the order of reports. Of a vulnerability that only one of them has, it is
/// said that the other has it not, if both had data for such packages.
#[must_use]
pub fn of_both(
    osv: Vec<Vulnerability>,
    trivy: Vec<Vulnerability>,
    looked: &Looked,
) -> Vec<Vulnerability> {
    let mut all = merged(osv.into_iter().chain(trivy).collect());
    for one in &mut all {
        if !looked.by_both.contains(&one.package.manager) {
            continue;
        }
        for (finder, other) in [(Finder::Osv, Finder::Trivy), (Finder::Trivy, Finder::Osv)] {
            if one.found_by.contains(&finder) && !one.found_by.contains(&other) {
                one.disagreements.push(format!(
                    "only {} has it, {} does not",
                    finder.name(),
                    other.name()
                ));
            }
        }
    }
    all
}

/// Makes one of all that are about the same package and share a name, in the order of reports.
#[must_use]
pub fn merged(found: Vec<Vulnerability>) -> Vec<Vulnerability> {
    let mut by_package: BTreeMap<Affected, Vec<Vulnerability>> = BTreeMap::new();
    for one in found {
        by_package.entry(one.package.clone()).or_default().push(one);
    }
    let mut all: Vec<Vulnerability> = by_package
        .into_values()
        .flat_map(merged_of_package)
        .collect();
    all.sort_by(|a, b| a.order().cmp(&b.order()));
    all
}

fn merged_of_package(found: Vec<Vulnerability>) -> Vec<Vulnerability> {
    let mut groups = Groups((0..found.len()).collect());
    let mut by_name: HashMap<String, usize> = HashMap::new();
    for (index, one) in found.iter().enumerate() {
        for name in one.names() {
            let first = *by_name.entry(name.to_ascii_uppercase()).or_insert(index);
            groups.join(first, index);
        }
    }
    let mut members: BTreeMap<usize, Vec<Vulnerability>> = BTreeMap::new();
    for (index, one) in found.into_iter().enumerate() {
        members.entry(groups.first(index)).or_default().push(one);
    }
    members.into_values().filter_map(one_of).collect()
}

/// Which of many belong together.
struct Groups(Vec<usize>);

impl Groups {
    /// The representative of a member.
    fn first(&mut self, mut member: usize) -> usize {
        while self.0[member] != member {
            self.0[member] = self.0[self.0[member]];
            member = self.0[member];
        }
        member
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.first(a), self.first(b));
        // The smaller stays, so that the order of the findings decides nothing else.
        self.0[a.max(b)] = a.min(b);
    }
}

fn one_of(group: Vec<Vulnerability>) -> Option<Vulnerability> {
    let disagreements = disagreements(&group);
    let mut group = group.into_iter();
    let mut one = group.next()?;
    for other in group {
        take_in(&mut one, other);
    }
    one.disagreements.extend(disagreements);
    one.disagreements.sort();
    one.disagreements.dedup();
    Some(one)
}

fn take_in(one: &mut Vulnerability, other: Vulnerability) {
    let mut names: BTreeSet<String> = std::mem::take(&mut one.aliases);
    names.insert(std::mem::take(&mut one.id));
    names.insert(other.id);
    names.extend(other.aliases);
    one.id = best_known(&names);
    names.remove(&one.id);
    one.aliases = names;
    if later(&one.package, other.fixed.as_deref(), one.fixed.as_deref()) {
        one.fixed = other.fixed;
    }
    one.status = if one.fixed.is_some() {
        Status::Fixed
    } else {
        one.status.max(other.status)
    };
    if (other.score, other.level) > (one.score, one.level) {
        one.score = other.score;
    }
    one.level = one.level.max(other.level);
    if one.title.is_empty() {
        one.title = other.title;
    }
    one.url = one.url.take().or(other.url);
    one.found_by.extend(other.found_by);
    one.disagreements.extend(other.disagreements);
}

fn best_known(names: &BTreeSet<String>) -> String {
    let of = |front: &str| names.iter().find(|name| name.starts_with(front));
    of("CVE-")
        .or_else(|| of("GHSA-"))
        .or(names.first())
        .cloned()
        .unwrap_or_default()
}

/// Whether `a` is a version that surely has the fix where `b` may not have it: it is later, or `b` is none.
fn later(package: &Affected, a: Option<&str>, b: Option<&str>) -> bool {
    match (a, b) {
        (None, _) => false,
        (Some(_), None) => true,
        (Some(a), Some(b)) => order(package, a, b) == Some(Ordering::Greater),
    }
}

fn order(package: &Affected, a: &str, b: &str) -> Option<Ordering> {
    version::compare(ecosystem_of(&package.manager)?.scheme(), a, b)
}

/// Whose versions the packages of a manager have.
pub(super) fn ecosystem_of(manager: &str) -> Option<Ecosystem> {
    [
        (Manager::Apk, Ecosystem::Alpine),
        (Manager::Dpkg, Ecosystem::Debian),
        (Manager::Npm, Ecosystem::Npm),
        (Manager::Python, Ecosystem::PyPi),
    ]
    .into_iter()
    .find(|(known, _)| known.name() == manager)
    .map(|(_, ecosystem)| ecosystem)
}

/// What the finders say differently, in sentences.
fn disagreements(group: &[Vulnerability]) -> Vec<String> {
    let mut by_finder: BTreeMap<Finder, (Level, Option<&str>)> = BTreeMap::new();
    for one in group {
        for finder in &one.found_by {
            let (level, fixed) = by_finder.entry(*finder).or_default();
            *level = (*level).max(one.level);
            if later(&one.package, one.fixed.as_deref(), *fixed) {
                *fixed = one.fixed.as_deref();
            }
        }
    }
    let Some(package) = group.first().map(|one| &one.package) else {
        return Vec::new();
    };
    let mut sentences = Vec::new();
    let all: Vec<_> = by_finder.into_iter().collect();
    for pair in all.windows(2) {
        let [(a, (a_level, a_fixed)), (b, (b_level, b_fixed))] = pair else {
            continue;
        };
        // Who does not judge does not disagree.
        if a_level != b_level && *a_level != Level::Unknown && *b_level != Level::Unknown {
            sentences.push(format!(
                "{} says {a_level}, {} says {b_level}: the worse counts",
                a.name(),
                b.name()
            ));
        }
        match (a_fixed, b_fixed) {
            (Some(fix), None) | (None, Some(fix)) => {
                let (knows, knows_not) = if a_fixed.is_some() { (a, b) } else { (b, a) };
                sentences.push(format!(
                    "{} knows of a fix in {fix}, {} of none",
                    knows.name(),
                    knows_not.name()
                ));
            }
            (Some(x), Some(y)) if x != y && order(package, x, y) != Some(Ordering::Equal) => {
                sentences.push(format!(
                    "{} says it is fixed in {x}, {} in {y}: the later counts",
                    a.name(),
                    b.name()
                ));
            }
            _ => {}
        }
    }
    sentences
}

#[cfg(test)]
mod tests;
