//! The only place that spawns programs.
//!
//! Short commands whose output fits in memory go through xshell, streamed and long-running ones through duct, which
//! gives each a process group of its own: Ctrl-C reaches us, and we pass it on exactly once.

use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use camino::Utf8Path;

use crate::error::{Error, Result};

mod command;
mod scripted;
mod system;

pub use command::{Command, Output};
pub use scripted::{Reply, Scripted};
pub use system::System;

/// Which of its two outputs a program wrote to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// Set by Ctrl-C or SIGTERM; cheap to clone and to ask.
#[derive(Clone, Debug, Default)]
pub struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Watches SIGINT, SIGTERM and SIGHUP of this process.
    ///
    /// # Errors
    /// If the handlers cannot be installed.
    pub fn watch() -> Result<Self> {
        let interrupt = Self::default();
        for signal in [
            signal_hook::consts::SIGINT,
            signal_hook::consts::SIGTERM,
            signal_hook::consts::SIGHUP,
        ] {
            signal_hook::flag::register(signal, Arc::clone(&interrupt.0))
                .map_err(|e| Error::failed("failed to watch for Ctrl-C").because(e))?;
        }
        Ok(interrupt)
    }

    /// Whether someone asked us to stop.
    #[must_use]
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Asks to stop, as Ctrl-C does.
    pub fn set(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// # Errors
    /// [`Error::interrupted`] if someone asked us to stop.
    pub fn check(&self) -> Result<()> {
        if self.is_set() {
            Err(Error::interrupted())
        } else {
            Ok(())
        }
    }
}

/// Runs commands; the real one is [`System`], the double for tests is [`Scripted`].
pub trait Runner: Send + Sync {
    /// Runs to the end and keeps what it prints. A non-zero exit is not an error: see [`Output::checked`].
    ///
    /// # Errors
    /// If the program cannot be started.
    fn run(&self, command: &Command) -> Result<Output>;

    /// Runs to the end and hands over each line as it comes. The outputs in the result are empty.
    ///
    /// # Errors
    /// If the program cannot be started, or [`Error::interrupted`] after Ctrl-C stopped it.
    fn lines(&self, command: &Command, on_line: &mut dyn FnMut(Channel, &str)) -> Result<Output>;

    /// Runs to the end and hands over standard output as a byte stream. Standard error is kept.
    ///
    /// # Errors
    /// If the program cannot be started, what `consume` returns, or [`Error::interrupted`].
    fn stream(
        &self,
        command: &Command,
        consume: &mut dyn FnMut(&mut dyn Read) -> Result<()>,
    ) -> Result<Output>;

    /// Starts a program that outlives us, in a session of its own, printing to the file `log`. Returns its pid.
    ///
    /// # Errors
    /// If the program cannot be started or the log not be written.
    fn detach(&self, command: &Command, log: &Utf8Path) -> Result<u32>;
}
