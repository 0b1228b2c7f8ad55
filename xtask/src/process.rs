//! The only place that spawns programs.
//!
//! Short commands whose output fits in memory go through xshell, streamed and long-running ones through duct, which
//! gives each a process group of its own: Ctrl-C reaches us, and we pass it on exactly once.

use std::io::Read;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Once};

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
pub struct Interrupt {
    asked: Arc<AtomicBool>,
    /// Whether signals of this process set it, and whether they are watched yet.
    watching: Option<Arc<Once>>,
}

impl Interrupt {
    /// Set by SIGINT, SIGTERM and SIGHUP of this process, from the first program on that is started. Until then the
    /// signals end the process as they always do: nothing is there yet that would have to be stopped in order.
    #[must_use]
    pub fn of_this_process() -> Self {
        Self {
            watching: Some(Arc::new(Once::new())),
            ..Self::default()
        }
    }

    /// Watches from now on. A second signal ends the process at once.
    fn watch(&self) {
        use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
        use signal_hook::flag::{register, register_conditional_shutdown};
        let Some(once) = &self.watching else { return };
        let code = i32::from(crate::error::Exit::Interrupted.code());
        once.call_once(|| {
            for signal in [SIGINT, SIGTERM, SIGHUP] {
                // Where a handler cannot be installed, the signal ends the process, which is good enough.
                let _ = register_conditional_shutdown(signal, code, Arc::clone(&self.asked))
                    .and_then(|_| register(signal, Arc::clone(&self.asked)));
            }
        });
    }

    /// Whether someone asked us to stop.
    #[must_use]
    pub fn is_set(&self) -> bool {
        self.asked.load(Ordering::Relaxed)
    }

    /// Asks to stop, as Ctrl-C does.
    pub fn set(&self) {
        self.asked.store(true, Ordering::Relaxed);
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
