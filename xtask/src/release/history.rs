//! The deployments of one service, as the audit trail tells them.

use crate::audit::{Action, Entry, Outcome};
use crate::timestamp::Timestamp;

/// The detail of a rollback's entry that names the digest that was left.
pub const LEFT: &str = "from";

/// An image that was put to work, or could have been.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deployment {
    /// Of its manifest or index.
    pub digest: String,
    /// Its name with tag or digest, as it was recorded.
    pub reference: Option<String>,
    /// Of which commit.
    pub commit: Option<String>,
    /// When.
    pub time: Timestamp,
    /// What was recorded: a deployment, a rollback, a push.
    pub action: Action,
    /// Why it is no version to go back to.
    pub fault: Option<String>,
}

/// Everything of one service that has a digest, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// What was put to work.
    pub deployed: Vec<Deployment>,
    /// What was built, pushed or signed.
    pub made: Vec<Deployment>,
    /// The last scan of each digest and what it came to, oldest first.
    pub scans: Vec<(String, Timestamp, Outcome)>,
}

impl History {
    /// Of the entries of a trail, oldest first, those of a service.
    #[must_use]
    pub fn of<'e>(service: &str, entries: impl IntoIterator<Item = &'e Entry>) -> Self {
        let mut history = Self::default();
        for entry in entries {
            let Some(image) = entry.image.as_ref() else {
                continue;
            };
            let Some(digest) = &image.digest else {
                continue;
            };
            if image.name.as_deref() != Some(service) {
                continue;
            }
            history.add(entry, digest, image.reference.as_ref());
        }
        history
    }

    fn add(&mut self, entry: &Entry, digest: &str, reference: Option<&String>) {
        let deployment = Deployment {
            digest: digest.to_owned(),
            reference: reference.cloned(),
            commit: entry.source.as_ref().map(|source| source.commit.clone()),
            time: entry.time,
            action: entry.action,
            fault: None,
        };
        match entry.action {
            Action::Deploy | Action::Rollback => {
                let failed = entry
                    .verdicts
                    .iter()
                    .find(|check| check.outcome == Outcome::Fail);
                let fault = failed.map(|check| match &check.detail {
                    Some(detail) => format!("{} failed: {detail}", check.check),
                    None => format!("{} failed", check.check),
                });
                if let Some(left) = entry.details.get(LEFT).filter(|left| *left != digest)
                    && fault.is_none()
                    && entry.action == Action::Rollback
                {
                    self.leave(left, entry.time);
                }
                self.deployed.push(Deployment {
                    fault,
                    ..deployment
                });
            }
            Action::Scan => {
                let outcomes = entry.verdicts.iter().map(|check| check.outcome);
                let worst = outcomes.max().unwrap_or(Outcome::Unknown);
                self.scans.push((digest.to_owned(), entry.time, worst));
            }
            Action::Build | Action::Push | Action::Sign => self.made.push(deployment),
            _ => {}
        }
    }

    /// Somebody went back from it.
    fn leave(&mut self, digest: &str, when: Timestamp) {
        for one in &mut self.deployed {
            if one.digest == digest && one.fault.is_none() {
                one.fault = Some(format!("it was rolled back from at {when}"));
            }
        }
    }

    /// What runs now: the last that was put to work and did not fail at that.
    #[must_use]
    pub fn current(&self) -> Option<&Deployment> {
        self.deployed.iter().rfind(|one| one.fault.is_none())
    }

    /// What runs was put to work last of all that is good and is something else than `current`.
    #[must_use]
    pub fn before(&self, current: &str) -> Option<&Deployment> {
        self.deployed
            .iter()
            .rfind(|one| one.digest != current && self.is_good(&one.digest))
    }

    /// Whether the last time that a digest was put to work it stayed so.
    fn is_good(&self, digest: &str) -> bool {
        let last = self.deployed.iter().rfind(|one| one.digest == digest);
        last.is_some_and(|one| one.fault.is_none())
    }

    /// What the last scan of any of these digests came to: those of an index and of the images in it.
    #[must_use]
    pub fn scan<'d>(
        &self,
        digests: impl IntoIterator<Item = &'d str> + Clone,
    ) -> Option<(Timestamp, Outcome)> {
        let is_of = |digest: &str| digests.clone().into_iter().any(|one| one == digest);
        let last = self.scans.iter().rfind(|(digest, ..)| is_of(digest))?;
        Some((last.1, last.2))
    }
}
