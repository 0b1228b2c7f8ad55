//! `--lsp`: the linter behind an editor, spoken to in the Language Server Protocol over standard input and output.
//!
//! The framing is our own: whatever stands in a frame, the next one is read, and a frame's length is not believed.

mod actions;
mod client;
mod diagnostics;
mod documents;
mod framing;
mod hover;
mod judging;
mod messages;
mod parameters;
mod positions;
mod server;
mod suppression;
mod uri;

use std::io::BufReader;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, TryRecvError};
use std::time::Duration;

use framing::Frame;
use server::Server;

use super::Arguments;
use crate::cli::Common;
use crate::environment::Environment;
use crate::error::{Exit, Result};

/// How many messages may wait; further ones wait in the pipe.
const MOST_WAITING: usize = 256;
/// How long a signal waits to be seen while nothing happens.
const BETWEEN_LOOKS: Duration = Duration::from_millis(500);

/// Serves until the editor says `exit` or goes away.
///
/// # Errors
/// Nothing can be written any more.
pub(super) fn serve(
    arguments: &Arguments,
    common: &Common,
    environment: &Environment,
) -> Result<Exit> {
    let mut server = Server::new(arguments, common, environment);
    let frames = frames();
    loop {
        let frame = match frames.try_recv() {
            Ok(frame) => Some(frame),
            Err(TryRecvError::Disconnected) => None,
            Err(TryRecvError::Empty) => {
                // Nobody types right now: what changed is judged, once for all changes that were waiting.
                server.settle()?;
                next(&frames, environment)?
            }
        };
        let Some(frame) = frame else {
            return Ok(server.gone());
        };
        if let Some(exit) = server.receive(&frame)? {
            return Ok(exit);
        }
    }
}

/// Waits for the next message; `None` if none comes any more.
fn next(frames: &Receiver<Frame>, environment: &Environment) -> Result<Option<Frame>> {
    loop {
        match frames.recv_timeout(BETWEEN_LOOKS) {
            Ok(frame) => return Ok(Some(frame)),
            Err(RecvTimeoutError::Disconnected) => return Ok(None),
            // Once a program was started, a signal does not end this one by itself.
            Err(RecvTimeoutError::Timeout) => environment.interrupt.check()?,
        }
    }
}

/// Reads standard input. The thread ends with the process: nothing can wake it before the editor writes.
fn frames() -> Receiver<Frame> {
    let (sender, receiver) = mpsc::sync_channel(MOST_WAITING);
    std::thread::spawn(move || {
        let mut input = BufReader::new(std::io::stdin());
        // Input that cannot be read any more is input that has ended.
        while let Ok(Some(frame)) = framing::read(&mut input) {
            if sender.send(frame).is_err() {
                return;
            }
        }
    });
    receiver
}
