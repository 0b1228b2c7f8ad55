//! A place in the fleet's network that takes requests, such as those of webhooks, and keeps them.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::engine::containers::Reach;
use crate::error::{Error, Result};
use crate::trial::http::{self, Kind, Message};

/// Takes requests until it is dropped.
pub(super) struct Receiver {
    /// Its name in the network.
    pub(super) name: String,
    came: Arc<Mutex<Vec<Message>>>,
    closed: Arc<AtomicBool>,
}

/// How long a caller may take to send a request.
const PATIENCE: Duration = Duration::from_secs(5);

/// How often it looks for connections.
const PAUSE: Duration = Duration::from_millis(20);

/// So many are kept; a test that needs more shows nothing with them.
const MOST: usize = 10_000;

impl Receiver {
    /// Listens where `reach` leads to.
    pub(super) fn open(reach: &Reach, name: &str, port: u16) -> Result<Self> {
        let failed = |e: std::io::Error| {
            Error::failed(format!(
                "the receiver `{name}` cannot listen at port {port}"
            ))
            .because(e)
        };
        // A socket stays in the network that it was made in.
        let listener = reach.within(|| {
            let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, port)).map_err(failed)?;
            listener.set_nonblocking(true).map_err(failed)?;
            Ok(listener)
        })?;
        let receiver = Self {
            name: name.to_owned(),
            came: Arc::default(),
            closed: Arc::default(),
        };
        let (came, closed) = (Arc::clone(&receiver.came), Arc::clone(&receiver.closed));
        std::thread::spawn(move || listen(&listener, &came, &closed));
        Ok(receiver)
    }

    /// All that came so far.
    pub(super) fn came(&self) -> Vec<Message> {
        self.came
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.closed.store(true, Ordering::Relaxed);
    }
}

fn listen(listener: &TcpListener, came: &Arc<Mutex<Vec<Message>>>, closed: &AtomicBool) {
    while !closed.load(Ordering::Relaxed) {
        let Ok((stream, _)) = listener.accept() else {
            std::thread::sleep(PAUSE);
            continue;
        };
        let came = Arc::clone(came);
        std::thread::spawn(move || {
            // A caller that breaks off has sent nothing.
            if let Ok(Some(message)) = take(stream) {
                let mut came = came.lock().unwrap_or_else(PoisonError::into_inner);
                if came.len() < MOST {
                    came.push(message);
                }
            }
        });
    }
}

/// One request of a connection, answered with 200.
fn take(mut stream: TcpStream) -> std::io::Result<Option<Message>> {
    stream.set_nonblocking(false)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let mut bytes = Vec::new();
    let mut buffer = [0; 16 * 1024];
    loop {
        let length = stream.read(&mut buffer)?;
        bytes.extend_from_slice(&buffer[..length]);
        match http::read(Kind::Request, &bytes, length == 0) {
            Ok(None) => {}
            Err(_) => return Ok(None),
            Ok(Some(message)) => {
                stream.write_all(
                    b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n",
                )?;
                return Ok(Some(message));
            }
        }
    }
}
