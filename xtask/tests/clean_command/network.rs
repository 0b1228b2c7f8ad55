//! Servers and clients of a test, in the network where the engine's builds run.

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::fd::AsFd as _;

use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};
use xtask::engine::Engine;
use xtask::process::Command;

use crate::support::registry::where_builds_run;

/// A network: a thread that enters it sees its loopback, and so do the threads it starts.
#[derive(Clone, Debug)]
pub(crate) struct Network {
    /// The process whose network it is; `None` is this process's own.
    pid: Option<String>,
}

impl Network {
    pub(crate) fn of(engine: &Engine) -> Self {
        let entered = where_builds_run(engine, Command::new("true"));
        let target = entered.arguments().first().and_then(|word| word.to_str());
        let pid = target.and_then(|word| word.strip_prefix("--target="));
        Self {
            pid: pid.map(str::to_owned),
        }
    }

    /// Moves this thread, for good.
    fn enter(&self) {
        if let Some(pid) = &self.pid {
            let file = std::fs::File::open(format!("/proc/{pid}/ns/net")).unwrap();
            move_into_link_name_space(file.as_fd(), Some(LinkNameSpaceType::Network)).unwrap();
        }
    }

    /// Does something there.
    pub(crate) fn inside<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        std::thread::scope(|scope| {
            let worker = scope.spawn(|| {
                self.enter();
                work()
            });
            worker.join().unwrap()
        })
    }

    /// Serves there until the test ends; the address.
    pub(crate) fn serve(
        &self,
        answer: impl Fn(Message) -> Option<Message> + Send + Sync + 'static,
    ) -> String {
        let listener = self.inside(|| TcpListener::bind("127.0.0.1:0").unwrap());
        let host = listener.local_addr().unwrap().to_string();
        let network = self.clone();
        let answer = std::sync::Arc::new(answer);
        std::thread::spawn(move || {
            network.enter();
            for stream in listener.incoming() {
                let (Ok(stream), answer) = (stream, std::sync::Arc::clone(&answer)) else {
                    continue;
                };
                std::thread::spawn(move || serve_one(stream, answer.as_ref()));
            }
        });
        host
    }

    /// One request, and the answer.
    pub(crate) fn ask(&self, host: &str, request: &Message) -> Message {
        self.inside(|| ask(host, request))
    }
}

/// A request or an answer: its first line, fields and body.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Message {
    pub(crate) start: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// For answers: whether the length that is told is more than what is sent.
    pub(crate) is_cut_off: bool,
}

impl Message {
    pub(crate) fn request(method: &str, path: &str) -> Self {
        Self {
            start: format!("{method} {path}"),
            ..Self::default()
        }
    }

    pub(crate) fn answer(status: u16) -> Self {
        Self {
            start: status.to_string(),
            ..Self::default()
        }
    }

    pub(crate) fn json(status: u16, body: &serde_json::Value) -> Self {
        Self::answer(status)
            .header("Content-Type", "application/json")
            .body(body.to_string())
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    pub(crate) fn cut_off(mut self) -> Self {
        self.is_cut_off = true;
        self
    }

    pub(crate) fn method(&self) -> &str {
        self.start.split(' ').next().unwrap()
    }

    pub(crate) fn path(&self) -> &str {
        self.start.split(' ').nth(1).unwrap()
    }

    pub(crate) fn status(&self) -> u16 {
        self.start
            .split(' ')
            .find_map(|word| word.parse().ok())
            .unwrap()
    }

    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        let mut fields = self.headers.iter();
        let found = fields.find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    fn read(stream: &mut TcpStream, is_request: bool) -> Option<Self> {
        let mut bytes = Vec::new();
        let mut buffer = [0; 16 << 10];
        let end = loop {
            if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
                break end;
            }
            match stream.read(&mut buffer).ok()? {
                0 => return None,
                count => bytes.extend_from_slice(&buffer[..count]),
            }
        };
        let head = String::from_utf8(bytes[..end].to_vec()).ok()?;
        let mut lines = head.lines();
        let mut message = Self {
            start: lines.next()?.to_owned(),
            headers: lines
                .filter_map(|line| line.split_once(": "))
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            body: bytes[end + 4..].to_vec(),
            is_cut_off: false,
        };
        let length = message
            .field("content-length")
            .and_then(|text| text.parse().ok());
        let wanted: Option<usize> = length.or(is_request.then_some(0));
        while wanted.is_none_or(|wanted| message.body.len() < wanted) {
            match stream.read(&mut buffer) {
                Ok(count @ 1..) => message.body.extend_from_slice(&buffer[..count]),
                _ => break,
            }
        }
        Some(message)
    }
}

fn serve_one(mut stream: TcpStream, answer: &(impl Fn(Message) -> Option<Message> + ?Sized)) {
    let Some(request) = Message::read(&mut stream, true) else {
        return;
    };
    let is_head = request.method() == "HEAD";
    // Without an answer the connection is closed.
    let Some(answer) = answer(request) else {
        return;
    };
    let more = if answer.is_cut_off { 100 } else { 0 };
    let mut text = format!("HTTP/1.1 {} Told\r\nConnection: close\r\n", answer.status());
    if answer.field("content-length").is_none() {
        let _ = write!(text, "Content-Length: {}\r\n", answer.body.len() + more);
    }
    for (name, value) in &answer.headers {
        let _ = write!(text, "{name}: {value}\r\n");
    }
    text += "\r\n";
    let _ = stream.write_all(text.as_bytes());
    if !is_head {
        let _ = stream.write_all(&answer.body);
    }
}

/// From a thread that is in the network.
pub(crate) fn ask(host: &str, request: &Message) -> Message {
    let mut stream = TcpStream::connect(host).unwrap();
    // The old version: its answers come in one piece.
    let mut text = format!("{} HTTP/1.0\r\nHost: {host}\r\n", request.start);
    for (name, value) in &request.headers {
        let _ = write!(text, "{name}: {value}\r\n");
    }
    if !request.body.is_empty() {
        let _ = write!(text, "Content-Length: {}\r\n", request.body.len());
    }
    text += "\r\n";
    stream.write_all(text.as_bytes()).unwrap();
    stream.write_all(&request.body).unwrap();
    let is_head = request.method() == "HEAD";
    if is_head {
        let mut bytes = Vec::new();
        let _ = stream.read_to_end(&mut bytes);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let mut lines = text.lines();
        return Message {
            start: lines.next().unwrap().to_owned(),
            headers: lines
                .filter_map(|line| line.split_once(": "))
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            ..Message::default()
        };
    }
    Message::read(&mut stream, false).unwrap()
}
