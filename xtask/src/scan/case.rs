//! A vulnerability of an image, judged: who must act, until when, and whether it fails the policy.

use std::collections::BTreeMap;

use super::actors::{Actor, Workshop, actor};
use super::exemption::{Exemption, Subject, deciding};
use super::policy::Policy;
use super::record::Record;
use super::scanned::Scanned;
use super::vulnerability::Vulnerability;
use crate::timestamp::{Period, Timestamp};

mod findings;
#[cfg(test)]
mod tests;

pub use findings::findings;

/// A vulnerability of an image, with everything that is known about it.
#[derive(Clone, Debug)]
pub struct Case<'a> {
    /// The image.
    pub image: &'a Scanned,
    /// The vulnerability.
    pub vulnerability: &'a Vulnerability,
    /// Who must act.
    pub actor: Actor,
    /// Which of the exemptions decides about it.
    pub exemption: Option<usize>,
    /// Whether it does not count because of that.
    pub is_exempt: bool,
    /// Whether neither the record nor the one that is compared with has it.
    pub is_new: bool,
    /// When it was seen for the first time; now, if it is not recorded.
    pub first_seen: Timestamp,
    /// Until when it must be gone.
    pub deadline: Option<Timestamp>,
    /// Whether it fails because of what it is.
    pub fails: bool,
    /// How long ago its deadline has passed.
    pub overdue: Option<Period>,
}

/// What cases are judged by.
#[derive(Clone, Copy, Debug)]
pub struct Judge<'a> {
    /// The policy.
    pub policy: &'a Policy,
    /// Everything that is said about vulnerabilities.
    pub exemptions: &'a [Exemption],
    /// What was recorded, which the clock counts from.
    pub record: Option<&'a Record>,
    /// The record that new ones are new against, if it is another.
    pub against: Option<&'a Record>,
    /// How the images came to be.
    pub workshop: Workshop<'a>,
    /// The time.
    pub now: Timestamp,
}

impl<'a> Judge<'a> {
    /// The cases of all images; `subjects` are what each image is called.
    #[must_use]
    pub fn cases(&self, images: &'a [Scanned], subjects: &[Subject]) -> Vec<Case<'a>> {
        let mut cases = Vec::new();
        for (image, subject) in images.iter().zip(subjects) {
            let mut actors = BTreeMap::new();
            for vulnerability in &image.vulnerabilities {
                let actor = actors
                    .entry(&vulnerability.package)
                    .or_insert_with(|| actor(image, &vulnerability.package, &self.workshop));
                cases.push(self.case(image, vulnerability, actor.clone(), subject));
            }
        }
        cases
    }

    fn case(
        &self,
        image: &'a Scanned,
        vulnerability: &'a Vulnerability,
        actor: Actor,
        subject: &Subject,
    ) -> Case<'a> {
        let platform = image.image.config.platform();
        let recorded = |record: Option<&'a Record>| {
            let own = image.own.as_deref()?;
            record?.open(own, &platform, vulnerability)
        };
        let open = recorded(self.record);
        let before = match self.against {
            Some(against) => recorded(Some(against)),
            None => open,
        };
        let exemption = deciding(self.exemptions, vulnerability, subject, self.now.date());
        let is_exempt = exemption.is_some_and(|at| self.exemptions[at].statement.exempts());
        let is_new = before.is_none();
        // Of two records, the older time counts.
        let times = [open, before].into_iter().flatten();
        let first_seen = times.clone().map(|one| one.first_seen).min();
        let level_since = times
            .filter(|one| one.level >= vulnerability.level)
            .map(|one| one.level_since)
            .min();
        let deadline = self
            .policy
            .deadline(vulnerability.level, level_since.unwrap_or(self.now));
        let overdue = deadline
            .filter(|deadline| *deadline < self.now && !is_exempt)
            .map(|deadline| self.now.since(deadline));
        Case {
            image,
            vulnerability,
            actor,
            exemption,
            is_exempt,
            is_new,
            first_seen: first_seen.unwrap_or(self.now),
            deadline,
            fails: !is_exempt && self.policy.fails(vulnerability, is_new),
            overdue,
        }
    }
}

impl Case<'_> {
    /// Whether the run fails because of it.
    #[must_use]
    pub const fn is_error(&self) -> bool {
        self.fails || self.overdue.is_some()
    }
}
