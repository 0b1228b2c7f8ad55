//! The files of a run: its journal, and the list that undoes it.

use std::collections::BTreeSet;
use std::io::ErrorKind;

use camino::{Utf8Path, Utf8PathBuf};

use super::gathering::Gatherer;
use crate::atomic_file;
use crate::commands::json::json;
use crate::error::{Error, Result};
use crate::retention::{
    Digest, Journal, JournalPackage, Package, Plan, Restorable, RestoreList, RestorePackage,
};
use crate::timestamp::Timestamp;

/// The journal of a run that is not done.
pub(super) struct Record {
    file: Utf8PathBuf,
    pub(super) journal: Journal,
}

/// Where the journal lies.
fn file(folder: &Utf8Path) -> Utf8PathBuf {
    folder.join("journal.json")
}

impl Record {
    /// The journal that an earlier run left; `None` if it was done.
    ///
    /// # Errors
    /// There is one, and it cannot be read.
    pub(super) fn left(folder: &Utf8Path) -> Result<Option<Self>> {
        let file = file(folder);
        let text = match std::fs::read(&file) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => {
                return Err(Error::usage(format!("failed to read {file}")).because(error));
            }
        };
        let journal = Journal::parse(&text).map_err(|why| {
            Error::usage(format!("{file} is no journal of a run"))
                .because(why)
                .help("remove it, if nothing is to be finished")
        })?;
        Ok(Some(Self { file, journal }))
    }

    /// Begins one; it is on the disk when this returns, and so is the restore list.
    pub(super) fn begin(
        folder: &Utf8Path,
        now: Timestamp,
        packages: Vec<RestorePackage>,
    ) -> Result<Self> {
        let stamp: String = now.to_string().replace(['-', ':'], "");
        let name = format!("restore-{stamp}-{}.json", std::process::id());
        let planned = packages.iter().map(|package| JournalPackage {
            name: package.name.clone(),
            planned: package
                .versions
                .iter()
                .map(|it| it.digest.clone())
                .collect(),
            removed: Vec::new(),
        });
        let journal = Journal::new(now, &name, planned.collect());
        let list = RestoreList::new(now, packages);
        atomic_file::write_durably(&folder.join(&name), json(&list)?)?;
        let record = Self {
            file: file(folder),
            journal,
        };
        record.write()?;
        Ok(record)
    }

    /// The list that undoes the run.
    pub(super) fn restore_list(&self) -> Utf8PathBuf {
        self.file.with_file_name(&self.journal.restore_list)
    }

    /// What was going to be removed of a package, and is not known to be gone.
    pub(super) fn open(&self, package: &str) -> Vec<Digest> {
        let package = self.journal.packages.iter().find(|it| it.name == package);
        let Some(package) = package else {
            return Vec::new();
        };
        let removed: BTreeSet<&Digest> = package.removed.iter().collect();
        let open = package.planned.iter();
        open.filter(|digest| !removed.contains(digest))
            .cloned()
            .collect()
    }

    /// How many manifests of a package are gone.
    pub(super) fn removed_of(&self, package: &str) -> usize {
        let found = self.journal.packages.iter().find(|it| it.name == package);
        found.map_or(0, |package| package.removed.len())
    }

    /// Writes down what is gone.
    pub(super) fn removed(&mut self, package: &str, digests: &[Digest]) -> Result<()> {
        let found = self
            .journal
            .packages
            .iter_mut()
            .find(|it| it.name == package);
        if let Some(package) = found {
            package.removed.extend_from_slice(digests);
        }
        self.write()
    }

    fn write(&self) -> Result<()> {
        atomic_file::write_durably(&self.file, json(&self.journal)?)
    }

    /// The run is done: nothing is left to be finished.
    pub(super) fn end(self) -> Result<()> {
        std::fs::remove_file(&self.file).map_err(|error| {
            Error::failed(format!("failed to remove {}", self.file)).because(error)
        })
    }
}

/// What a plan removes, as it can be put back.
pub(super) fn restorable(
    gatherer: &Gatherer<'_>,
    package: &Package,
    plan: &Plan,
) -> RestorePackage {
    let one = |digest: &Digest| {
        let version = package.versions.get(digest)?;
        Some(Restorable {
            digest: digest.clone(),
            id: version.id,
            tags: version.tags.iter().cloned().collect(),
            media_type: version.manifest.media_type.clone(),
            // Manifests are JSON, which is UTF-8: they were read as such.
            manifest: String::from_utf8(gatherer.bytes(digest)?).ok()?,
        })
    };
    RestorePackage {
        name: package.name.clone(),
        versions: plan.removals.iter().filter_map(one).collect(),
    }
}
