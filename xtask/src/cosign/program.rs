//! The program: the machine's own, or the one that was fetched.

use std::time::Duration;

use camino::Utf8Path;

use super::fetch;
use crate::engine::private::PrivateEngine;
use crate::engine::version::Version;
use crate::error::{Error, Exit, Result};
use crate::process::{Command, Output, Runner};

/// The version this was tried with; it is the one that is fetched.
pub const TRIED: &str = "3.1.1";

/// Older ones store signatures in another way, and do not know some of the options.
const OLDEST: Version = Version([3, 0, 0]);

/// How long one call may take: it talks to a registry, and to Sigstore's services where they count.
const LIMIT: Duration = Duration::from_mins(3);

/// Where it was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// On `PATH`.
    Machine,
    /// Below `target/`, where `docker-sign --fetch-cosign` put it.
    Fetched,
}

/// A cosign that runs.
#[derive(Clone, Debug)]
pub struct Cosign {
    program: Command,
    network: Option<PrivateEngine>,
    /// Its version; unknown where its makers did not write it in.
    pub version: Option<String>,
    /// Where it was found.
    pub origin: Origin,
}

impl Cosign {
    /// The one on `PATH`, else the one fetched into `folder`.
    ///
    /// # Errors
    /// There is none, or it is too old.
    pub fn find(runner: &dyn Runner, folder: &Utf8Path) -> Result<Self> {
        let on_path = Command::new("cosign");
        let (program, version, origin) = match ask(runner, &on_path)? {
            Answer::Version(version) => (on_path, Some(version), Origin::Machine),
            Answer::Nameless => (on_path, None, Origin::Machine),
            Answer::None => {
                let fetched = fetch::fetched(folder).ok_or_else(|| {
                    Error::missing("cosign is not installed")
                        .help("`cargo xtask docker-sign --fetch-cosign` fetches it below target/ (Debian and its children)")
                        .help("or install cosign 3: https://docs.sigstore.dev/cosign/system_config/installation/")
                })?;
                (
                    Command::new(fetched.program),
                    Some(fetched.version),
                    Origin::Fetched,
                )
            }
        };
        if let Some(version) = version
            .as_deref()
            .filter(|found| Version::older(found, OLDEST))
        {
            return Err(
                Error::missing(format!("cosign {version} is too old: 3.0 is needed")).help(
                    "upgrade it: https://docs.sigstore.dev/cosign/system_config/installation/",
                ),
            );
        }
        Ok(Self {
            program,
            network: None,
            version,
            origin,
        })
    }

    /// The same in the network in which a private engine builds and pulls.
    #[must_use]
    pub fn in_network_of(mut self, network: Option<PrivateEngine>) -> Self {
        self.network = network;
        self
    }

    /// One call of it. Passwords and tokens are in none of its arguments: it finds them in the environment.
    pub(super) fn command<'a>(
        &self,
        arguments: impl IntoIterator<Item = &'a str>,
    ) -> Result<Command> {
        let command = self.program.clone().args(arguments).within(LIMIT);
        match &self.network {
            Some(engine) => engine.in_network(command),
            None => Ok(command),
        }
    }

    /// Runs it to the end.
    pub(super) fn run<'a>(
        &self,
        runner: &dyn Runner,
        arguments: impl IntoIterator<Item = &'a str>,
    ) -> Result<Output> {
        runner.run(&self.command(arguments)?)
    }
}

/// What a program that may be cosign answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// It cannot be started.
    None,
    /// It runs, and tells no version: its makers did not write one in.
    Nameless,
    /// Its version.
    Version(String),
}

/// Asks a program for its version.
pub(super) fn ask(runner: &dyn Runner, program: &Command) -> Result<Answer> {
    let output = match runner.run(&program.clone().args(["version", "--json"])) {
        Ok(output) if output.success() => output,
        Ok(_) => return Ok(Answer::None),
        Err(error) if error.exit() == Exit::Missing => return Ok(Answer::None),
        Err(error) => return Err(error),
    };
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    let version = told["gitVersion"]
        .as_str()
        .map(|text| text.trim_start_matches('v'))
        .filter(|text| text.contains('.') && Version::parse(text).is_some());
    Ok(match version {
        Some(version) => Answer::Version(version.to_owned()),
        None => Answer::Nameless,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::{Reply, Scripted};

    #[test]
    fn the_machines_own_is_taken_unless_it_is_too_old() {
        let folder = Utf8Path::new("/none");
        let says = |version: &str| {
            Scripted::default().on(
                "cosign version",
                Reply::ok(format!("{{\"gitVersion\":\"{version}\"}}")),
            )
        };
        let found = Cosign::find(&says("v3.1.1"), folder).unwrap();
        assert_eq!(
            (found.version.as_deref(), found.origin),
            (Some("3.1.1"), Origin::Machine)
        );
        // Debian builds it without one.
        assert_eq!(Cosign::find(&says("devel"), folder).unwrap().version, None);
        let error = Cosign::find(&says("v2.6.1"), folder).unwrap_err();
        assert!(error.message().contains("too old"), "{error}");
        let none = Cosign::find(&Scripted::default(), folder).unwrap_err();
        assert_eq!(none.exit(), Exit::Missing);
        assert!(none.helps()[0].contains("--fetch-cosign"), "{none}");
    }
}
