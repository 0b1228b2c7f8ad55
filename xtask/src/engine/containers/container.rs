//! One container of a trial.

use std::time::Duration;

use serde::Deserialize;

use super::Session;
use crate::error::{Error, Result};
use crate::process::Output;

/// A container; removed when it is dropped.
pub struct Container<'a> {
    session: &'a Session<'a>,
    id: String,
}

/// What the engine says of a container now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// Whether its first process runs.
    pub running: bool,
    /// The pid of its first process in the engine's pid namespace; 0 where it does not run.
    pub pid: u32,
    /// Of the first process; 0 while it runs.
    pub exit_code: i64,
    /// Whether the kernel ended it for want of memory.
    pub out_of_memory: bool,
    /// Why it could not be started.
    pub error: String,
    /// `starting`, `healthy`, `unhealthy`; none without a health check.
    pub health: Option<String>,
    /// The last probes, oldest first.
    pub probes: Vec<Probe>,
    /// RFC 3339.
    pub started_at: String,
    /// RFC 3339.
    pub finished_at: String,
    /// Its address in each of its networks, by the network's name.
    pub addresses: Vec<(String, String)>,
}

/// One run of the image's health check.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct Probe {
    /// RFC 3339.
    pub start: String,
    /// RFC 3339.
    pub end: String,
    /// 0 is healthy.
    pub exit_code: i64,
    /// What it printed.
    pub output: String,
}

/// How a container ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exit {
    /// The exit code of its first process.
    pub code: i64,
    /// How long stopping took.
    pub took: Duration,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Raw {
    state: RawState,
    network_settings: RawNetworks,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct RawState {
    running: bool,
    pid: u32,
    exit_code: i64,
    #[serde(rename = "OOMKilled")]
    out_of_memory: bool,
    error: String,
    health: Option<RawHealth>,
    started_at: String,
    finished_at: String,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct RawHealth {
    status: String,
    log: Option<Vec<Probe>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct RawNetworks {
    networks: Option<std::collections::BTreeMap<String, RawNetwork>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct RawNetwork {
    #[serde(rename = "IPAddress")]
    address: String,
}

impl State {
    /// Reads what `docker container inspect` printed, in its order.
    pub(super) fn read_all(printed: &[u8]) -> Result<Vec<Self>> {
        let raw: Vec<Raw> = serde_json::from_slice(printed).map_err(|e| {
            Error::failed("failed to read what `docker container inspect` printed").because(e)
        })?;
        Ok(raw.into_iter().map(Self::of).collect())
    }

    fn of(raw: Raw) -> Self {
        let (health, probes) = raw.state.health.map_or((None, Vec::new()), |health| {
            // Docker says `none` where the image has no check.
            let status =
                Some(health.status).filter(|status| status != "none" && !status.is_empty());
            (status, health.log.unwrap_or_default())
        });
        Self {
            running: raw.state.running,
            pid: raw.state.pid,
            exit_code: raw.state.exit_code,
            out_of_memory: raw.state.out_of_memory,
            error: raw.state.error,
            health,
            probes,
            started_at: raw.state.started_at,
            finished_at: raw.state.finished_at,
            addresses: raw
                .network_settings
                .networks
                .unwrap_or_default()
                .into_iter()
                .map(|(name, network)| (name, network.address))
                .filter(|(_, address)| !address.is_empty())
                .collect(),
        }
    }
}

impl<'a> Container<'a> {
    pub(super) fn new(session: &'a Session<'a>, id: String) -> Self {
        Self { session, id }
    }

    pub(super) fn session(&self) -> &'a Session<'a> {
        self.session
    }

    /// As the engine knows it.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What the engine says of it now.
    ///
    /// # Errors
    /// It is gone, or the engine does not answer as expected.
    pub fn state(&self) -> Result<State> {
        self.session.states(&[&self.id])?.pop().ok_or_else(|| {
            Error::failed(format!("the engine tells nothing of container {}", self.id))
        })
    }

    /// Runs a command in it.
    ///
    /// # Errors
    /// The engine cannot be asked; that the command fails is in the output.
    pub fn exec(&self, command: &[&str]) -> Result<Output> {
        let arguments = ["exec", self.id.as_str()];
        self.session.ask(arguments.iter().chain(command))
    }

    /// Runs a command in it that may hang; `None` where it did not end within `limit`.
    ///
    /// # Errors
    /// The engine cannot be asked, or somebody asked to stop.
    pub fn exec_within(&self, command: &[&str], limit: Duration) -> Result<Option<Output>> {
        let begin = std::time::Instant::now();
        let arguments = ["exec", self.id.as_str()];
        let asked = self
            .session
            .ask_within(arguments.iter().chain(command), limit);
        match asked {
            Err(error)
                if error.exit() == crate::error::Exit::Missing && begin.elapsed() >= limit =>
            {
                Ok(None)
            }
            asked => asked.map(Some),
        }
    }

    /// What it printed so far: standard output and standard error apart.
    ///
    /// # Errors
    /// The engine cannot be asked.
    pub fn logs(&self) -> Result<Output> {
        self.session.ok(["logs", &self.id])
    }

    /// Sends a signal to its first process.
    ///
    /// # Errors
    /// The engine refuses, as it does where nothing runs.
    pub fn signal(&self, signal: &str) -> Result<()> {
        self.session
            .ok(["kill", "--signal", signal, &self.id])
            .map(drop)
    }

    /// `docker stop`: the image's stop signal, and SIGKILL after `grace`.
    ///
    /// # Errors
    /// The engine cannot be asked.
    pub fn stop(&self, grace: Duration) -> Result<Exit> {
        let begin = std::time::Instant::now();
        let grace = grace.as_secs().to_string();
        self.session.ok(["stop", "--time", &grace, &self.id])?;
        let took = begin.elapsed();
        Ok(Exit {
            code: self.state()?.exit_code,
            took,
        })
    }

    /// Starts it again after it ended.
    ///
    /// # Errors
    /// What the engine says.
    pub fn start_again(&self) -> Result<()> {
        self.session.ok(["start", &self.id]).map(drop)
    }

    /// What differs from its image: `C /app`, `A /app/core` (`docker diff`).
    ///
    /// # Errors
    /// The engine cannot be asked.
    pub fn changes(&self) -> Result<Vec<String>> {
        let output = self.session.ok(["diff", &self.id])?;
        Ok(output.text().lines().map(str::to_owned).collect())
    }
}

impl Drop for Container<'_> {
    fn drop(&mut self) {
        // What cannot be removed now is removed with the session, or by the next one.
        let _ = self
            .session
            .put_in_order(["rm", "--force", "--volumes", &self.id]);
    }
}
