//! One trial's hold of the engine.

use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};

use super::outpost::REPOSITORY;
use super::{Container, FOLDER_LABEL, LABEL, Reach, State};
use crate::engine::lock::Lock;
use crate::engine::{Engine, Means};
use crate::error::{Error, Result};
use crate::process::{Command, Output};

/// How long one short call to the engine may take.
const LIMIT: Duration = Duration::from_mins(2);

/// A trial: what it starts is removed when it is dropped.
pub struct Session<'a> {
    means: Means<'a>,
    engine: &'a Engine,
    reach: Reach,
    name: String,
    folder: Utf8PathBuf,
    lock_file: Utf8PathBuf,
    _lock: Lock,
}

/// A network of a trial, by the name that the engine knows it by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Network(pub(super) String);

impl Network {
    /// As the engine knows it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0
    }
}

impl<'a> Session<'a> {
    /// Begins a trial that keeps its lock in `folder` (such as `target/docker-test`), after removing what killed ones
    /// of the same folder left. `reach` says how to talk to what listens in containers.
    ///
    /// # Errors
    /// The folder cannot be written, or the engine does not answer.
    pub fn open(
        means: Means<'a>,
        engine: &'a Engine,
        reach: Reach,
        folder: &Utf8Path,
    ) -> Result<Self> {
        let failed =
            |e: std::io::Error| Error::usage(format!("failed to create {folder}")).because(e);
        std::fs::create_dir_all(folder).map_err(failed)?;
        let folder = folder.canonicalize_utf8().map_err(failed)?;
        let name = format!("{}-{}", std::process::id(), serial());
        let lock_file = folder.join(format!("{name}.lock"));
        let lock = hold(&lock_file)?;
        let session = Self {
            means,
            engine,
            reach,
            name,
            folder,
            lock_file,
            _lock: lock,
        };
        session.sweep()?;
        Ok(session)
    }

    /// What tells this trial from all others.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// What it needs from the world outside.
    #[must_use]
    pub const fn means(&self) -> Means<'a> {
        self.means
    }

    /// The engine it works with.
    #[must_use]
    pub const fn engine(&self) -> &'a Engine {
        self.engine
    }

    /// How to talk to what listens in containers.
    #[must_use]
    pub const fn reach(&self) -> &Reach {
        &self.reach
    }

    /// The labels of all it makes, as arguments.
    #[must_use]
    pub fn labels(&self) -> [String; 2] {
        [
            format!("--label={LABEL}={}", self.name),
            format!("--label={FOLDER_LABEL}={}", self.folder),
        ]
    }

    /// Runs one short `docker` command to its end.
    ///
    /// # Errors
    /// It cannot be started, or takes longer than two minutes. That it fails is in the output.
    pub fn ask<S: AsRef<std::ffi::OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = S>,
    ) -> Result<Output> {
        self.means.runner.run(&self.docker(arguments))
    }

    /// As [`Session::ask`], with a limit of one's own.
    ///
    /// # Errors
    /// It cannot be started, or takes longer than `limit`.
    pub(super) fn ask_within<S: AsRef<std::ffi::OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = S>,
        limit: Duration,
    ) -> Result<Output> {
        self.means.runner.run(&self.docker(arguments).within(limit))
    }

    /// As [`Session::ask`], failing where the command fails.
    ///
    /// # Errors
    /// As [`Session::ask`], and what the engine says.
    pub fn ok<S: AsRef<std::ffi::OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = S>,
    ) -> Result<Output> {
        let command = self.docker(arguments);
        self.means.runner.run(&command)?.checked(&command)
    }

    /// As [`Session::ask`], also after someone asked to stop: for removing what was started.
    pub(super) fn put_in_order<S: AsRef<std::ffi::OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = S>,
    ) -> Result<Output> {
        let command = self.docker(arguments).despite_interrupt();
        self.means.runner.run(&command)?.checked(&command)
    }

    fn docker<S: AsRef<std::ffi::OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Command {
        self.engine.command().args(arguments).within(LIMIT)
    }

    /// Makes a network of its own. An internal one has no way out.
    ///
    /// # Errors
    /// The engine cannot make it.
    pub fn network(&self, suffix: &str, way_out: WayOut) -> Result<Network> {
        let name = format!("{}-{suffix}", self.project_name());
        let mut arguments = vec!["network".to_owned(), "create".to_owned()];
        arguments.extend(self.labels());
        if way_out == WayOut::None {
            arguments.push("--internal".to_owned());
        }
        arguments.push(name.clone());
        self.ok(&arguments)?;
        Ok(Network(name))
    }

    /// Starts a container: `docker run --detach` with these options, image and arguments; labels are added.
    ///
    /// # Errors
    /// What the engine says where it cannot start it. What it created for it is removed.
    pub fn start(
        &self,
        options: &[String],
        image: &str,
        arguments: &[String],
    ) -> Result<Container<'_>> {
        let mut all = vec!["run".to_owned(), "--detach".to_owned()];
        all.extend(self.labels());
        all.extend_from_slice(options);
        all.push(image.to_owned());
        all.extend_from_slice(arguments);
        self.means.interrupt.check()?;
        let output = self.ok(&all)?;
        Ok(Container::new(self, output.text().trim().to_owned()))
    }

    /// What the engine says of several containers at one moment, in this order.
    ///
    /// # Errors
    /// One of them is gone, or the engine does not answer as expected.
    pub fn states(&self, containers: &[&str]) -> Result<Vec<State>> {
        if containers.is_empty() {
            return Ok(Vec::new());
        }
        let arguments = ["container", "inspect"];
        let output = self.ok(arguments.iter().chain(containers))?;
        State::read_all(&output.stdout)
    }

    /// What everything of this trial is called, where a name is needed: of lower-case letters, digits and `-`.
    #[must_use]
    pub fn project_name(&self) -> String {
        format!("trial-{}", self.name)
    }

    /// Removes what trials of this folder left that nobody holds the lock of.
    fn sweep(&self) -> Result<()> {
        let own = format!("label={FOLDER_LABEL}={}", self.folder);
        let format = format!("{{{{.ID}}}} {{{{.Label \"{LABEL}\"}}}}");
        let kinds: [(&[&str], &[&str]); 3] = [
            (
                &["ps", "--all", "--no-trunc"],
                &["rm", "--force", "--volumes"],
            ),
            (&["network", "ls", "--no-trunc"], &["network", "rm"]),
            (&["volume", "ls"], &["volume", "rm", "--force"]),
        ];
        for (list, remove) in kinds {
            let format = if list.first() == Some(&"volume") {
                format.replace(".ID", ".Name")
            } else {
                format.clone()
            };
            let mut arguments: Vec<&str> = list.to_vec();
            arguments.extend(["--filter", &own, "--format", &format]);
            let listed = self.ok(&arguments)?.text();
            let abandoned: Vec<&str> = listed
                .lines()
                .filter_map(|line| line.split_once(' '))
                .filter(|(_, trial)| *trial != self.name && self.is_abandoned(trial))
                .map(|(id, _)| id)
                .collect();
            if !abandoned.is_empty() {
                (self.means.note)(&format!(
                    "removing {} that an earlier run left behind: {}",
                    list.first()
                        .copied()
                        .unwrap_or_default()
                        .replace("ps", "containers"),
                    abandoned.len()
                ));
                let arguments: Vec<&str> = remove.iter().copied().chain(abandoned).collect();
                // Another trial may have been quicker.
                self.ask(&arguments)?;
            }
        }
        self.sweep_images(&own)?;
        self.sweep_locks();
        Ok(())
    }

    /// Removes the images of outposts that nobody is left to remove; their tags begin with the trial's name.
    fn sweep_images(&self, own: &str) -> Result<()> {
        let listed = self.ok(list_outpost_images(own))?.text();
        for image in listed.lines() {
            let trial = image
                .rsplit_once(':')
                .and_then(|(_, tag)| tag.rsplit_once('.'))
                .map(|(trial, _)| trial);
            if trial.is_some_and(|trial| trial != self.name && self.is_abandoned(trial)) {
                // Another trial may have been quicker.
                self.ask(["image", "rm", image])?;
            }
        }
        Ok(())
    }

    fn is_abandoned(&self, trial: &str) -> bool {
        let file = self.folder.join(format!("{trial}.lock"));
        !file.exists() || Lock::take(&file, Duration::ZERO, &|| ()).is_ok()
    }

    fn sweep_locks(&self) {
        for entry in self.folder.read_dir_utf8().into_iter().flatten().flatten() {
            let is_other = entry.path() != self.lock_file;
            if is_other
                && entry.path().extension() == Some("lock")
                && Lock::take(entry.path(), Duration::ZERO, &|| ()).is_ok()
            {
                // The next one removes what this one cannot.
                let _ = std::fs::remove_file(entry.path());
            }
        }
    }

    /// Removes all that this trial made.
    fn remove_all(&self) -> Result<()> {
        let own = format!("label={LABEL}={}", self.name);
        let list = |arguments: &[&str]| -> Result<Vec<String>> {
            let filter = ["--quiet", "--filter", own.as_str()];
            let output = self.put_in_order(arguments.iter().chain(&filter))?;
            Ok(output.text().lines().map(str::to_owned).collect())
        };
        let containers = list(&["ps", "--all"])?;
        if !containers.is_empty() {
            let remove = ["rm", "--force", "--volumes"].map(str::to_owned);
            self.put_in_order(remove.iter().chain(&containers))?;
        }
        for kind in ["network", "volume"] {
            let found = list(&[kind, "ls"])?;
            if !found.is_empty() {
                let remove = [kind.to_owned(), "rm".to_owned()];
                self.put_in_order(remove.iter().chain(&found))?;
            }
        }
        let images = self.put_in_order(list_outpost_images(&own))?.text();
        for image in images.lines() {
            self.put_in_order(["image", "rm", image])?;
        }
        Ok(())
    }
}

/// The arguments that list the images of outposts with this label.
fn list_outpost_images(label: &str) -> Vec<String> {
    let reference = format!("reference={REPOSITORY}");
    let format = "{{.Repository}}:{{.Tag}}";
    let words = ["image", "ls", "--format", format, "--filter", label];
    let mut words: Vec<String> = words.into_iter().map(str::to_owned).collect();
    words.extend(["--filter".to_owned(), reference]);
    words
}

/// Whether what runs in a network can talk to the world outside of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WayOut {
    /// It can.
    Open,
    /// It cannot.
    None,
}

impl Drop for Session<'_> {
    fn drop(&mut self) {
        if let Err(error) = self.remove_all() {
            (self.means.note)(&format!(
                "what this run started could not be removed ({error}); the next run removes it"
            ));
            return;
        }
        // Its lock is ours until the process ends or the value is gone, right after this.
        let _ = std::fs::remove_file(&self.lock_file);
    }
}

/// How long another trial may look at a lock that is just being made.
const PATIENCE: Duration = Duration::from_secs(5);

/// Takes the lock of a new trial. One that looks for abandoned locks may have removed the file just before it was
/// locked; a lock on a file that nobody else can see protects nothing.
fn hold(file: &Utf8Path) -> Result<Lock> {
    loop {
        let lock = Lock::take(file, PATIENCE, &|| ())?;
        if file.exists() {
            return Ok(lock);
        }
    }
}

/// Tells apart the trials of one process, and what they make.
pub(super) fn serial() -> u32 {
    use std::sync::atomic::{AtomicU32, Ordering};
    static NEXT: AtomicU32 = AtomicU32::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}
