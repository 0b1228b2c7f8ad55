//! Manifests against what is known.

mod containers;
mod hardening;
mod images;
mod index;
mod network;
mod policies;
mod probes;
mod resources;
mod secrets;
mod services;

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use super::facts::Facts;
use super::object::Object;
use super::rules;
use super::workload::{Container, Workload};
use crate::finding::{Finding, Related};
use crate::rule::About;
use crate::source::Location;

/// What is put to work, and what it is held to.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// What is known.
    pub facts: &'a Facts,
    /// What the environment's manifests come to.
    pub objects: &'a [Object],
    /// What the environment is called.
    pub environment: &'a str,
    /// Where the environment is named, for what has no place in its manifests.
    pub place: &'a Location,
    /// Whether images must be named by digest.
    pub digests: bool,
    /// The digests of what was built, by the images' names, where they are known.
    pub built: Option<&'a BTreeMap<String, String>>,
    /// Services that are left out on purpose.
    pub without: &'a [String],
}

/// What is wrong, in no particular order. Every finding has the property `environment`.
#[must_use]
pub fn check(subject: &Subject<'_>) -> Vec<Finding> {
    let workloads: Vec<Workload<'_>> = subject.objects.iter().filter_map(Workload::of).collect();
    let containers: Vec<Container<'_>> = workloads
        .iter()
        .flat_map(|workload| workload.containers(subject.facts))
        .collect();
    let mut by_name: HashMap<&str, HashMap<&str, Vec<&Object>>> = HashMap::new();
    for object in subject.objects {
        let of_kind = by_name.entry(&object.kind).or_default();
        of_kind.entry(&object.name).or_default().push(object);
    }
    let manifests = Manifests {
        subject,
        workloads,
        containers,
        by_name,
    };
    let mut found = Found {
        environment: subject.environment,
        findings: Vec::new(),
    };
    containers::check(&manifests, &mut found);
    probes::check(&manifests, &mut found);
    hardening::check(&manifests, &mut found);
    secrets::check(&manifests, &mut found);
    resources::check(&manifests, &mut found);
    images::check(&manifests, &mut found);
    services::check(&manifests, &mut found);
    network::check(&manifests, &mut found);
    found.findings
}

/// The manifests of an environment, looked through once.
struct Manifests<'a> {
    subject: &'a Subject<'a>,
    workloads: Vec<Workload<'a>>,
    containers: Vec<Container<'a>>,
    /// By kind, then by name.
    by_name: HashMap<&'a str, HashMap<&'a str, Vec<&'a Object>>>,
}

impl<'a> Manifests<'a> {
    /// The objects of a kind that are called so.
    fn named(&self, kind: &str, name: &str) -> &[&'a Object] {
        let of_kind = self.by_name.get(kind);
        let found = of_kind.and_then(|of_kind| of_kind.get(name));
        found.map_or(&[], Vec::as_slice)
    }
}

/// Where findings are left.
struct Found<'a> {
    environment: &'a str,
    findings: Vec<Finding>,
}

impl Found<'_> {
    /// A finding at a place.
    fn at(&mut self, about: &About, place: &Location, message: String) -> &mut Finding {
        let finding = Finding::new(about.code, about.name, about.severity, message)
            .at(place.clone())
            .property("environment", self.environment);
        self.findings.push(finding);
        let last = self.findings.len() - 1;
        &mut self.findings[last]
    }
}

/// Adds what to do, as an imperative.
fn help(finding: &mut Finding, help: impl Into<Cow<'static, str>>) {
    finding.help.push(help.into());
}

/// Adds the other half of a contradiction.
fn related(finding: &mut Finding, place: Option<&Location>, message: &str) {
    if let Some(place) = place {
        finding.details_mut().related.push(Related {
            location: place.clone(),
            message: message.to_owned(),
        });
    }
}
