//! Programs of the distribution for our own use: fetched once, unpacked into a folder, never installed.

use camino::{Utf8Path, Utf8PathBuf};
use serde::{Deserialize, Serialize};

use super::{PATIENCE, Package, PrivateApt, unpack};
use crate::atomic_file;
use crate::engine::Means;
use crate::engine::lock::Lock;
use crate::error::{Error, Result};

/// Packages that lie unpacked in one folder. Written last, so it stands for complete contents.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    schema_version: u32,
    /// Where they are unpacked: `usr/bin/…` lies below it.
    pub root: Utf8PathBuf,
    /// What was unpacked.
    pub packages: Vec<Package>,
    /// What was asked for, in that order.
    wanted: Vec<(String, String)>,
}

const SCHEMA_VERSION: u32 = 1;

impl Kept {
    /// What an earlier [`keep`] left in `folder`, whatever was asked for.
    #[must_use]
    pub fn read(folder: &Utf8Path) -> Option<Self> {
        let text = std::fs::read_to_string(folder.join("kept.json")).ok()?;
        let kept: Self = serde_json::from_str(&text).ok()?;
        // The folder may have been moved since.
        let root = folder.join("root");
        (kept.schema_version == SCHEMA_VERSION && root.is_dir()).then_some(Self { root, ..kept })
    }
}

/// Fetches packages, given as (name, suite), into `folder` unless the same are there, and unpacks them together.
/// `accept` may refuse what was fetched before it takes the place of what was there; it gets the packages and the
/// folder they are unpacked in. Processes that ask at the same time wait for each other.
///
/// # Errors
/// The machine is not Debian-like, its mirror lacks a suite or package, or what `accept` says.
pub fn keep(
    means: Means<'_>,
    folder: &Utf8Path,
    wanted: &[(&str, &str)],
    accept: &dyn Fn(&[Package], &Utf8Path) -> Result<()>,
) -> Result<Kept> {
    let failed = |e: std::io::Error| Error::usage(format!("failed to create {folder}")).because(e);
    std::fs::create_dir_all(folder).map_err(failed)?;
    let folder = folder.canonicalize_utf8().map_err(failed)?;
    let names: Vec<&str> = wanted.iter().map(|(name, _)| *name).collect();
    let names = names.join(", ");
    let _lock = Lock::take(&folder.join("lock"), PATIENCE, &|| {
        (means.note)(&format!("waiting for another process that fetches {names}"));
    })?;
    let asked: Vec<(String, String)> = wanted
        .iter()
        .map(|(name, suite)| ((*name).to_owned(), (*suite).to_owned()))
        .collect();
    if let Some(kept) = Kept::read(&folder).filter(|kept| kept.wanted == asked) {
        return Ok(kept);
    }
    (means.note)(&format!(
        "fetching {names} from the distribution, once, into {folder}"
    ));
    let mut suites: Vec<&str> = wanted.iter().map(|(_, suite)| *suite).collect();
    suites.sort_unstable();
    suites.dedup();
    let apt = PrivateApt::prepare(means.runner, &folder.join("apt"), &suites, None)?;
    let packages = apt.download(means.runner, wanted, &folder.join("debs"))?;
    let fresh = folder.join("root.new");
    remove(&fresh)?;
    for package in &packages {
        means.interrupt.check()?;
        unpack(means.runner, &package.file, &fresh)?;
    }
    accept(&packages, &fresh)?;
    let root = folder.join("root");
    remove(&folder.join("kept.json"))?;
    remove(&root)?;
    std::fs::rename(&fresh, &root)
        .map_err(|e| Error::failed(format!("failed to rename {fresh}")).because(e))?;
    let kept = Kept {
        schema_version: SCHEMA_VERSION,
        root,
        packages,
        wanted: asked,
    };
    let text = serde_json::to_string_pretty(&kept)
        .map_err(|e| Error::failed("failed to write what was fetched").because(e))?;
    atomic_file::write(&folder.join("kept.json"), text + "\n")?;
    Ok(kept)
}

/// Removes a file, link or folder; none is fine.
pub(in crate::engine) fn remove(path: &Utf8Path) -> Result<()> {
    let result = match path.symlink_metadata() {
        Ok(metadata) if metadata.is_dir() => std::fs::remove_dir_all(path),
        Ok(_) => std::fs::remove_file(path),
        Err(e) => Err(e),
    };
    match result {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
            Err(Error::usage(format!("failed to remove {path}")).because(e))
        }
        _ => Ok(()),
    }
}
