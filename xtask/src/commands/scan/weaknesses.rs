//! What is wrong with how images are made up: hardening and secrets, by the levels of the linter's configuration.

use std::collections::BTreeSet;

use camino::Utf8Path;

use super::settings::Settings;
use crate::commands::images::LookedAt;
use crate::date::Date;
use crate::finding::Finding;
use crate::lint::configuration::{Configuration, Level};
use crate::lint::unsuppressed;
use crate::project::Role;
use crate::scan::hardening::{self, FoundSecret, OLDEST_DAYS, Purpose};
use crate::scan::rules::is_by_policy;
use crate::scan::scanned::Scanned;

/// Looks for weaknesses in all images. What a base of this repository brought is told of the base alone, if it was
/// looked at, too.
pub(super) fn look(images: &mut [Scanned], place: &LookedAt, today: Date) {
    let bases: Vec<BTreeSet<String>> = images
        .iter()
        .filter(|image| is_base(image, place))
        .map(layers)
        .collect();
    for image in images {
        let Some(filesystem) = &image.filesystem else {
            continue;
        };
        let secrets = FoundSecret::all(filesystem, &image.packages);
        let reference = image.image.names.first().map(String::as_str);
        let subject = hardening::Subject {
            name: &image.name,
            reference: reference.filter(|_| image.own.is_none()),
            purpose: if is_base(image, place) {
                Purpose::Development
            } else {
                Purpose::Production
            },
            config: &image.image.config,
            filesystem,
            packages: &image.packages,
            origins: &image.origins,
            steps: &image.steps,
            secrets: &secrets,
            today: Some(today),
            oldest_days: OLDEST_DAYS,
        };
        let mut found = hardening::findings(&subject);
        let of_base: BTreeSet<String> = image
            .image
            .layers
            .iter()
            .zip(&image.origins)
            .filter(|(_, origin)| origin.is_base == Some(true))
            .map(|(layer, _)| layer.diff_id.clone())
            .collect();
        let is_told = !of_base.is_empty() && bases.iter().any(|base| of_base.is_subset(base));
        if is_told && !is_base(image, place) {
            found.retain(|one| {
                one.details()
                    .properties
                    .get("actor")
                    .is_none_or(|actor| actor != "base")
            });
        }
        image.hardening = found;
    }
}

fn is_base(image: &Scanned, place: &LookedAt) -> bool {
    let own = image.own.as_deref();
    own.and_then(|own| place.definition(own))
        .is_some_and(|definition| definition.role == Role::Base)
}

fn layers(image: &Scanned) -> BTreeSet<String> {
    let layers = image.image.layers.iter();
    layers.map(|layer| layer.diff_id.clone()).collect()
}

/// Findings of several images, each once and at its line, by the levels that were set, without what comments in the
/// Dockerfiles or dockle's list keep back. How many were kept back.
pub(super) fn settled(
    found: Vec<Finding>,
    settings: &Settings,
    place: &LookedAt,
) -> (Vec<Finding>, usize) {
    let configuration = &settings.configuration;
    let mut findings: Vec<Finding> = Vec::new();
    let mut seen = BTreeSet::new();
    let defaults = Configuration::default();
    for finding in found {
        let mut finding = if finding.location.is_some() {
            finding
        } else {
            place.located(finding)
        };
        let path = finding.path().map(ToOwned::to_owned).unwrap_or_default();
        let level = configuration
            .for_file(Utf8Path::new(&path))
            .level(&finding.code);
        let is_said = level != defaults.levels.of(&finding.code);
        match level {
            // A rule that the linter leaves out unless asked is still a fact about the image.
            Level::Off if is_said => continue,
            Level::On(severity) if is_said => finding.severity = severity,
            _ => {}
        }
        let place = finding.location.as_ref().map(|at| at.span.start);
        let key = (
            finding.path().map(ToOwned::to_owned),
            finding.code.clone(),
            place,
            finding.message.clone(),
        );
        if is_by_policy(&finding.code) || finding.path().is_none() || seen.insert(key) {
            findings.push(finding);
        }
    }
    let before = findings.len();
    findings.retain(|finding| !settings.dockle.leaves_out(finding));
    let project = place.project.iter();
    for image in project.flat_map(|project| &project.images) {
        findings = unsuppressed(&image.dockerfile, findings, configuration.hadolint_pragmas);
    }
    let kept_back = before - findings.len();
    (findings, kept_back)
}
