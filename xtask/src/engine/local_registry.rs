//! A registry on this machine: CNCF Distribution as the distribution packages it, for trials that need a real one.

mod running;
mod stored;

pub use running::LocalRegistry;
pub use stored::{Answer, Api, Descriptor, Manifest, Platform, stored};

use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};

use super::Means;
use super::debian::{Release, keep};
use crate::error::{Error, Result};
use crate::process::Command;

/// Whether what it stores can be deleted through its API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deletion {
    /// As it comes: refused with 405.
    Refused,
    /// Manifests can be deleted; their blobs go with its garbage collection.
    Allowed,
}

/// The program `docker-registry`, fetched into `folder` unless it is there.
///
/// # Errors
/// The machine is not Debian-like, or its release has no such package.
pub fn fetch(means: Means<'_>, folder: &Utf8Path) -> Result<Utf8PathBuf> {
    let release = Release::of_machine()?.codename;
    let kept = keep(
        means,
        folder,
        &[("docker-registry", release.as_str())],
        &|_, _| Ok(()),
    )?;
    let program = kept.root.join("usr/bin/docker-registry");
    if program.is_file() {
        Ok(program)
    } else {
        Err(Error::missing(format!(
            "the package docker-registry of {release} has no usr/bin/docker-registry"
        )))
    }
}

/// Its configuration: data below `data`, on a port of the loopback interface that the system chooses.
#[must_use]
pub fn configuration(data: &Utf8Path, deletion: Deletion) -> String {
    // JSON is YAML, and quotes what a folder's name may have in it.
    let configuration = serde_json::json!({
        "version": 0.1,
        "log": {"level": "info", "formatter": "json"},
        "storage": {
            "filesystem": {"rootdirectory": data},
            "delete": {"enabled": deletion == Deletion::Allowed},
        },
        "http": {"addr": "127.0.0.1:0"},
    });
    format!("{configuration}\n")
}

/// How to run it; it logs to standard error.
#[must_use]
pub fn command(program: &Utf8Path, configuration: &Utf8Path) -> Command {
    Command::new(program).args(["serve", configuration.as_str()])
}

/// How long it may take to say where it listens: it needs a tenth of a second on an idle machine.
pub const PATIENCE: Duration = Duration::from_mins(1);

/// `127.0.0.1:PORT`, once it stands in what was logged.
#[must_use]
pub fn listening(log: &str) -> Option<String> {
    log.lines().find_map(|line| {
        let entry: serde_json::Value = serde_json::from_str(line).ok()?;
        let address = entry
            .get("msg")?
            .as_str()?
            .strip_prefix("listening on ")?
            .trim();
        Some(address.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_read_from_the_log() {
        let log = "{\"level\":\"info\",\"msg\":\"using inmemory blob descriptor cache\"}\n\
                   not json\n{\"go.version\":\"go1.19\",\"level\":\"info\",\"msg\":\"listening on 127.0.0.1:40555\"}\n";
        assert_eq!(listening(log), Some("127.0.0.1:40555".to_owned()));
        assert_eq!(listening(""), None);
    }

    #[test]
    fn a_folder_with_signs_in_its_name_stays_one_value() {
        let text = configuration(Utf8Path::new("/tmp/a: \"b\" #c"), Deletion::Allowed);
        let read: serde_json::Value = serde_json::from_str(&text).unwrap();
        let folder = &read["storage"]["filesystem"]["rootdirectory"];
        assert_eq!(folder, "/tmp/a: \"b\" #c");
    }
}
