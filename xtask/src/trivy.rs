//! Running Trivy: which one it is, whether it may be started, and one scan to its JSON report.

use std::io::Read;
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use serde::Deserialize;

use crate::error::{Error, Result};
use crate::image::inventory::Package;
use crate::process::{Command, Output, Runner};
use crate::project::manifest::Trivy as Settings;
use crate::scan::trivy::{Report, read};
use crate::timestamp::Timestamp;

mod program;

pub use program::{COMPROMISED, Program, locate};

/// Largest report that is read.
const MAX_REPORT_BYTES: u64 = 512 << 20;
/// How long a scan may take.
const LIMIT: Duration = Duration::from_mins(30);
/// What would make Trivy leave things out, or do another thing altogether, without being asked by us: these variables
/// are emptied, which Trivy takes for unset. Names, passwords and proxies stay.
const SILENCED: [&str; 10] = [
    "TRIVY_CONFIG",
    "TRIVY_IGNORE_POLICY",
    "TRIVY_IGNORE_STATUS",
    "TRIVY_OUTPUT_PLUGIN_ARG",
    "TRIVY_SERVER",
    "TRIVY_SKIP_DIRS",
    "TRIVY_SKIP_FILES",
    "TRIVY_TEMPLATE",
    "TRIVY_VEX",
    "TRIVY_COMPLIANCE",
];

/// What Trivy looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject<'a> {
    /// An archive (`docker save` or OCI), or a folder with an OCI layout; an absolute path.
    Path(&'a Utf8Path),
    /// An image of an engine.
    Engine {
        /// Its name or ID.
        reference: &'a str,
        /// The engine's address, as `DOCKER_HOST` has it; the machine's own engine without one.
        host: Option<&'a str>,
    },
    /// An image of a registry.
    Registry {
        /// Its name.
        reference: &'a str,
        /// Which of several platforms.
        platform: Option<&'a str>,
    },
}

/// How old Trivy's data is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DatabaseAge {
    /// When it was made.
    pub updated: Timestamp,
    /// When it was fetched, where that is known.
    pub downloaded: Option<Timestamp>,
}

/// A scan that ended well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scan {
    /// What Trivy said.
    pub report: Report,
    /// How old its data is; `None` where Trivy does not say.
    pub database: Option<DatabaseAge>,
}

/// A Trivy that may be started.
#[derive(Clone, Debug)]
pub struct Trivy<'a> {
    program: Program,
    settings: &'a Settings,
    /// Where it keeps its data; its own place if it is not said.
    cache: Option<Utf8PathBuf>,
    /// An empty folder to stand in: no `trivy.yaml`, `.trivyignore` or `trivy-secret.yaml` of anybody applies.
    work: Utf8PathBuf,
}

impl<'a> Trivy<'a> {
    /// The program at `path`, if it is the one that the settings pin and no version that is known to be compromised.
    /// Trivy stands in the empty folder `work`, which is made.
    ///
    /// # Errors
    /// If it may not be started (exit 2 where the settings say so, 3 where it must not be trusted), or is no Trivy.
    pub fn at(
        runner: &dyn Runner,
        path: &Utf8Path,
        settings: &'a Settings,
        cache: Option<&Utf8Path>,
        work: &Utf8Path,
    ) -> Result<Self> {
        std::fs::create_dir_all(work)
            .map_err(|e| Error::usage(format!("failed to make the folder {work}")).because(e))?;
        Ok(Self {
            program: Program::checked(runner, path, settings)?,
            settings,
            cache: cache.map(Utf8Path::to_owned),
            work: work.to_owned(),
        })
    }

    /// Its version.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.program.version
    }

    /// Scans an image for vulnerabilities of its packages. With `offline` (here or in the settings) it asks nobody and
    /// uses the data it has.
    ///
    /// # Errors
    /// If it has no data or cannot reach the image (exit 3), fails, is ended or prints what is no report (exit 4).
    pub fn scan(
        &self,
        runner: &dyn Runner,
        subject: Subject<'_>,
        packages: &[Package],
        offline: bool,
    ) -> Result<Scan> {
        let command = self.command(subject, offline || self.settings.offline);
        let mut json = Vec::new();
        let output = runner.stream(&command, &mut |out| {
            out.take(MAX_REPORT_BYTES + 1)
                .read_to_end(&mut json)
                .map_err(|e| Error::failed("failed to read what Trivy prints").because(e))?;
            if json.len() as u64 > MAX_REPORT_BYTES {
                return Err(Error::failed(format!(
                    "Trivy's report is larger than {MAX_REPORT_BYTES} bytes"
                )));
            }
            Ok(())
        })?;
        if !output.success() {
            return Err(explain(&output));
        }
        let report = read(&json, packages).map_err(|why| {
            Error::failed(why).help(format!(
                "this is Trivy {}: pin a version that is known to work in `[scan.trivy]`, or turn it off there",
                self.version()
            ))
        })?;
        Ok(Scan {
            report,
            database: self.database(runner)?,
        })
    }

    fn command(&self, subject: Subject<'_>, is_offline: bool) -> Command {
        let mut command = self.base("image").args([
            "--format=json",
            "--scanners=vuln",
            "--pkg-types=os,library",
            "--severity=UNKNOWN,LOW,MEDIUM,HIGH,CRITICAL",
            "--ignore-unfixed=false",
            "--ignorefile=/dev/null",
            "--list-all-pkgs=false",
            "--exit-code=0",
            "--no-progress",
            "--timeout=25m",
        ]);
        // Reports of Java archives need another database of 200 MB, and are about packages we do not list.
        command = command.arg("--skip-java-db-update");
        if is_offline {
            command = command.args(["--offline-scan", "--skip-db-update"]);
        } else if let Some(database) = &self.settings.database {
            command = command.arg(format!("--db-repository={database}"));
        }
        match subject {
            Subject::Path(path) => command.arg(format!("--input={path}")),
            Subject::Engine { reference, host } => {
                if let Some(host) = host {
                    command = command.env("DOCKER_HOST", host);
                }
                command.args(["--image-src=docker", "--", reference])
            }
            Subject::Registry {
                reference,
                platform,
            } => {
                if let Some(platform) = platform {
                    command = command.arg(format!("--platform={platform}"));
                }
                command.args(["--image-src=remote", "--", reference])
            }
        }
    }

    /// Trivy with what every call has.
    fn base(&self, verb: &str) -> Command {
        let mut command = Command::new(self.program.path.as_str())
            .arg(verb)
            .arg("--quiet")
            .dir(&self.work)
            .within(LIMIT);
        for variable in SILENCED {
            command = command.env(variable, "");
        }
        if let Some(cache) = &self.cache {
            command = command.arg(format!("--cache-dir={cache}"));
        }
        command
    }

    /// How old its data is, as it says itself.
    ///
    /// # Errors
    /// If it cannot be started.
    pub fn database(&self, runner: &dyn Runner) -> Result<Option<DatabaseAge>> {
        #[derive(Deserialize)]
        struct Said {
            #[serde(rename = "VulnerabilityDB")]
            database: Option<Times>,
        }
        #[derive(Deserialize)]
        struct Times {
            #[serde(rename = "UpdatedAt")]
            updated: String,
            #[serde(rename = "DownloadedAt")]
            downloaded: Option<String>,
        }
        let output = runner.run(&self.base("version").arg("--format=json"))?;
        let times = serde_json::from_slice(&output.stdout)
            .ok()
            .and_then(|said: Said| said.database);
        // A time that was never set is the first day of the first year.
        let moment = |text: &str| {
            text.parse::<Timestamp>()
                .ok()
                .filter(|moment| moment.unix_seconds() > 0)
        };
        Ok(times.and_then(|times| {
            Some(DatabaseAge {
                updated: moment(&times.updated)?,
                downloaded: times.downloaded.as_deref().and_then(moment),
            })
        }))
    }
}

/// What went wrong, by what Trivy prints.
fn explain(output: &Output) -> Error {
    let text = output.error_text();
    let has = |part: &str| text.contains(part);
    let fatal = text
        .lines()
        .rfind(|line| line.contains("FATAL") || line.contains("ERROR"));
    let last = fatal.or_else(|| text.lines().last()).unwrap_or_default();
    let reason = last
        .split_once("FATAL")
        .map_or(last, |(_, reason)| reason)
        .trim();
    let error = if output.code.is_none() {
        Error::failed("Trivy was ended before it was done")
    } else if has("on the first run") {
        Error::missing("Trivy has no vulnerability database yet, and may not fetch one")
            .help("let it fetch one with a network: `trivy image --download-db-only`")
    } else if has("database") && (has("failed to download") || has("DB error")) {
        Error::missing("Trivy cannot use or fetch its vulnerability database")
            .help("try again with a network, name a mirror in `[scan.trivy]`, or set `offline = true` there")
    } else if has("unable to find the specified image")
        || has("no such file")
        || has("No such image")
    {
        Error::missing("Trivy does not find the image")
    } else {
        Error::failed("Trivy failed")
    };
    if reason.is_empty() {
        error
    } else {
        error.because(reason)
    }
}

#[cfg(test)]
mod tests;
