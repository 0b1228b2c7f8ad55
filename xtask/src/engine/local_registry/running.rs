//! A registry that runs as long as the value that holds it.

use std::time::{Duration, Instant};

use camino::{Utf8Path, Utf8PathBuf};

use super::{Deletion, PATIENCE, command, configuration, listening};
use crate::engine::lock::Lock;
use crate::engine::private::PrivateEngine;
use crate::engine::{Engine, EngineKind, Means};
use crate::error::{Error, Result};
use crate::process::Interrupt;

/// How often its log is looked at.
const POLL: Duration = Duration::from_millis(50);

/// A registry in the engine's network; it and its data are gone with the value.
#[derive(Debug)]
pub struct LocalRegistry {
    host: String,
    pid: rustix::process::Pid,
    folder: Utf8PathBuf,
    _lock: Lock,
}

impl LocalRegistry {
    /// Starts `program` with its data below `folder`, which is its alone: what one that was killed left there is ended and
    /// removed.
    ///
    /// # Errors
    /// Another one runs there, or it does not start.
    pub fn start(
        means: Means<'_>,
        engine: &Engine,
        private: &PrivateEngine,
        program: &Utf8Path,
        folder: &Utf8Path,
    ) -> Result<Self> {
        let failed =
            |e: std::io::Error| Error::usage(format!("failed to prepare {folder}")).because(e);
        std::fs::create_dir_all(folder).map_err(failed)?;
        let folder = folder.canonicalize_utf8().map_err(failed)?;
        let lock = Lock::take(&folder.join("lock"), Duration::ZERO, &|| ())?;
        end_abandoned(&folder);
        remove_data(&folder);
        let data = folder.join("data");
        std::fs::create_dir_all(&data).map_err(failed)?;
        let file = folder.join("registry.json");
        std::fs::write(&file, configuration(&data, Deletion::Refused)).map_err(failed)?;
        let start = command(program, &file);
        let start = match engine.kind {
            EngineKind::Private => private.in_network(start)?,
            EngineKind::System => start,
        };
        let log = folder.join("registry.log");
        let pid = means.runner.detach(&start, &log)?;
        let pid = i32::try_from(pid)
            .ok()
            .and_then(rustix::process::Pid::from_raw)
            .ok_or_else(|| Error::failed("the registry did not start"))?;
        std::fs::write(folder.join("pid"), pid.as_raw_nonzero().to_string()).map_err(failed)?;
        let mut registry = Self {
            host: String::new(),
            pid,
            folder,
            _lock: lock,
        };
        registry.host = registry.wait(means.interrupt, &log)?;
        Ok(registry)
    }

    fn wait(&self, interrupt: &Interrupt, log: &Utf8Path) -> Result<String> {
        let begin = Instant::now();
        loop {
            interrupt.check()?;
            let text = std::fs::read_to_string(log).unwrap_or_default();
            if let Some(host) = listening(&text) {
                return Ok(host);
            }
            if begin.elapsed() >= PATIENCE || !is_ours(self.pid, &self.folder) && !text.is_empty() {
                return Err(
                    Error::missing("the registry does not say where it listens").details(text)
                );
            }
            std::thread::sleep(POLL);
        }
    }

    /// `127.0.0.1:PORT`, in the engine's network.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Where it keeps what was pushed.
    #[must_use]
    pub fn data(&self) -> Utf8PathBuf {
        self.folder.join("data")
    }
}

impl Drop for LocalRegistry {
    fn drop(&mut self) {
        // Best effort: the next one in this folder ends what still runs.
        let _ = rustix::process::kill_process(self.pid, rustix::process::Signal::KILL);
        let _ = std::fs::remove_file(self.folder.join("pid"));
        remove_data(&self.folder);
    }
}

fn remove_data(folder: &Utf8Path) {
    // What cannot be removed is in the way of nobody but the next one, who tells.
    let _ = std::fs::remove_dir_all(folder.join("data"));
}

/// Ends the registry that was started here by somebody who was killed.
fn end_abandoned(folder: &Utf8Path) {
    let Ok(text) = std::fs::read_to_string(folder.join("pid")) else {
        return;
    };
    let pid = text
        .trim()
        .parse()
        .ok()
        .and_then(rustix::process::Pid::from_raw);
    if let Some(pid) = pid.filter(|pid| is_ours(*pid, folder)) {
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
    }
    let _ = std::fs::remove_file(folder.join("pid"));
}

/// Whether a process was started with the configuration in this folder: pids are used again.
fn is_ours(pid: rustix::process::Pid, folder: &Utf8Path) -> bool {
    let arguments = std::fs::read(format!("/proc/{}/cmdline", pid.as_raw_nonzero()));
    let file = folder.join("registry.json");
    arguments.is_ok_and(|arguments| {
        arguments
            .split(|byte| *byte == 0)
            .any(|argument| argument == file.as_str().as_bytes())
    })
}
