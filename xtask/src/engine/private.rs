//! A Docker Engine of our own below `target/docker-engine/`, for machines that have none.
//!
//! Its programs are distribution packages, unpacked and not installed; it has its own socket, data, network and
//! mount namespace. Nothing outside the directory changes, and `down --purge` leaves nothing behind.

use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use serde::Serialize;

mod layout;
mod namespace;
mod packages;
mod preconditions;
mod processes;
mod record;

use layout::Layout;
pub use packages::{Installed, InstalledPackage};
pub use preconditions::{Precondition, preconditions};
use record::Record;

use super::api::answers;
use super::debian::remove;
use super::lock::Lock;
use super::{Engine, EngineKind, ImageStore, Means, probe};
use crate::atomic_file;
use crate::error::{Error, Result};
use crate::process::Command;

/// How long to wait for another process that starts or stops the engine; it may be fetching packages.
const PATIENCE: Duration = Duration::from_mins(10);

/// The engine below one directory, running or not.
#[derive(Clone, Debug)]
pub struct PrivateEngine {
    directory: Utf8PathBuf,
    user_config: Option<Utf8PathBuf>,
    store: ImageStore,
}

/// What [`PrivateEngine::up`] did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Up {
    /// It ran already.
    AlreadyRunning(Engine),
    /// It was started.
    Started(Engine),
}

impl Up {
    /// The engine, either way.
    #[must_use]
    pub fn engine(self) -> Engine {
        match self {
            Self::AlreadyRunning(engine) | Self::Started(engine) => engine,
        }
    }
}

/// What `down` found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Down {
    /// Nothing ran.
    NotRunning,
    /// It was stopped.
    Stopped,
}

/// How the engine is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Its packages are not there.
    NotInstalled,
    /// Its packages are there, and no dockerd.
    Stopped,
    /// It answers.
    Running,
    /// dockerd runs and does not answer, or left other processes behind.
    Broken,
}

/// How the engine is, in full.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Status {
    /// Of this format.
    pub schema_version: u32,
    /// In a word.
    pub state: State,
    /// Where it lies.
    pub directory: Utf8PathBuf,
    /// Where it answers.
    pub socket: Option<Utf8PathBuf>,
    /// Of dockerd; `nsenter --net --target PID` enters its network.
    pub pid: Option<u32>,
    /// Whether it runs without root's rights.
    pub rootless: Option<bool>,
    /// Version of the server.
    pub server_version: Option<String>,
    /// Version of buildx.
    pub buildx_version: Option<String>,
    /// The packages it is made of.
    pub packages: Vec<InstalledPackage>,
}

impl PrivateEngine {
    /// The engine below `directory`, usually `target/docker-engine`.
    #[must_use]
    pub fn new(directory: impl Into<Utf8PathBuf>) -> Self {
        Self {
            directory: directory.into(),
            user_config: None,
            store: ImageStore::Containerd,
        }
    }

    /// How it stores images once it is started; an engine that runs already stays as it is.
    #[must_use]
    pub fn with_store(mut self, store: ImageStore) -> Self {
        self.store = store;
        self
    }

    /// Shares the registry logins of the user's own `DOCKER_CONFIG` directory.
    #[must_use]
    pub fn with_logins_of(mut self, directory: Option<Utf8PathBuf>) -> Self {
        self.user_config = directory;
        self
    }

    /// Starts it, fetching its packages first where they are missing. If it runs already, that is all.
    ///
    /// # Errors
    /// If the machine does not allow it, packages cannot be fetched, or dockerd does not answer in time.
    pub fn up(&self, means: Means<'_>) -> Result<Up> {
        if let Some(engine) = self.running()? {
            return Ok(Up::AlreadyRunning(engine));
        }
        preconditions::check()?;
        let layout = Layout::create(&self.directory)?;
        let _lock = lock(means, &layout)?;
        // Whoever held the lock may just have started it.
        if let Some(engine) = self.running()? {
            return Ok(Up::AlreadyRunning(engine));
        }
        clean_up(means, &layout)?;
        packages::install(means, &layout)?;
        packages::link(&layout, self.user_config.as_deref())?;
        means.interrupt.check()?;
        let rootless = !rustix::process::geteuid().is_root();
        let started = launch(means, &layout, rootless, self.store);
        if started.is_err() {
            // The logs were read for the error; what half runs must not stay.
            processes::stop_all(&layout)?;
        }
        started.map(Up::Started)
    }

    /// Stops its containers, then itself.
    ///
    /// # Errors
    /// If a process cannot be ended or a mount not be undone.
    pub fn down(&self, means: Means<'_>) -> Result<Down> {
        let Some(layout) = Layout::find(&self.directory)? else {
            return Ok(Down::NotRunning);
        };
        let _lock = lock(means, &layout)?;
        let ran = !processes::of_engine(&layout).is_empty();
        clean_up(means, &layout)?;
        Ok(if ran { Down::Stopped } else { Down::NotRunning })
    }

    /// Stops it and removes all of it: images, build cache, programs, packages.
    ///
    /// # Errors
    /// As [`PrivateEngine::down`], or if something cannot be removed.
    pub fn purge(&self, means: Means<'_>) -> Result<Down> {
        let Some(layout) = Layout::find(&self.directory)? else {
            return Ok(Down::NotRunning);
        };
        let _lock = lock(means, &layout)?;
        let ran = !processes::of_engine(&layout).is_empty();
        clean_up(means, &layout)?;
        remove_tree(means, &layout, &layout.data())?;
        remove(&layout.directory)?;
        Ok(if ran { Down::Stopped } else { Down::NotRunning })
    }

    /// How it is. Changes nothing.
    ///
    /// # Errors
    /// If its directory cannot be looked at.
    pub fn status(&self) -> Result<Status> {
        let mut status = Status {
            schema_version: 1,
            state: State::NotInstalled,
            directory: self.directory.clone(),
            socket: None,
            pid: None,
            rootless: None,
            server_version: None,
            buildx_version: None,
            packages: Vec::new(),
        };
        let Some(layout) = Layout::find(&self.directory)? else {
            return Ok(status);
        };
        status.directory.clone_from(&layout.directory);
        if let Some(installed) = packages::installed(&layout) {
            status.state = State::Stopped;
            status.packages = installed.packages;
        }
        let record =
            Record::read(&layout).filter(|record| processes::is_dockerd(&layout, record.pid));
        let whole = |_: &Record| processes::is_whole(&layout) && answers(&layout.socket());
        if let Some(record) = record.filter(whole) {
            status.state = State::Running;
            status.socket = Some(record.socket);
            status.pid = Some(record.pid);
            status.rootless = Some(record.rootless);
            status.server_version = Some(record.server_version);
            status.buildx_version = Some(record.buildx_version);
        } else if !processes::of_engine(&layout).is_empty() {
            status.state = State::Broken;
        }
        Ok(status)
    }

    /// The engine, if it runs and answers. Fast: nothing is spawned.
    ///
    /// # Errors
    /// If its directory cannot be looked at.
    pub fn running(&self) -> Result<Option<Engine>> {
        let Some(layout) = Layout::find(&self.directory)? else {
            return Ok(None);
        };
        Ok(Record::read(&layout)
            .filter(|record| processes::is_dockerd(&layout, record.pid))
            .filter(|_| processes::is_whole(&layout))
            .filter(|_| answers(&layout.socket()))
            .map(|record| record.engine(&layout)))
    }
}

impl PrivateEngine {
    /// A command as the engine's builds meet the network: `localhost` is the engine's own. That of an engine without
    /// root's rights cannot be entered simply; there the command stays in the machine's network, as it is where no
    /// engine runs.
    ///
    /// # Errors
    /// If its directory cannot be looked at.
    pub fn in_network(&self, command: Command) -> Result<Command> {
        let layout = Layout::find(&self.directory)?;
        let record = layout.and_then(|layout| Record::read(&layout));
        Ok(match record.filter(|record| !record.rootless) {
            Some(record) => {
                let target = format!("--target={}", record.pid);
                command.started_by("nsenter", [target.as_str(), "--net", "--mount", "--"])
            }
            None => command,
        })
    }

    /// The network namespace in which its builds and containers are; none where no engine runs, or one without root's
    /// rights, whose namespace cannot be entered.
    ///
    /// # Errors
    /// If its directory cannot be looked at, or the namespace not be opened.
    pub fn network_namespace(&self) -> Result<Option<std::os::fd::OwnedFd>> {
        let layout = Layout::find(&self.directory)?;
        let record = layout.and_then(|layout| Record::read(&layout));
        let Some(record) = record.filter(|record| !record.rootless) else {
            return Ok(None);
        };
        let file = format!("/proc/{}/ns/net", record.pid);
        let opened = std::fs::File::open(&file).map_err(|e| {
            Error::missing(format!(
                "failed to open {file}, the private engine's network"
            ))
            .because(e)
        })?;
        Ok(Some(opened.into()))
    }
}

/// How much the build cache may take.
const CACHE_SPACE: &str = "20GB";
/// How much of the disk the build cache leaves free.
const FREE_SPACE: &str = "1GB";

fn lock(means: Means<'_>, layout: &Layout) -> Result<Lock> {
    Lock::take(&layout.lock(), PATIENCE, &|| {
        (means.note)("waiting for another process that starts or stops the private engine");
    })
}

fn launch(means: Means<'_>, layout: &Layout, rootless: bool, store: ImageStore) -> Result<Engine> {
    layout.create_run()?;
    let configuration = layout.run.join("daemon.json");
    let containerd = store == ImageStore::Containerd;
    // By default the build cache goes, even while a build reads it, as soon as a fifth of the disk is all that is free.
    let settings = serde_json::json!({
        "features": {"containerd-snapshotter": containerd},
        "builder": {"gc": {
            "enabled": true,
            "defaultReservedSpace": CACHE_SPACE,
            "defaultMaxUsedSpace": CACHE_SPACE,
            "defaultMinFreeSpace": FREE_SPACE,
        }},
    });
    atomic_file::write(&configuration, format!("{settings}\n"))?;
    let pid = namespace::start(means, layout, rootless)?;
    let variables = record::client_variables(layout);
    let client = variables
        .iter()
        .fold(Command::new(layout.docker()), |command, (name, value)| {
            command.env(name, value)
        });
    let engine = probe::probe(means.runner, &client)?.engine(
        EngineKind::Private,
        &layout.docker(),
        variables,
    )?;
    let record = Record::new(pid, rootless, layout, &engine);
    record.write(layout)?;
    Ok(record.engine(layout))
}

/// Ends what runs or was left by a crash, and removes what only a running engine needs.
fn clean_up(means: Means<'_>, layout: &Layout) -> Result<()> {
    processes::stop_all(layout)?;
    remove(&layout.record())?;
    for directory in [layout.data(), layout.run.clone()] {
        unmount_below(means, &directory)?;
    }
    remove_tree(means, layout, &layout.run)
}

/// Removes what an engine wrote.
fn remove_tree(means: Means<'_>, layout: &Layout, directory: &Utf8Path) -> Result<()> {
    let removed = remove(directory);
    if removed.is_ok() || rustix::process::geteuid().is_root() {
        return removed;
    }
    // A rootless engine leaves files of other identities and folders nobody may enter; as root of a user namespace
    // rootlesskit may.
    let command = Command::new(layout.root().join("usr/bin/rootlesskit")).args([
        "rm",
        "-rf",
        directory.as_str(),
    ]);
    let command = namespace::with_variables(command, layout);
    means.runner.run(&command)?.checked(&command).map(drop)
}

/// The engine mounts in a namespace of its own, which ends with it; this is for what got out nevertheless.
fn unmount_below(means: Means<'_>, directory: &Utf8Path) -> Result<()> {
    for mount in mounts_below(directory).into_iter().rev() {
        let command = Command::new("umount").args(["--lazy", mount.as_str()]);
        means.runner.run(&command)?.checked(&command)?;
    }
    Ok(())
}

/// Mount points below `directory` in our own namespace, in the order they were made.
fn mounts_below(directory: &Utf8Path) -> Vec<Utf8PathBuf> {
    std::fs::read_to_string("/proc/self/mounts")
        .unwrap_or_default()
        .lines()
        .filter_map(|line| line.split(' ').nth(1))
        .map(|path| Utf8PathBuf::from(path.replace("\\040", " ").replace("\\134", "\\")))
        .filter(|path| path.starts_with(directory) && path != directory)
        .collect()
}
