//! Fetching cosign from the distribution: one package, checked against its signed index, unpacked below `target/`.

use camino::{Utf8Path, Utf8PathBuf};

use super::program::{Answer, TRIED, ask};
use crate::engine::Means;
use crate::engine::debian::{Kept, Package, keep};
use crate::error::{Error, Exit, Result};
use crate::process::Command;

/// Debian's releases have none; it depends on nothing but the C library.
const SUITE: &str = "sid";

/// What was fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    /// Of the package: `3.1.1-2`.
    pub version: String,
    /// The program.
    pub program: Utf8PathBuf,
}

impl Fetched {
    fn of(kept: Kept) -> Option<Self> {
        let program = kept.root.join("usr/bin/cosign");
        let package = kept.packages.into_iter().next()?;
        program.is_file().then_some(Self {
            version: package.version,
            program,
        })
    }
}

/// What was fetched before.
pub(super) fn fetched(folder: &Utf8Path) -> Option<Fetched> {
    Kept::read(folder).and_then(Fetched::of)
}

/// Fetches it into `folder`, unless it is there.
///
/// # Errors
/// The machine has no apt, its mirror has another version than the one this was tried with, or it does not run here.
pub fn fetch(means: Means<'_>, folder: &Utf8Path) -> Result<Fetched> {
    let accept = |packages: &[Package], root: &Utf8Path| {
        let [package] = packages else {
            return Err(Error::missing("apt fetched nothing"));
        };
        let upstream = package
            .version
            .rsplit_once('-')
            .map_or(package.version.as_str(), |(upstream, _)| upstream);
        if upstream != TRIED {
            return Err(Error::missing(format!(
                "Debian {SUITE} has version {upstream} now, and only {TRIED} was tried"
            )));
        }
        if ask(means.runner, &Command::new(root.join("usr/bin/cosign")))? == Answer::None {
            return Err(Error::missing(
                "the fetched cosign does not run on this machine",
            ));
        }
        Ok(())
    };
    let elsewhere = |error: Error| {
        if error.exit() != Exit::Missing {
            return error;
        }
        Error::missing("cosign cannot be fetched").because(error.message()).help(
            "install cosign 3 and put it on PATH: https://docs.sigstore.dev/cosign/system_config/installation/",
        )
    };
    let kept = keep(means, folder, &[("cosign", SUITE)], &accept).map_err(elsewhere)?;
    Fetched::of(kept).ok_or_else(|| elsewhere(Error::missing("the package has no usr/bin/cosign")))
}
