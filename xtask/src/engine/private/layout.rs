//! Where the private engine keeps what, and a short directory for its sockets where the checkout lies too deep.

use std::os::unix::fs::{DirBuilderExt, MetadataExt};

use camino::{Utf8Path, Utf8PathBuf};
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};

/// The kernel takes socket paths of 108 bytes with a closing zero, containerd only of 104: with a longer one it ends at
/// once.
const LONGEST_SOCKET: usize = 104;
/// The longest socket path below the run directory.
const DEEPEST: &str = "exec/containerd/containerd.sock.ttrpc";

/// The places below `target/docker-engine/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Layout {
    /// All of it, absolute and without symbolic links: running programs are recognized by it.
    pub(super) directory: Utf8PathBuf,
    /// Sockets, pids and logs of the running engine.
    pub(super) run: Utf8PathBuf,
}

impl Layout {
    /// Of an engine below `directory`, which is created.
    pub(super) fn create(directory: &Utf8Path) -> Result<Self> {
        let failed =
            |e: std::io::Error| Error::usage(format!("failed to create {directory}")).because(e);
        std::fs::create_dir_all(directory).map_err(failed)?;
        Self::find(directory)?.ok_or_else(|| failed(std::io::ErrorKind::NotFound.into()))
    }

    /// Of an engine below `directory`; `None` if there is no such directory.
    pub(super) fn find(directory: &Utf8Path) -> Result<Option<Self>> {
        match directory.canonicalize_utf8() {
            Ok(directory) => Ok(Some(Self {
                run: run_directory(&directory),
                directory,
            })),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(Error::usage(format!("failed to find {directory}")).because(e)),
        }
    }

    /// The unpacked packages.
    pub(super) fn root(&self) -> Utf8PathBuf {
        self.directory.join("root")
    }

    /// Data of the engine: images, build cache, volumes.
    pub(super) fn data(&self) -> Utf8PathBuf {
        self.directory.join("data")
    }

    /// `DOCKER_CONFIG`, with the plugins of the client.
    pub(super) fn config(&self) -> Utf8PathBuf {
        self.directory.join("config")
    }

    /// Names of programs which the packages' install scripts would have made.
    pub(super) fn links(&self) -> Utf8PathBuf {
        self.directory.join("sbin")
    }

    /// Which packages are unpacked.
    pub(super) fn packages_record(&self) -> Utf8PathBuf {
        self.directory.join("packages.json")
    }

    /// What runs.
    pub(super) fn record(&self) -> Utf8PathBuf {
        self.directory.join("engine.json")
    }

    pub(super) fn lock(&self) -> Utf8PathBuf {
        self.directory.join("lock")
    }

    pub(super) fn docker(&self) -> Utf8PathBuf {
        self.root().join("usr/bin/docker")
    }

    pub(super) fn buildx(&self) -> Utf8PathBuf {
        self.config().join("cli-plugins/docker-buildx")
    }

    pub(super) fn socket(&self) -> Utf8PathBuf {
        self.run.join("docker.sock")
    }

    pub(super) fn log(&self) -> Utf8PathBuf {
        self.run.join("dockerd.log")
    }

    pub(super) fn network_log(&self) -> Utf8PathBuf {
        self.run.join("slirp4netns.log")
    }

    /// Makes the run directory, for nobody but us.
    pub(super) fn create_run(&self) -> Result<()> {
        let run = &self.run;
        let failed = |e: std::io::Error| Error::usage(format!("failed to create {run}")).because(e);
        match std::fs::DirBuilder::new().mode(0o700).create(run) {
            Ok(()) => return Ok(()),
            Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(e) => return Err(failed(e)),
        }
        // In a directory that everybody may write to, somebody else may have been faster.
        let metadata = run.symlink_metadata().map_err(failed)?;
        let ours = rustix::process::geteuid().as_raw();
        if metadata.is_dir() && metadata.uid() == ours && metadata.mode() % 0o100 == 0 {
            return Ok(());
        }
        Err(
            Error::usage(format!("{run} is not a directory that is ours alone"))
                .help(format!("remove it: `sudo rm -r {run}`")),
        )
    }
}

fn run_directory(directory: &Utf8Path) -> Utf8PathBuf {
    let run = directory.join("run");
    if fits(&run) {
        return run;
    }
    // Derived, not chosen: a later call finds the same place, whatever its environment says.
    let digest = Sha256::digest(directory.as_str());
    let name = digest[..6]
        .iter()
        .fold("docker-engine-".to_owned(), |name, byte| {
            format!("{name}{byte:02x}")
        });
    let user = rustix::process::geteuid();
    let of_user = Utf8PathBuf::from(format!("/run/user/{}", user.as_raw()));
    if user.is_root() {
        Utf8Path::new("/run").join(name)
    } else if of_user.is_dir() {
        of_user.join(name)
    } else {
        Utf8Path::new("/tmp").join(name)
    }
}

fn fits(run: &Utf8Path) -> bool {
    run.as_str().len() + 1 + DEEPEST.len() <= LONGEST_SOCKET
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deep_checkouts_get_a_short_run_directory() {
        assert_eq!(
            run_directory("/work/target/docker-engine".into()),
            "/work/target/docker-engine/run"
        );
        // containerd's own limit, which is below the kernel's.
        let rest = "/run/exec/containerd/containerd-debug.sock".len();
        let longest =
            |length: usize| Utf8PathBuf::from(format!("/{}", "d".repeat(length - rest - 1)));
        assert_eq!(run_directory(&longest(104)), longest(104).join("run"));
        assert_ne!(run_directory(&longest(105)), longest(105).join("run"));
        let deep = Utf8PathBuf::from(format!("/{}/target/docker-engine", "d".repeat(90)));
        let run = run_directory(&deep);
        assert!(fits(&run), "{run}");
        assert_eq!(run, run_directory(&deep));
        assert_ne!(run, run_directory(&deep.join("x")));
    }

    #[test]
    fn a_run_directory_others_can_read_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let directory = tempfile::tempdir().unwrap();
        let layout = Layout::create(Utf8Path::from_path(directory.path()).unwrap()).unwrap();
        layout.create_run().unwrap();
        layout.create_run().unwrap();
        std::fs::set_permissions(&layout.run, std::fs::Permissions::from_mode(0o755)).unwrap();
        assert!(layout.create_run().is_err());
    }
}
