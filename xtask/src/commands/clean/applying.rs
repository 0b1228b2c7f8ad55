//! Carrying a plan out.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use super::gathering::{Gathered, Gatherer};
use super::record::Record;
use crate::commands::audit::now;
use crate::distribution::Removed;
use crate::error::{Error, Result};
use crate::packages::Place;
use crate::retention::{
    Digest, Keeping, Pace, Package, Plan, Policy, Problem, ProblemKind, Reason, RestorePackage,
    Situation, Version,
};

/// After how many removals the registry is looked at again.
const AT_ONCE: usize = 40;
/// Of GitHub's 900 points in a minute those that are left for reading.
const POINTS: u32 = 800;
/// After how many refusals nothing more is tried: then it is not about single images.
const MOST_REFUSALS: usize = 10;
/// What GitHub counts for a request that removes something.
const POINTS_OF_A_REMOVAL: u32 = 5;

/// What came of it.
#[derive(Default)]
pub(super) struct Applied {
    /// What is gone, in that order.
    pub(super) removed: Vec<Digest>,
    /// What was planned and is spared, and why.
    pub(super) spared: BTreeMap<Digest, Reason>,
    /// What went wrong.
    pub(super) problems: Vec<Problem>,
}

/// How far one part came.
#[derive(Default)]
struct Part {
    /// What is gone.
    done: Vec<Digest>,
    /// What was refused, where it ended then.
    refusal: Option<(Digest, Problem)>,
}

/// Removes what the plan of a package says.
pub(super) struct Application<'a> {
    pub(super) gatherer: &'a Gatherer<'a>,
    pub(super) policy: &'a Policy,
    /// As the plan saw it.
    pub(super) before: &'a Gathered,
    pub(super) plan: &'a Plan,
    pub(super) record: &'a RefCell<Record>,
}

impl Application<'_> {
    /// Looks again before each part: what got a new tag, or a new index that lists it, is spared.
    ///
    /// # Errors
    /// It was interrupted, or cannot be written down. What was removed until then is in the journal.
    pub(super) fn carry_out(&self) -> Result<Applied> {
        let mut applied = Applied::default();
        let mut refused: BTreeSet<Digest> = BTreeSet::new();
        let planned: BTreeSet<Digest> = self.plan.removals.iter().cloned().collect();
        let mut left: Vec<Digest> = self.plan.removals.clone();
        let mut pace = Pace::new(POINTS);
        let begin = Instant::now();
        while !left.is_empty() && refused.len() < MOST_REFUSALS {
            self.gatherer.session.means.interrupt.check()?;
            let again = self.gatherer.gather(&left.iter().cloned().collect())?;
            let mut changed = changed(&self.before.package, &again.package);
            changed.extend(refused.iter().cloned());
            let situation = Situation {
                begun: Some(planned.clone()),
                changed,
                ..Situation::at(now(self.gatherer.session.environment))
            };
            let plan = Plan::new(&again.package, self.policy, &situation);
            if !plan.problems.is_empty() {
                applied.problems.extend(plan.problems);
                break;
            }
            let there = |digest: &&Digest| again.package.versions.contains_key(digest);
            let gone: Vec<Digest> = left.iter().filter(|it| !there(it)).cloned().collect();
            let mut next = plan.removals.iter().cloned();
            let part: Vec<Digest> = next.by_ref().take(AT_ONCE).collect();
            let rest: Vec<Digest> = next.collect();
            let known: BTreeSet<&Digest> = part.iter().chain(&rest).collect();
            let spared = left
                .iter()
                .filter(there)
                .filter(|digest| !known.contains(digest));
            let why = |digest: &Digest| Some((digest.clone(), plan.decisions.get(digest)?.clone()));
            applied.spared.extend(spared.filter_map(why));
            self.note_gone(&gone, &mut applied)?;
            let mut part_done = Part::default();
            let ended = self.remove(&part, &again, &mut pace, begin, &mut part_done);
            let Part { done, refusal } = part_done;
            self.note_gone(&done, &mut applied)?;
            ended?;
            if let Some((digest, problem)) = refusal {
                refused.insert(digest);
                applied.problems.push(problem);
            }
            left = rest;
            // What was not tried since something above it was refused is looked at again.
            left.extend(
                part.into_iter()
                    .filter(|it| !done.contains(it) && !refused.contains(it)),
            );
            if left.len() > AT_ONCE {
                let (gone, all) = (applied.removed.len(), planned.len());
                (self.gatherer.session.means.note)(&format!(
                    "removed {gone} of {all} manifests of {}",
                    again.package.name
                ));
            }
        }
        let refused = refused.into_iter();
        applied
            .spared
            .extend(refused.map(|digest| (digest, Reason::Keep(Keeping::Refused))));
        Ok(applied)
    }

    fn note_gone(&self, gone: &[Digest], applied: &mut Applied) -> Result<()> {
        for digest in gone {
            let version = self.before.package.versions.get(digest);
            self.gatherer
                .forget(digest, version.and_then(|version| version.id));
        }
        applied.removed.extend_from_slice(gone);
        self.record.borrow_mut().removed(&self.plan.package, gone)
    }

    /// Removes one after the other, until something is refused: what that lists must stay, too, and the registry is
    /// looked at again first.
    fn remove(
        &self,
        part: &[Digest],
        again: &Gathered,
        pace: &mut Pace,
        begin: Instant,
        so_far: &mut Part,
    ) -> Result<()> {
        for digest in part {
            let Some(version) = again.package.versions.get(digest) else {
                continue;
            };
            if again.place.is_some() {
                let wait = pace.spend(POINTS_OF_A_REMOVAL, begin.elapsed());
                self.gatherer
                    .session
                    .http
                    .wait(wait, "at the pace that the API allows")?;
            }
            match self.remove_one(digest, version, again.place.as_ref())? {
                Removed::Now | Removed::Before => so_far.done.push(digest.clone()),
                Removed::Refused(why) => {
                    let problem = Problem::new(
                        ProblemKind::Refused,
                        &again.package.name,
                        format!("{} was not removed: {why}", again.package.called(digest)),
                    );
                    so_far.refusal = Some((digest.clone(), problem));
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    fn remove_one(
        &self,
        digest: &Digest,
        version: &Version,
        place: Option<&Place>,
    ) -> Result<Removed> {
        match (&self.gatherer.packages, place, version.id) {
            (Some(packages), Some(place), Some(id)) => packages.remove(place, id),
            (None, _, _) => self
                .gatherer
                .registry
                .remove(&self.gatherer.target.path, digest),
            _ => Err(Error::failed(format!(
                "nothing is known to remove {digest} by"
            ))),
        }
    }
}

/// What is new, or has a tag that it did not have.
fn changed(before: &Package, after: &Package) -> BTreeSet<Digest> {
    let is_new = |(digest, version): &(&Digest, &Version)| match before.versions.get(*digest) {
        None => true,
        Some(was) => !version.tags.is_subset(&was.tags),
    };
    let versions = after.versions.iter().filter(is_new);
    versions.map(|(digest, _)| digest.clone()).collect()
}

/// What was removed, put back.
///
/// # Errors
/// The registry or the API refuses, or does not answer.
pub(super) fn put_back(
    gatherer: &Gatherer<'_>,
    place: Option<&Place>,
    list: &RestorePackage,
    digest: &Digest,
) -> Result<()> {
    let versions: BTreeMap<&Digest, _> = list
        .versions
        .iter()
        .map(|version| (&version.digest, version))
        .collect();
    let Some(version) = versions.get(digest) else {
        return Err(Error::failed(format!(
            "nothing is known to put {digest} back by"
        )));
    };
    match (&gatherer.packages, place, version.id) {
        (Some(packages), Some(place), Some(id)) => {
            packages.restore(place, id)?;
            gatherer.is_back(version.id);
            Ok(())
        }
        _ => gatherer.registry.put(
            &gatherer.target.path,
            digest.as_str(),
            &version.media_type,
            version.manifest.as_bytes(),
        ),
    }
}
