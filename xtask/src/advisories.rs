//! The folder of advisories on this machine, with the index that is kept for it.

use std::fs::File;
use std::io::BufWriter;

use camino::{Utf8Path, Utf8PathBuf};

use crate::error::{Error, Result};
use crate::image::inventory::Package;
use crate::scan::collection::Collection;
use crate::scan::database::{Age, Database, Matches};
use crate::scan::index::{Index, Summary, Writer};

pub mod fetch;

/// An open folder of advisories. The index lies in a folder of its own, is made from the data when it is missing, made
/// from other data or damaged, and only what is looked for is read from it.
#[derive(Debug)]
pub struct Advisories {
    data: Utf8PathBuf,
    index: Utf8PathBuf,
    database: Database<File>,
    was_built: bool,
}

impl Advisories {
    /// Opens the advisories in the folder `data`; their index is kept below `cache`. A folder without any advisory is
    /// fine: nothing is known then.
    ///
    /// # Errors
    /// If `data` is missing or cannot be read, or the index cannot be written.
    pub fn open(data: &Utf8Path, cache: &Utf8Path) -> Result<Self> {
        let data = data.canonicalize_utf8().map_err(|e| {
            Error::missing(format!("there are no advisories in {data}"))
                .because(e)
                .help("fetch them with `docker-scan --update-db`, or name a folder that has OSV records")
        })?;
        let collection = Collection::in_folder(&data)?;
        let name = format!("advisories-{:016x}.index", name_of_folder(&data));
        let index = cache.join(name);
        let kept = File::open(&index)
            .ok()
            .and_then(|file| Index::open(file).ok());
        let (opened, was_built) = match kept {
            Some(kept) if kept.fingerprint() == collection.fingerprint() => (kept, false),
            _ => (build(&collection, &index)?, true),
        };
        Ok(Self {
            data,
            index,
            database: Database::new(opened),
            was_built,
        })
    }

    /// The vulnerabilities of packages; see [`Database::vulnerabilities`]. An index that turns out to be damaged is made
    /// anew.
    ///
    /// # Errors
    /// If the index must be made anew and cannot be, or cannot be read even then.
    pub fn vulnerabilities(
        &mut self,
        packages: &[Package],
        release: Option<&str>,
    ) -> Result<Matches> {
        if let Ok(matches) = self.database.vulnerabilities(packages, release) {
            return Ok(matches);
        }
        let collection = Collection::in_folder(&self.data)?;
        self.database = Database::new(build(&collection, &self.index)?);
        self.was_built = true;
        self.database
            .vulnerabilities(packages, release)
            .map_err(|_| unreadable(&self.index))
    }

    /// How old the data is, by ecosystem and release.
    #[must_use]
    pub fn ages(&self) -> Vec<Age> {
        self.database.ages()
    }

    /// What is told of the data as a whole: what could not be used, what was taken back.
    #[must_use]
    pub const fn summary(&self) -> &Summary {
        self.database.summary()
    }

    /// Whether the index had to be made.
    #[must_use]
    pub const fn was_built(&self) -> bool {
        self.was_built
    }
}

/// Writes the index beside its place, then renames it.
fn build(collection: &Collection, index: &Utf8Path) -> Result<Index<File>> {
    let failed = |e: std::io::Error| {
        Error::usage(format!("failed to write the index of advisories {index}")).because(e)
    };
    if let Some(folder) = index.parent() {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    // The process ID keeps two commands at the same time apart.
    let beside = Utf8PathBuf::from(format!("{index}.{}.new", std::process::id()));
    let written = || -> std::io::Result<()> {
        let mut writer = Writer::new(BufWriter::with_capacity(1 << 20, File::create(&beside)?))?;
        collection.write(&mut writer)?;
        writer.finish(collection.fingerprint())?;
        std::fs::rename(&beside, index)
    };
    written().map_err(|error| {
        // Half an index is worth nothing; if it cannot be removed either, the first error is the one to tell.
        let _ = std::fs::remove_file(&beside);
        failed(error)
    })?;
    let file = File::open(index).map_err(failed)?;
    Index::open(file).map_err(|_| unreadable(index))
}

fn unreadable(index: &Utf8Path) -> Error {
    Error::missing(format!(
        "the index of advisories {index} is damaged right after it was written"
    ))
    .help("look whether the disk is full or broken")
}

/// Folders have indexes of their own.
#[expect(
    clippy::cast_possible_truncation,
    reason = "half of the hash is enough"
)]
fn name_of_folder(folder: &Utf8Path) -> u64 {
    twox_hash::XxHash3_128::oneshot(folder.as_str().as_bytes()) as u64
}

#[cfg(test)]
mod tests;
