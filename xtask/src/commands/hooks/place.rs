//! Where a hook stands, with what stood there before.

use std::fs;
use std::io::ErrorKind;

use camino::{Utf8Path, Utf8PathBuf};
use serde::Serialize;

use super::script::{BEFORE, Hook, MARK};
use crate::atomic_file;
use crate::error::{Error, Result};

/// What the `pre-commit` tool calls a hook that it has put aside and goes on calling.
const LEGACY: &str = ".legacy";

/// The place of one hook.
pub(super) struct Place {
    /// Where git runs it.
    file: Utf8PathBuf,
}

/// What stands there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum State {
    /// Nothing.
    None,
    /// A hook of someone else.
    Other,
    /// Ours.
    Installed,
    /// Ours, with one that was there before and is called first.
    InstalledBeforeOther,
    /// Ours, put aside by `pre-commit`, which calls it.
    CalledByPreCommit,
}

impl State {
    /// Whether ours is run.
    pub(super) const fn is_installed(self) -> bool {
        !matches!(self, Self::None | Self::Other)
    }

    /// What people are told.
    pub(super) const fn told(self) -> &'static str {
        match self {
            Self::None => "not installed",
            Self::Other => "not installed; another hook is there",
            Self::Installed => "installed",
            Self::InstalledBeforeOther => {
                "installed; the hook that was there before is called first"
            }
            Self::CalledByPreCommit => "installed; pre-commit calls it",
        }
    }
}

impl Place {
    pub(super) fn new(folder: &Utf8Path, hook: Hook) -> Self {
        Self {
            file: folder.join(hook.name()),
        }
    }

    fn before(&self) -> Utf8PathBuf {
        format!("{}{BEFORE}", self.file).into()
    }

    fn legacy(&self) -> Utf8PathBuf {
        format!("{}{LEGACY}", self.file).into()
    }

    /// What stands there.
    ///
    /// # Errors
    /// A file cannot be read.
    pub(super) fn state(&self) -> Result<State> {
        let has_before = text(&self.before())?.is_some();
        Ok(match text(&self.file)? {
            Some(own) if is_ours(&own) && has_before => State::InstalledBeforeOther,
            Some(own) if is_ours(&own) => State::Installed,
            Some(_) if text(&self.legacy())?.is_some_and(|own| is_ours(&own)) => {
                State::CalledByPreCommit
            }
            Some(_) => State::Other,
            None => State::None,
        })
    }

    /// Writes the hook, and puts aside what stands there; what was done, for people.
    ///
    /// # Errors
    /// A file cannot be read or written, or there is no place to put aside what stands there.
    pub(super) fn install(&self, script: &str) -> Result<String> {
        let (file, before) = (&self.file, self.before());
        let state = self.state()?;
        if state == State::CalledByPreCommit {
            return Ok(format!(
                "{file} is of pre-commit, which calls ours: nothing to do"
            ));
        }
        if state.is_installed() && text(file)?.as_deref() == Some(script.as_bytes()) {
            return Ok(format!("{file} is installed already"));
        }
        let put_aside = state == State::Other;
        if put_aside {
            match text(&before)? {
                // Beside it first: at no time is there none.
                None => fs::hard_link(file, &before).map_err(|error| failed(file, &error))?,
                // Someone was interrupted right here.
                Some(same) if Some(&same) == text(file)?.as_ref() => {}
                Some(_) => {
                    return Err(Error::usage(format!("{file} cannot be put aside"))
                        .because(format!("there is a {before} already"))
                        .help(
                            "someone has replaced our hook: merge the two files, or remove one of them",
                        ));
                }
            }
        }
        if let Err(error) = atomic_file::write_program(file, script) {
            if put_aside {
                // It stands at its place still. The first error is the one to tell.
                let _ = fs::remove_file(&before);
            }
            return Err(error);
        }
        Ok(match (state.is_installed(), put_aside) {
            (true, _) => format!("{file} is brought up to date"),
            (_, true) => {
                format!("{file} is installed; what was there is {before}, and is called first")
            }
            _ => format!("{file} is installed"),
        })
    }

    /// Removes the hook, and puts back what stood there; what was done, for people.
    ///
    /// # Errors
    /// A file cannot be read, removed or renamed.
    pub(super) fn uninstall(&self) -> Result<String> {
        let ours = match self.state()? {
            State::None | State::Other => {
                return Ok(format!("{} is not installed", self.file));
            }
            State::CalledByPreCommit => self.legacy(),
            State::Installed | State::InstalledBeforeOther => self.file.clone(),
        };
        let before = self.before();
        // A rename replaces ours: at no time is there none.
        if text(&before)?.is_some() {
            fs::rename(&before, &ours).map_err(|error| failed(&before, &error))?;
            return Ok(format!("{ours} is removed; what was there before is back"));
        }
        fs::remove_file(&ours).map_err(|error| failed(&ours, &error))?;
        Ok(format!("{ours} is removed"))
    }
}

/// What a file holds; `None` if there is none. A broken link holds nothing.
fn text(file: &Utf8Path) -> Result<Option<Vec<u8>>> {
    match fs::read(file) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            Ok(file.symlink_metadata().is_ok().then(Vec::new))
        }
        Err(error) => Err(failed(file, &error)),
    }
}

fn is_ours(text: &[u8]) -> bool {
    text.split(|byte| *byte == b'\n')
        .take(2)
        .any(|line| line == MARK.as_bytes())
}

fn failed(file: &Utf8Path, error: &std::io::Error) -> Error {
    Error::usage(format!("failed to change the hook {file}")).because(error)
}
