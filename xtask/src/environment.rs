//! The facts about the machine and the user's terminal, gathered once at the start and handed down as a value.

use std::collections::BTreeMap;
use std::io::{IsTerminal, Write};
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use camino::Utf8PathBuf;

use crate::error::{Error, Result};
use crate::process::{Interrupt, Runner, System};

/// Everything a command may know about the world outside the repository.
#[derive(Clone)]
pub struct Environment {
    /// Where the user stands.
    pub current_dir: Utf8PathBuf,
    /// The environment variables that are UTF-8.
    pub variables: BTreeMap<String, String>,
    /// How programs are run.
    pub runner: Arc<dyn Runner>,
    /// Whether someone asked us to stop.
    pub interrupt: Interrupt,
    /// What time it is, read when asked for.
    pub clock: fn() -> SystemTime,
    /// Where results go.
    pub stdout: Arc<Mutex<Box<dyn Write + Send>>>,
    /// Where progress and errors go.
    pub stderr: Arc<Mutex<Box<dyn Write + Send>>>,
    /// Whether standard output is a terminal.
    pub stdout_is_terminal: bool,
    /// Whether standard error is a terminal.
    pub stderr_is_terminal: bool,
}

impl Environment {
    /// The real world.
    ///
    /// # Errors
    /// If the current directory is gone or not UTF-8.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads them")]
    pub fn gather() -> Result<Self> {
        let current_dir = std::env::current_dir()
            .map_err(|e| Error::usage("failed to find the current directory").because(e))?;
        let current_dir = Utf8PathBuf::from_path_buf(current_dir).map_err(|path| {
            Error::usage(format!(
                "the current directory is not UTF-8: {}",
                path.display()
            ))
        })?;
        let interrupt = Interrupt::of_this_process();
        Ok(Self {
            current_dir,
            variables: std::env::vars_os()
                .filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?)))
                .collect(),
            runner: Arc::new(System::new(interrupt.clone())),
            interrupt,
            clock: SystemTime::now,
            stdout: Arc::new(Mutex::new(Box::new(std::io::stdout()))),
            stderr: Arc::new(Mutex::new(Box::new(std::io::stderr()))),
            stdout_is_terminal: std::io::stdout().is_terminal(),
            stderr_is_terminal: std::io::stderr().is_terminal(),
        })
    }

    /// A variable that is set and not empty.
    #[must_use]
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.variables
            .get(name)
            .map(String::as_str)
            .filter(|v| !v.is_empty())
    }

    /// The program that runs, so that it can start itself with another command.
    ///
    /// # Errors
    /// The system does not tell, or its path is not UTF-8.
    pub fn program(&self) -> Result<Utf8PathBuf> {
        let unknown = || Error::missing("failed to find the program that runs");
        let program = std::env::current_exe().map_err(|error| unknown().because(error))?;
        Utf8PathBuf::from_path_buf(program).map_err(|_| unknown().because("its path is not UTF-8"))
    }

    /// Where the user's own Docker client keeps its configuration and logins; `None` without a home.
    #[must_use]
    pub fn docker_config(&self) -> Option<Utf8PathBuf> {
        let own = self.variable("DOCKER_CONFIG").map(Utf8PathBuf::from);
        own.or_else(|| Some(Utf8PathBuf::from(self.variable("HOME")?).join(".docker")))
    }

    /// Writes a result to standard output.
    ///
    /// # Errors
    /// If it cannot be written. A reader that went away (`| head`) is no error.
    pub fn print(&self, text: &str) -> Result<()> {
        write_to(&self.stdout, |out| out.write_all(text.as_bytes()))
    }

    /// Writes a result to standard output, piece by piece.
    ///
    /// # Errors
    /// As [`Environment::print`].
    pub fn print_pieces(
        &self,
        write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>,
    ) -> Result<()> {
        write_to(&self.stdout, write)
    }

    /// Writes a message to standard error.
    ///
    /// # Errors
    /// As [`Environment::print`].
    pub fn note(&self, text: &str) -> Result<()> {
        write_to(&self.stderr, |out| out.write_all(text.as_bytes()))
    }
}

fn write_to(
    stream: &Mutex<Box<dyn Write + Send>>,
    write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>,
) -> Result<()> {
    let Ok(mut stream) = stream.lock() else {
        return Ok(());
    };
    match write(&mut *stream).and_then(|()| stream.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Error::failed("failed to write the output").because(error))
        }
        _ => Ok(()),
    }
}
