//! `--update-db`: newer advisories for the packages that images have.

use std::collections::BTreeSet;

use super::data::{Lookup, ecosystem};
use super::looked::Looked;
use crate::advisories::fetch::{Outcome, PUBLIC_URL, update};
use crate::commands::lint::tell_errors;
use crate::error::{Error, Result};
use crate::scan::ecosystem::Ecosystem;
use crate::size::Bytes;

/// Fetches what the images need; all ecosystems, if there is no image.
///
/// # Errors
/// Nothing can be fetched at all. An ecosystem that cannot is told, and is one of the errors that come back: what was
/// there before is used.
pub(super) fn carry_out(lookup: &Lookup<'_>, looked: Option<&Looked>) -> Result<Vec<Error>> {
    let environment = lookup.environment;
    let now = (environment.clock)()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap_or_default();
    let url = lookup
        .settings
        .scan
        .database
        .url
        .as_deref()
        .unwrap_or(PUBLIC_URL);
    let ecosystems = wanted(looked);
    let names: Vec<&str> = ecosystems.iter().map(|one| one.name()).collect();
    lookup.common.note(
        environment,
        &format!("fetching advisories: {}", names.join(", ")),
    );
    let outcomes = update(
        environment.runner.as_ref(),
        &lookup.folder(),
        url,
        &ecosystems,
        now.as_secs(),
    )?;
    let mut errors = Vec::new();
    for (ecosystem, outcome) in outcomes {
        match outcome {
            Ok(outcome) => {
                let is_new = matches!(outcome, Outcome::New(_));
                let size = Bytes(outcome.fetched().bytes);
                let said = if is_new {
                    "fetched"
                } else {
                    "nothing newer than the"
                };
                lookup
                    .common
                    .note(environment, &format!("{}: {said} {size}", ecosystem.name()));
            }
            Err(error) => errors.push(error),
        }
    }
    tell_errors(&errors, lookup.common, environment)?;
    Ok(errors)
}

fn wanted(looked: Option<&Looked>) -> Vec<Ecosystem> {
    let images = looked.map_or(&[][..], |looked| &looked.images);
    let needed: BTreeSet<Ecosystem> = images
        .iter()
        .flat_map(|image| {
            let release = image.release();
            image
                .packages
                .iter()
                .filter_map(move |package| {
                    Ecosystem::of(&ecosystem(package.manager.name(), release.as_deref()))
                })
                .collect::<Vec<_>>()
        })
        .collect();
    if needed.is_empty() {
        Ecosystem::ALL.to_vec()
    } else {
        needed.into_iter().collect()
    }
}
