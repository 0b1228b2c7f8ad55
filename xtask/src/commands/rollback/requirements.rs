//! Whether an earlier image may be put to work again.

use std::collections::BTreeSet;

use super::Arguments;
use crate::audit::{Check, Outcome};
use crate::commands::trust::Session;
use crate::cosign::Subject;
use crate::engine::registry::{Client, LIMIT};
use crate::engine::{Means, registry};
use crate::error::{Error, Exit, Result};
use crate::project::manifest::Requirement;
use crate::project::{ImageName, Project};
use crate::release::History;
use crate::trust::{Policy, Standing};

/// What an image is held to.
pub(super) struct Requirements<'a> {
    pub(super) project: &'a Project,
    pub(super) arguments: &'a Arguments,
    pub(super) means: Means<'a>,
    pub(super) client: &'a Client,
    /// `None` where no signature is asked for.
    pub(super) session: Option<Session<'a>>,
}

/// What an image was found to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Held {
    /// One for each requirement.
    pub(super) checks: Vec<Check>,
    /// What is against it and was not overridden.
    pub(super) refusals: Vec<String>,
    /// What was overridden: the names of the checks.
    pub(super) overridden: Vec<String>,
}

impl Requirements<'_> {
    /// Holds one image to all of it. `reference` has a digest.
    ///
    /// # Errors
    /// The registry does not have it or does not answer, or what checks signatures is missing, unless that was
    /// overridden.
    pub(super) fn hold(&self, service: &str, reference: &str, history: &History) -> Result<Held> {
        let mut held = Held {
            checks: Vec::new(),
            refusals: Vec::new(),
            overridden: Vec::new(),
        };
        let required = &self.project.manifest.rollback.require;
        if required.contains(&Requirement::Signature) {
            let check = self.signature(service, reference)?;
            held.add(check, self.arguments.unsafe_unsigned, "--unsafe-unsigned");
        }
        if required.contains(&Requirement::Scan) {
            let check = self.scan(reference, history)?;
            held.add(check, self.arguments.unsafe_unscanned, "--unsafe-unscanned");
        }
        Ok(held)
    }

    fn signature(&self, service: &str, reference: &str) -> Result<Check> {
        let check = |outcome, detail: Option<String>| Check {
            check: "signature".to_owned(),
            outcome,
            detail,
        };
        let Some(session) = &self.session else {
            let why = "nothing that checks signatures is there".to_owned();
            return Ok(check(Outcome::Unknown, Some(why)));
        };
        let policy = Policy::of(&self.project.manifest.trust);
        let subject = Subject {
            name: service.to_owned(),
            reference: reference.to_owned(),
            built: None,
        };
        match session.verifier().verify(&subject, &policy) {
            Ok(verdict) if verdict.standing() == Standing::Trusted => {
                Ok(check(Outcome::Pass, Some(verdict.signers.join(", "))))
            }
            Ok(verdict) => {
                let problems = verdict.problems.iter();
                let why: Vec<&str> = problems.map(|one| one.message.as_str()).collect();
                Ok(check(Outcome::Fail, Some(why.join("; "))))
            }
            Err(error) if error.exit() == Exit::Interrupted => Err(error),
            Err(error) if self.arguments.unsafe_unsigned => {
                Ok(check(Outcome::Unknown, Some(error.to_string())))
            }
            Err(error) => Err(error),
        }
    }

    fn scan(&self, reference: &str, history: &History) -> Result<Check> {
        let digests = match self.digests(reference) {
            Ok(digests) => digests,
            Err(error) if error.exit() == Exit::Missing && self.arguments.unsafe_unscanned => {
                BTreeSet::new()
            }
            Err(error) => return Err(error),
        };
        let (outcome, detail) = match history.scan(digests.iter().map(String::as_str)) {
            Some((time, Outcome::Pass)) => (Outcome::Pass, format!("passed at {time}")),
            Some((time, Outcome::Fail)) => {
                (Outcome::Fail, format!("its last scan, at {time}, failed"))
            }
            Some((time, Outcome::Unknown)) => (
                Outcome::Unknown,
                format!("its last scan, at {time}, could not tell"),
            ),
            None => (
                Outcome::Unknown,
                "the audit trail tells of no scan of it".to_owned(),
            ),
        };
        Ok(Check {
            check: "scan".to_owned(),
            outcome,
            detail: Some(detail),
        })
    }

    /// Its own digest, those of the images in it, and those of their configurations: by which of them an engine knows it
    /// depends on how it stores images.
    fn digests(&self, reference: &str) -> Result<BTreeSet<String>> {
        let name = ImageName::parse(reference)
            .ok_or_else(|| Error::usage(format!("`{reference}` is no name of an image")))?;
        let mut digests = BTreeSet::from_iter(name.digest.clone());
        let top = self.document(&name, reference)?;
        let members = registry::members(&top).unwrap_or_default();
        digests.extend(configuration(&top));
        for member in &members {
            let full = format!("{}/{}@{member}", name.domain, name.path);
            digests.extend(configuration(&self.document(&name, &full)?));
        }
        digests.extend(members);
        Ok(digests)
    }

    fn document(&self, name: &ImageName, full: &str) -> Result<Vec<u8>> {
        let runner = self.means.runner;
        let document = self.client.document(runner, &name.domain, full, LIMIT)?;
        Ok(document.bytes)
    }
}

/// The digest of the configuration that a manifest names.
fn configuration(manifest: &[u8]) -> Option<String> {
    let manifest: serde_json::Value = serde_json::from_slice(manifest).ok()?;
    Some(manifest["config"]["digest"].as_str()?.to_owned())
}

impl Held {
    fn add(&mut self, check: Check, is_overridden: bool, option: &str) {
        if check.outcome != Outcome::Pass {
            if is_overridden {
                self.overridden.push(check.check.clone());
            } else {
                let detail = check.detail.as_deref().unwrap_or("it does not say why");
                self.refusals.push(format!(
                    "{}: {detail} (`{option} --reason …` takes it all the same)",
                    check.check
                ));
            }
        }
        self.checks.push(check);
    }
}
