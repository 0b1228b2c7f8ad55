//! Putting back what a run removed.

use std::collections::BTreeSet;

use camino::Utf8Path;

use super::applying::put_back;
use super::gathering::Gatherer;
use super::session::{Session, Target};
use crate::error::{Error, Result};
use crate::project::Project;
use crate::retention::{Digest, Restorable, RestoreList, RestorePackage};

/// What became of one package.
pub(super) struct Restored {
    /// The package.
    pub(super) name: String,
    /// How many manifests were put back.
    pub(super) manifests: usize,
    /// The tags that mean them again.
    pub(super) tags: Vec<String>,
    /// How many manifests were there all the time.
    pub(super) were_there: usize,
    /// What could not be put back, and why.
    pub(super) failed: Vec<String>,
}

/// The list in a file.
pub(super) fn read(file: &Utf8Path) -> Result<RestoreList> {
    let text = std::fs::read(file)
        .map_err(|error| Error::usage(format!("failed to read {file}")).because(error))?;
    RestoreList::parse(&text)
        .map_err(|why| Error::usage(format!("{file} is no restore list")).because(why))
}

/// Puts back what a list holds of one package: what lists others comes last, and tags behind everything.
///
/// # Errors
/// The package cannot be read, or somebody stopped it.
pub(super) fn restore(
    session: &Session<'_>,
    project: &Project,
    list: &RestorePackage,
) -> Result<Restored> {
    let target = Target::of(project, &list.name)?;
    let gatherer = Gatherer::new(session, &target)?;
    let all: BTreeSet<Digest> = list.versions.iter().map(|it| it.digest.clone()).collect();
    let before = gatherer.gather(&all)?;
    if let Some((what, why)) = before.package.unreadable.first_key_value() {
        return Err(Error::missing(format!("{}: {what} cannot be read", list.name)).because(why));
    }
    let mut restored = Restored {
        name: list.name.clone(),
        manifests: 0,
        tags: Vec::new(),
        were_there: 0,
        failed: Vec::new(),
    };
    for version in list.versions.iter().rev() {
        session.means.interrupt.check()?;
        if before.package.versions.contains_key(&version.digest) {
            restored.were_there += 1;
            continue;
        }
        match put_back(&gatherer, before.place.as_ref(), list, &version.digest) {
            Ok(()) => restored.manifests += 1,
            Err(error) => restored.failed.push(format!("{}: {error}", version.digest)),
        }
    }
    let after = gatherer.anew()?.gather(&all)?;
    let taken: BTreeSet<&String> = after
        .package
        .versions
        .values()
        .flat_map(|it| &it.tags)
        .collect();
    for version in list.versions.iter().rev() {
        let Some(found) = after.package.versions.get(&version.digest) else {
            continue;
        };
        for tag in &version.tags {
            if found.tags.contains(tag) {
                restored.tags.push(tag.clone());
            } else if taken.contains(tag) {
                let why = format!("`{tag}` means another image by now, and is left to it");
                restored.failed.push(why);
            } else {
                match tag_again(&gatherer, version, tag) {
                    Ok(()) => restored.tags.push(tag.clone()),
                    Err(error) => restored.failed.push(format!("`{tag}`: {error}")),
                }
            }
        }
    }
    Ok(restored)
}

fn tag_again(gatherer: &Gatherer<'_>, version: &Restorable, tag: &str) -> Result<()> {
    let (path, bytes) = (&gatherer.target.path, version.manifest.as_bytes());
    gatherer.registry.put(path, tag, &version.media_type, bytes)
}
