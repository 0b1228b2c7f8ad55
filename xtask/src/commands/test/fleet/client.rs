//! Asking as a container asks: names of the engine's resolver, connections from inside of its network.

use std::io::Write as _;
use std::net::{IpAddr, SocketAddr, TcpStream, UdpSocket};
use std::time::{Duration, Instant};

use crate::commands::test::image::endpoint::read;
use crate::engine::containers::Reach;
use crate::error::Result;
use crate::trial::fleet::dns::{self, Family};
use crate::trial::fleet::step::Prepared;
use crate::trial::http::{self, Kind, Message};

/// Where an engine answers for names, in the network of each container.
const RESOLVER: &str = "127.0.0.11:53";

/// How long one question for a name may take, and how often it is asked.
const PATIENCE: Duration = Duration::from_secs(1);
const ATTEMPTS: u16 = 3;

/// The addresses of a name. To be called inside of a container's network.
pub(super) fn resolve(name: &str) -> Result<Vec<IpAddr>, String> {
    if let Ok(address) = name.parse() {
        return Ok(vec![address]);
    }
    for family in [Family::V4, Family::V6] {
        let found = look_up(name, family)?;
        if !found.is_empty() {
            return Ok(found);
        }
    }
    Err(format!("the name `{name}` is not known in its network"))
}

fn look_up(name: &str, family: Family) -> Result<Vec<IpAddr>, String> {
    let failed = |error: std::io::Error| format!("the engine's resolver cannot be asked: {error}");
    let socket = UdpSocket::bind("127.0.0.1:0").map_err(failed)?;
    socket.connect(RESOLVER).map_err(failed)?;
    socket.set_read_timeout(Some(PATIENCE)).map_err(failed)?;
    let mut why = "it does not answer".to_owned();
    for id in 1..=ATTEMPTS {
        let question = dns::question(id, name, family)
            .ok_or_else(|| format!("`{name}` is no name that can be asked for"))?;
        let mut buffer = [0; 4096];
        let answered = socket
            .send(&question)
            .and_then(|_| socket.recv(&mut buffer));
        match answered {
            Ok(length) => {
                if let Some(found) = dns::addresses(id, &buffer[..length]) {
                    return Ok(found);
                }
            }
            Err(error) => why = error.to_string(),
        }
    }
    Err(format!(
        "the engine's resolver cannot be asked for `{name}`: {why}"
    ))
}

/// Connects to the first of a name's addresses that takes the connection, as callers do. To be called inside of a
/// container's network.
pub(super) fn connect(name: &str, port: u16, limit: Duration) -> Result<TcpStream, String> {
    let mut why = String::new();
    for address in resolve(name)? {
        match TcpStream::connect_timeout(&SocketAddr::new(address, port), limit) {
            Ok(stream) => return Ok(stream),
            Err(error) => {
                why = format!("{name} ({address}) takes no connection at port {port}: {error}")
            }
        }
    }
    Err(why)
}

/// Sends a request and waits for the whole answer. To be called inside of a container's network.
pub(super) fn exchange(
    service: &str,
    port: u16,
    request: &Prepared,
    limit: Duration,
) -> Result<Message, String> {
    let end = Instant::now() + limit;
    let left = || {
        let left = end.saturating_duration_since(Instant::now());
        // Zero would be no limit.
        left.max(Duration::from_millis(1))
    };
    let host = format!("{service}:{port}");
    let body = request.body.as_deref();
    let bytes = http::request(
        &request.method,
        &host,
        &request.path,
        &request.headers,
        body,
    );
    let mut stream = connect(service, port, limit)?;
    let failed = |error: std::io::Error| format!("the connection to {host} broke: {error}");
    stream.set_write_timeout(Some(left())).map_err(failed)?;
    // One that answers before it has read all may close; the answer counts.
    let sent = stream.write_all(&bytes);
    let kind = if request.method == "HEAD" {
        Kind::AnswerToHead
    } else {
        Kind::Answer
    };
    read(&mut stream, kind, left()).map_err(|why| match sent {
        Ok(()) => format!("{host}: {why}"),
        Err(error) => failed(error),
    })
}

/// As [`exchange`], from a network that it goes to by itself.
pub(super) fn exchange_from(
    reach: &Reach,
    service: &str,
    port: u16,
    request: &Prepared,
    limit: Duration,
) -> Result<Result<Message, String>> {
    reach.within(|| Ok(exchange(service, port, request, limit)))
}
