//! Debian packages without installing them: a private apt configuration made from the machine's own sources.

use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};

use crate::atomic_file;
use crate::engine::lock::Lock;
use crate::error::{Error, Exit, Result};
use crate::process::{Command, Output, Runner};

mod index;
mod keep;
mod release;
mod sources;

use index::Listed;
pub(in crate::engine) use keep::remove;
pub use keep::{Kept, keep};
pub use release::Release;

/// A package that was fetched.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Where the `.deb` lies.
    pub file: Utf8PathBuf,
    /// Of the file, in hexadecimal; it matches what the signed index says.
    pub sha256: String,
}

/// apt with lists, state and cache of its own; the system's are never touched.
///
/// Mirror, keys, proxy and passwords are the machine's: its `apt.conf` is read first, ours after it.
#[derive(Clone, Debug)]
pub struct PrivateApt {
    directory: Utf8PathBuf,
}

/// Package lists older than this are fetched anew.
const LISTS_LAST: Duration = Duration::from_hours(24);

/// How long to wait for another process that fetches into the same directory.
const PATIENCE: Duration = Duration::from_mins(10);

impl PrivateApt {
    /// Writes the configuration into `directory` (one per set of suites and architecture) and fetches the package
    /// lists if there are none yet or they are older than a day. `architecture` is Debian's name, such as `arm64`;
    /// `None` is the machine's own.
    ///
    /// # Errors
    /// If the machine is not Debian-like, has no source for its own release, or the mirror lacks one of `suites`.
    pub fn prepare(
        runner: &dyn Runner,
        directory: &Utf8Path,
        suites: &[&str],
        architecture: Option<&str>,
    ) -> Result<Self> {
        Self::prepare_from(runner, Utf8Path::new("/"), directory, suites, architecture)
    }

    /// As [`PrivateApt::prepare`], with the machine's own configuration below `root`.
    fn prepare_from(
        runner: &dyn Runner,
        root: &Utf8Path,
        directory: &Utf8Path,
        suites: &[&str],
        architecture: Option<&str>,
    ) -> Result<Self> {
        let source = Release::below(root)?.source(root)?;
        let architecture = match architecture {
            Some(name) => name.to_owned(),
            None => native_architecture(runner)?,
        };
        for part in ["lists/partial", "state", "cache/archives/partial", "log"] {
            create_directory(&directory.join(part))?;
        }
        let directory = directory
            .canonicalize_utf8()
            .map_err(|e| Error::usage(format!("failed to find {directory}")).because(e))?;
        let _lock = Lock::take(&directory.join("lock"), PATIENCE, &|| ())?;
        let apt = Self { directory };
        let sources = source.for_suites(suites, &architecture);
        let configuration = apt.configuration(&architecture)?;
        atomic_file::write(&apt.directory.join("private.sources"), &sources)?;
        atomic_file::write(&apt.directory.join("apt.conf"), &configuration)?;
        atomic_file::write(&apt.directory.join("status"), "")?;
        // What the lists were fetched for; with another mirror or suite they are of no use.
        let stamp = apt.directory.join("updated");
        let made_for = format!("{sources}\n{configuration}");
        let known = std::fs::read_to_string(&stamp).is_ok_and(|text| text == made_for)
            && apt.missing_lists(suites).is_empty();
        if known && age(&stamp).is_some_and(|age| age < LISTS_LAST) {
            return Ok(apt);
        }
        match apt.update(runner, suites) {
            Ok(()) => atomic_file::write(&stamp, &made_for)?,
            // Without network the old lists still tell what was fetched before.
            Err(_) if known => {}
            Err(error) => return Err(error),
        }
        Ok(apt)
    }

    /// Fetches packages, given as (name, suite), into the directory `into` in one go; what lies there already with
    /// the right contents is kept. Each file is checked against the signed index.
    ///
    /// # Errors
    /// If a suite has no such package, or it cannot be fetched.
    pub fn download(
        &self,
        runner: &dyn Runner,
        packages: &[(&str, &str)],
        into: &Utf8Path,
    ) -> Result<Vec<Package>> {
        create_directory(into)?;
        let _lock = Lock::take(&self.directory.join("lock"), PATIENCE, &|| ())?;
        let wanted = self.look_up(runner, packages)?;
        let lacking: Vec<String> = packages
            .iter()
            .zip(&wanted)
            .filter(|(_, listed)| listed.fetched(into).is_err())
            .map(|((name, suite), _)| format!("{name}/{suite}"))
            .collect();
        if !lacking.is_empty() {
            let command = self
                .command("apt-get")
                .args(["--quiet", "--yes", "download"])
                .args(&lacking)
                .dir(into);
            let output = run(runner, &command)?;
            if !output.success() {
                return Err(explain_download(&output.error_text()));
            }
        }
        wanted.iter().map(|listed| listed.fetched(into)).collect()
    }

    /// What the index knows about each of `packages`, in their order.
    fn look_up(&self, runner: &dyn Runner, packages: &[(&str, &str)]) -> Result<Vec<Listed>> {
        let command = self
            .command("apt-get")
            .args(["--quiet", "--print-uris", "download"])
            .args(
                packages
                    .iter()
                    .map(|(name, suite)| format!("{name}/{suite}")),
            );
        let output = run(runner, &command)?;
        if !output.success() {
            return Err(explain_download(&output.error_text()));
        }
        let text = output.text();
        let listed: Vec<Listed> = text.lines().filter_map(Listed::parse).collect();
        packages
            .iter()
            .map(|(name, suite)| {
                listed
                    .iter()
                    .find(|listed| listed.name == *name)
                    .cloned()
                    .ok_or_else(|| {
                        Error::missing(format!("apt found no package `{name}` in suite `{suite}`"))
                            .details(text.clone())
                    })
            })
            .collect()
    }

    fn command(&self, program: &str) -> Command {
        // Given with `-c` rather than APT_CONFIG: that file would be read before the machine's, which would win.
        Command::new(program)
            .args(["-c", self.directory.join("apt.conf").as_str()])
            .env("LC_ALL", "C")
            .env("DEBIAN_FRONTEND", "noninteractive")
    }

    fn configuration(&self, architecture: &str) -> Result<String> {
        let directory = &self.directory;
        if directory.as_str().contains(['"', '\\', '\n', ';']) {
            return Err(Error::usage(format!(
                "apt cannot work in {directory}: its path has a quote, backslash, semicolon or line break"
            )));
        }
        // The hooks of the machine would clean the system's cache and wake its desktop's package tools.
        Ok(format!(
            r#"#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear APT::Architectures;
APT::Architecture "{architecture}";
APT::Architectures {{ "{architecture}"; }};
APT::Sandbox::User "root";
APT::Get::List-Cleanup "true";
Acquire::GzipIndexes "false";
Acquire::Languages "none";
Acquire::Retries "3";
Dir::State "{directory}/state";
Dir::State::lists "{directory}/lists";
Dir::State::status "{directory}/status";
Dir::State::extended_states "{directory}/state/extended_states";
Dir::Cache "{directory}/cache";
Dir::Cache::archives "{directory}/cache/archives";
Dir::Cache::pkgcache "pkgcache.bin";
Dir::Cache::srcpkgcache "srcpkgcache.bin";
Dir::Etc::sourcelist "{directory}/private.sources";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Dir::Log "{directory}/log";
"#
        ))
    }

    fn update(&self, runner: &dyn Runner, suites: &[&str]) -> Result<()> {
        let output = run(runner, &self.command("apt-get").args(["--quiet", "update"]))?;
        // apt exits with 0 where a mirror did not answer, so what counts is what lies there.
        let missing = self.missing_lists(suites);
        if missing.is_empty() {
            return Ok(());
        }
        let printed = output.error_text();
        let names = missing.join("`, `");
        let message = if printed.contains("does not have a Release file") {
            format!("the apt mirror of this machine does not offer suite `{names}`")
        } else {
            format!("failed to fetch the package lists of suite `{names}`")
        };
        Err(Error::missing(message)
            .help("point /etc/apt at a mirror that has it, or install Docker Engine with buildx and use `--engine system`")
            .details(printed))
    }

    /// The suites of which no package list lies there.
    fn missing_lists(&self, suites: &[&str]) -> Vec<String> {
        let files: Vec<String> = self
            .directory
            .join("lists")
            .read_dir_utf8()
            .into_iter()
            .flatten()
            .filter_map(|entry| Some(entry.ok()?.file_name().to_owned()))
            .filter(|name| name.contains("_Packages"))
            .collect();
        suites
            .iter()
            .filter(|suite| {
                let part = format!("_dists_{}_", suite.replace('/', "_"));
                !files.iter().any(|name| name.contains(&part))
            })
            .map(|suite| (*suite).to_owned())
            .collect()
    }
}

/// Unpacks a `.deb` below `root`, over what is there. No maintainer script runs.
///
/// # Errors
/// If it cannot be unpacked.
pub fn unpack(runner: &dyn Runner, deb: &Utf8Path, root: &Utf8Path) -> Result<()> {
    create_directory(root)?;
    let command = Command::new("dpkg-deb").args(["--extract", deb.as_str(), root.as_str()]);
    run(runner, &command)?.checked(&command).map(drop)
}

fn explain_download(printed: &str) -> Error {
    Error::missing("failed to fetch packages from the apt mirror of this machine")
        .because(
            printed
                .lines()
                .find_map(|line| line.strip_prefix("E: "))
                .unwrap_or("apt-get failed"),
        )
        .help("try again later, or install Docker Engine with buildx and use `--engine system`")
        .details(printed)
}

fn native_architecture(runner: &dyn Runner) -> Result<String> {
    let command = Command::new("dpkg").arg("--print-architecture");
    Ok(run(runner, &command)?.checked(&command)?.text())
}

/// Runs a tool every Debian has; where it cannot be started, the machine is none.
fn run(runner: &dyn Runner, command: &Command) -> Result<Output> {
    runner.run(command).map_err(|error| {
        if error.exit() == Exit::Missing {
            release::not_debian(error.message())
        } else {
            error
        }
    })
}

fn age(file: &Utf8Path) -> Option<Duration> {
    // A clock that was set back makes the file look made in the future: fetch again.
    file.metadata().ok()?.modified().ok()?.elapsed().ok()
}

fn create_directory(directory: &Utf8Path) -> Result<()> {
    std::fs::create_dir_all(directory)
        .map_err(|e| Error::usage(format!("failed to create {directory}")).because(e))
}

#[cfg(test)]
mod tests;
