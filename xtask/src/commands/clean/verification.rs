//! After a run: whether everything that is kept can be read again.

use std::collections::{BTreeMap, BTreeSet};

use super::applying::put_back;
use super::gathering::{Gathered, Gatherer};
use crate::error::Result;
use crate::retention::{
    Digest, Package, Plan, Problem, ProblemKind, Reason, RestorePackage, blobs_of,
};

/// How often what is missing is put back and looked for again.
const ROUNDS: usize = 3;

/// What was looked for, and what is wrong.
#[derive(Default)]
pub(super) struct Verified {
    /// Manifests that were read again.
    pub(super) manifests: usize,
    /// Blobs that are there.
    pub(super) blobs: usize,
    /// What is wrong.
    pub(super) problems: Vec<Problem>,
}

/// Reads the whole package anew. What is needed and was removed is put back.
///
/// # Errors
/// Somebody stopped it.
pub(super) fn verify(
    gatherer: &Gatherer<'_>,
    before: &Package,
    plan: &Plan,
    spared: &BTreeMap<Digest, Reason>,
    list: &RestorePackage,
) -> Result<Verified> {
    let mut verified = Verified::default();
    let removed: BTreeSet<&Digest> = list.versions.iter().map(|it| &it.digest).collect();
    for _ in 0..ROUNDS {
        let fresh = gatherer.anew()?;
        let now = fresh.gather(&BTreeSet::new())?;
        let lacking = lacking(&now.package, before);
        let (to_restore, gone): (Vec<_>, Vec<_>) = lacking
            .into_iter()
            .partition(|(digest, _)| removed.contains(digest));
        if to_restore.is_empty() {
            for (digest, by) in gone {
                let by = now.package.called(&by);
                verified.problems.push(Problem::new(
                    ProblemKind::Lost,
                    &before.name,
                    format!("the registry no longer has {digest}, which {by} lists"),
                ));
            }
            judge(&fresh, &now, before, plan, spared, &mut verified)?;
            return Ok(verified);
        }
        for (digest, by) in to_restore {
            let by = now.package.called(&by);
            let (kind, message) = match put_back(gatherer, now.place.as_ref(), list, &digest) {
                Ok(()) => (ProblemKind::PutBack, format!("{by} needs {digest}")),
                Err(error) => (
                    ProblemKind::Lost,
                    format!("{by} needs {digest}, which cannot be put back: {error}"),
                ),
            };
            verified
                .problems
                .push(Problem::new(kind, &before.name, message));
        }
    }
    verified.problems.push(Problem::new(
        ProblemKind::Unreadable,
        &before.name,
        "what was put back is still not there".to_owned(),
    ));
    Ok(verified)
}

/// What indexes list and the registry does not have, by what lists it. What was missing before is none of our doing.
fn lacking(now: &Package, before: &Package) -> BTreeMap<Digest, Digest> {
    let mut lacking = BTreeMap::new();
    for (digest, version) in &now.versions {
        for child in &version.manifest.children {
            let is_there = now.versions.contains_key(&child.digest);
            let was_missing = before.missing.contains(&child.digest);
            if child.is_manifest && !is_there && !was_missing {
                lacking.insert(child.digest.clone(), digest.clone());
            }
        }
    }
    lacking
}

fn judge(
    fresh: &Gatherer<'_>,
    now: &Gathered,
    before: &Package,
    plan: &Plan,
    spared: &BTreeMap<Digest, Reason>,
    verified: &mut Verified,
) -> Result<()> {
    let name = &before.name;
    let mut wrong = |kind, message| verified.problems.push(Problem::new(kind, name, message));
    for (what, why) in &now.package.unreadable {
        wrong(
            ProblemKind::Unreadable,
            format!("{what} cannot be read: {why}"),
        );
    }
    let is_readable = now.package.unreadable.is_empty();
    let tags: BTreeSet<&String> = now
        .package
        .versions
        .values()
        .flat_map(|it| &it.tags)
        .collect();
    for (digest, version) in &before.versions {
        if !plan.keeps(digest) && !spared.contains_key(digest) {
            continue;
        }
        if is_readable && !now.package.versions.contains_key(digest) && version.tags.is_empty() {
            wrong(ProblemKind::Lost, format!("{digest} is no longer there"));
        }
        // A tag may mean another image by now: then somebody pushed.
        for tag in version
            .tags
            .iter()
            .filter(|tag| is_readable && !tags.contains(tag))
        {
            wrong(
                ProblemKind::Lost,
                format!("the tag `{tag}` is no longer there"),
            );
        }
    }
    let blobs = blobs_of(&now.package.versions);
    let is_blob = |digest: &&&Digest| !now.package.versions.contains_key(**digest);
    let blobs: Vec<Digest> = blobs
        .keys()
        .filter(is_blob)
        .map(|it| (*it).clone())
        .collect();
    let there = fresh.registry.has_blobs(&fresh.target.path, &blobs)?;
    for (blob, there) in blobs.iter().zip(&there) {
        match there {
            Ok(true) => {}
            Ok(false) => wrong(
                ProblemKind::Lost,
                format!("the blob {blob} is no longer there"),
            ),
            Err(why) => {
                wrong(
                    ProblemKind::Unreadable,
                    format!("the blob {blob} cannot be asked for: {why}"),
                );
            }
        }
    }
    verified.manifests = now.package.versions.len();
    verified.blobs = there
        .iter()
        .filter(|there| matches!(there, Ok(true)))
        .count();
    Ok(())
}
