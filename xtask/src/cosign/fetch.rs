//! Fetching cosign from the distribution: one package, checked against its signed index, unpacked below `target/`.

use camino::{Utf8Path, Utf8PathBuf};
use serde::{Deserialize, Serialize};

use super::program::{Answer, TRIED, ask, program_in};
use crate::atomic_file;
use crate::engine::Means;
use crate::engine::debian::{PrivateApt, unpack};
use crate::engine::lock::Lock;
use crate::error::{Error, Result};
use crate::process::Command;

/// Debian's releases have none; it depends on nothing but the C library.
const SUITE: &str = "sid";

/// What was fetched; written last, so it stands for a complete program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fetched {
    /// Of this format.
    schema_version: u32,
    /// Of the package: `3.1.1-2`.
    pub version: String,
    /// Of the package, in hexadecimal; the one that the signed index gives.
    pub sha256: String,
    /// The program.
    pub program: Utf8PathBuf,
}

const SCHEMA_VERSION: u32 = 1;

/// What was fetched before.
pub(super) fn fetched(folder: &Utf8Path) -> Option<Fetched> {
    let text = std::fs::read_to_string(folder.join("cosign.json")).ok()?;
    let fetched: Fetched = serde_json::from_str(&text).ok()?;
    let program = program_in(folder);
    (fetched.schema_version == SCHEMA_VERSION && program.is_file())
        .then_some(Fetched { program, ..fetched })
}

/// Fetches it into `folder`, unless it is there.
///
/// # Errors
/// The machine has no apt, its mirror has another version than the one this was tried with, or it does not run here.
pub fn fetch(means: Means<'_>, folder: &Utf8Path) -> Result<Fetched> {
    let failed = |e: std::io::Error| Error::usage(format!("failed to create {folder}")).because(e);
    std::fs::create_dir_all(folder).map_err(failed)?;
    let folder = folder.canonicalize_utf8().map_err(failed)?;
    let _lock = Lock::take(
        &folder.join("lock"),
        std::time::Duration::from_mins(10),
        &|| {
            (means.note)("waiting for another process that fetches cosign");
        },
    )?;
    if let Some(fetched) = fetched(&folder) {
        return Ok(fetched);
    }
    (means.note)(&format!(
        "fetching cosign {TRIED} as a package of Debian {SUITE} (18 MB, once)"
    ));
    let elsewhere = |error: Error| {
        Error::missing("cosign cannot be fetched").because(error.message()).help(
            "install cosign 3 and put it on PATH: https://docs.sigstore.dev/cosign/system_config/installation/",
        )
    };
    let apt = PrivateApt::prepare(means.runner, &folder.join("apt"), &[SUITE], None)
        .map_err(elsewhere)?;
    let packages = apt
        .download(means.runner, &[("cosign", SUITE)], &folder.join("debs"))
        .map_err(elsewhere)?;
    let package = packages
        .into_iter()
        .next()
        .ok_or_else(|| elsewhere(Error::missing("apt fetched nothing")))?;
    let upstream = package
        .version
        .rsplit_once('-')
        .map_or(package.version.as_str(), |(upstream, _)| upstream);
    if upstream != TRIED {
        return Err(elsewhere(Error::missing(format!(
            "Debian {SUITE} has version {upstream} now, and only {TRIED} was tried"
        ))));
    }
    let fresh = folder.join("root.new");
    remove(&fresh)?;
    unpack(means.runner, &package.file, &fresh)?;
    if ask(means.runner, &Command::new(fresh.join("usr/bin/cosign")))? == Answer::None {
        return Err(elsewhere(Error::missing(
            "the fetched cosign does not run on this machine",
        )));
    }
    remove(&folder.join("cosign.json"))?;
    remove(&folder.join("root"))?;
    std::fs::rename(&fresh, folder.join("root"))
        .map_err(|e| Error::failed(format!("failed to rename {fresh}")).because(e))?;
    let fetched = Fetched {
        schema_version: SCHEMA_VERSION,
        version: package.version,
        sha256: package.sha256,
        program: program_in(&folder),
    };
    let text = serde_json::to_string_pretty(&fetched)
        .map_err(|e| Error::failed("failed to write what was fetched").because(e))?;
    atomic_file::write(&folder.join("cosign.json"), text + "\n")?;
    Ok(fetched)
}

/// Removes a file or folder; none is fine.
fn remove(path: &Utf8Path) -> Result<()> {
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
