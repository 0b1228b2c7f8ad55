//! The real cosign.

use camino::Utf8PathBuf;
use xtask::cosign::fetch;
use xtask::engine::Means;
use xtask::process::{Interrupt, System};

use super::{checkout, in_ci};

/// The real cosign, fetched once for this checkout.
pub(crate) fn cosign() -> Option<Utf8PathBuf> {
    let folder = checkout().join("target/docker-cosign");
    let (runner, interrupt) = (System::default(), Interrupt::default());
    let means = Means {
        runner: &runner,
        interrupt: &interrupt,
        note: &|line| println!("{line}"),
    };
    match fetch(means, &folder) {
        Ok(fetched) => Some(fetched.program),
        Err(error) => {
            assert!(!in_ci(), "cannot run in CI: {error}");
            println!("skipped: {error}");
            None
        }
    }
}
