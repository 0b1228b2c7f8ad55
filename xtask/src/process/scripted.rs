//! A double for tests: answers commands from a script and keeps what was asked.

use std::io::Read;
use std::sync::Mutex;

use camino::Utf8Path;

use super::{Channel, Command, Output, Runner};
use crate::error::{Error, Result};

/// What to answer to a command.
#[derive(Clone, Debug, Default)]
pub struct Reply {
    /// The exit code.
    pub code: i32,
    /// Standard output.
    pub stdout: Vec<u8>,
    /// Standard error.
    pub stderr: Vec<u8>,
}

impl Reply {
    /// Exit 0 with this standard output.
    pub fn ok(stdout: impl Into<Vec<u8>>) -> Self {
        Self {
            stdout: stdout.into(),
            ..Self::default()
        }
    }

    /// A failure with this standard error.
    pub fn failure(code: i32, stderr: impl Into<Vec<u8>>) -> Self {
        Self {
            code,
            stderr: stderr.into(),
            ..Self::default()
        }
    }
}

/// Answers each command with the first reply whose pattern is part of [`Command::display`].
#[derive(Debug, Default)]
pub struct Scripted {
    replies: Vec<(String, Reply)>,
    asked: Mutex<Vec<Command>>,
}

impl Scripted {
    /// Answers commands that contain `pattern` with `reply`.
    #[must_use]
    pub fn on(mut self, pattern: impl Into<String>, reply: Reply) -> Self {
        self.replies.push((pattern.into(), reply));
        self
    }

    /// What was asked so far.
    #[must_use]
    pub fn asked(&self) -> Vec<Command> {
        self.asked
            .lock()
            .map(|asked| asked.clone())
            .unwrap_or_default()
    }

    fn answer(&self, command: &Command) -> Result<Output> {
        if let Ok(mut asked) = self.asked.lock() {
            asked.push(command.clone());
        }
        let line = command.display();
        self.replies
            .iter()
            .find(|(pattern, _)| line.contains(pattern.as_str()))
            .map(|(_, reply)| Output {
                code: Some(reply.code),
                stdout: reply.stdout.clone(),
                stderr: reply.stderr.clone(),
            })
            .ok_or_else(|| {
                Error::missing(format!(
                    "failed to start `{line}`: not in the script of this test"
                ))
            })
    }
}

impl Runner for Scripted {
    fn run(&self, command: &Command) -> Result<Output> {
        self.answer(command)
    }

    fn lines(&self, command: &Command, on_line: &mut dyn FnMut(Channel, &str)) -> Result<Output> {
        let output = self.answer(command)?;
        for (channel, bytes) in [
            (Channel::Stdout, &output.stdout),
            (Channel::Stderr, &output.stderr),
        ] {
            for line in String::from_utf8_lossy(bytes).lines() {
                on_line(channel, line);
            }
        }
        Ok(Output {
            code: output.code,
            ..Output::default()
        })
    }

    fn stream(
        &self,
        command: &Command,
        consume: &mut dyn FnMut(&mut dyn Read) -> Result<()>,
    ) -> Result<Output> {
        let output = self.answer(command)?;
        consume(&mut output.stdout.as_slice())?;
        Ok(Output {
            stdout: Vec::new(),
            ..output
        })
    }

    fn detach(&self, command: &Command, _log: &Utf8Path) -> Result<u32> {
        self.answer(command).map(|_| 1)
    }
}
