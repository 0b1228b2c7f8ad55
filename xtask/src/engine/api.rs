//! The Docker Engine API, asked over the daemon's unix socket: a question takes milliseconds, where a start of the client
//! takes fifty.

use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};

use crate::trial::http;

/// How long one read or write may take. Whoever gets no answer asks the client, which is more patient.
const LIMIT: Duration = Duration::from_secs(10);

/// The socket of a daemon that listens on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Api {
    socket: Utf8PathBuf,
}

/// A status and a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
}

impl Answer {
    /// The body, if it did what was asked for and is what was expected.
    pub(super) fn json<T: serde::de::DeserializeOwned>(&self) -> Option<T> {
        (self.status == 200).then(|| serde_json::from_slice(&self.body).ok())?
    }
}

impl Api {
    /// At a socket.
    #[must_use]
    pub fn at(socket: impl Into<Utf8PathBuf>) -> Self {
        Self {
            socket: socket.into(),
        }
    }

    /// Where the client would go: by `DOCKER_HOST`, else by the context that `DOCKER_CONTEXT` or `configuration`, the
    /// text of its `config.json`, names. `None` where that is no unix socket, or one context among several.
    pub fn of_client<'a>(
        variable: impl Fn(&str) -> Option<&'a str>,
        configuration: Option<&str>,
    ) -> Option<Self> {
        let set = |name| variable(name).filter(|value| !value.is_empty());
        if let Some(host) = set("DOCKER_HOST") {
            let socket = host.strip_prefix("unix://")?;
            let is_plain = set("DOCKER_TLS_VERIFY").or(set("DOCKER_TLS")).is_none();
            return (socket.starts_with('/') && is_plain).then(|| Self::at(socket));
        }
        let context = set("DOCKER_CONTEXT").map(str::to_owned).or_else(|| {
            let value: serde_json::Value = serde_json::from_str(configuration?).ok()?;
            let name = value.get("currentContext")?.as_str()?;
            Some(name.to_owned()).filter(|name| !name.is_empty())
        });
        context
            .is_none_or(|name| name == "default")
            .then(|| Self::at("/var/run/docker.sock"))
    }

    /// As `DOCKER_HOST` names it.
    #[must_use]
    pub(super) fn host(&self) -> String {
        format!("unix://{}", self.socket)
    }

    /// Asks for `path`, without the API's version: the daemon answers as its latest version does.
    pub(super) fn get(&self, path: &str) -> std::io::Result<Answer> {
        self.get_within(path, LIMIT)
    }

    /// What `docker image inspect` prints of an image; `None` where the client is to be asked, and to say what is wrong.
    pub(super) fn image<T: serde::de::DeserializeOwned>(&self, reference: &str) -> Option<T> {
        let path = format!("/images/{reference}/json");
        let answer = is_plain(reference).then(|| self.get(&path).ok())??;
        answer.json()
    }

    /// Whether there is an image; `None` where the client is to be asked.
    pub(super) fn has_image(&self, reference: &str) -> Option<bool> {
        let path = format!("/images/{reference}/json");
        let answer = is_plain(reference).then(|| self.get(&path).ok())??;
        match answer.status {
            200 => Some(true),
            404 => Some(false),
            _ => None,
        }
    }

    /// The same, with a limit of its own on each read and write.
    pub(super) fn get_within(&self, path: &str, limit: Duration) -> std::io::Result<Answer> {
        let mut stream = UnixStream::connect(&self.socket)?;
        stream.set_read_timeout(Some(limit))?;
        stream.set_write_timeout(Some(limit))?;
        stream.write_all(&http::request("GET", "docker", path, &[], None))?;
        let mut bytes = Vec::new();
        let longest = http::LONGEST as u64 + 1;
        stream.take(longest).read_to_end(&mut bytes)?;
        let invalid = |why: String| std::io::Error::new(std::io::ErrorKind::InvalidData, why);
        let message = http::read(http::Kind::Answer, &bytes, true).map_err(invalid)?;
        let message = message.ok_or(std::io::ErrorKind::UnexpectedEof)?;
        Ok(Answer {
            status: message.status().unwrap_or_default(),
            body: message.body,
        })
    }
}

/// Whether a daemon answers at `socket`.
pub(super) fn answers(socket: &Utf8Path) -> bool {
    let answer = Api::at(socket).get_within("/_ping", Duration::from_secs(2));
    answer.is_ok_and(|answer| answer.status == 200)
}

/// Whether an image's name or digest can stand in a path as it is.
fn is_plain(reference: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@+".contains(c);
    let starts = reference.starts_with(|c: char| c.is_ascii_alphanumeric());
    starts && reference.chars().all(plain) && !reference.contains("..")
}

#[cfg(test)]
pub(super) mod tests {
    use std::os::unix::net::UnixListener;

    use super::*;

    /// A daemon that gives the same answers again and again, by path; 404 to all others. It ends with the test.
    pub(in crate::engine) fn daemon(answers: &[(&str, &str)]) -> (tempfile::TempDir, Api) {
        let folder = tempfile::tempdir().unwrap();
        let socket = Utf8PathBuf::from_path_buf(folder.path().join("docker.sock")).unwrap();
        let listener = UnixListener::bind(&socket).unwrap();
        let answers: Vec<(String, String)> = answers
            .iter()
            .map(|(path, body)| ((*path).to_owned(), (*body).to_owned()))
            .collect();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { return };
                let mut head = vec![0; 4096];
                let count = stream.read(&mut head).unwrap_or(0);
                let head = String::from_utf8_lossy(&head[..count]).into_owned();
                let path = head.split(' ').nth(1).unwrap_or_default();
                let found = answers.iter().find(|(known, _)| known == path);
                let (status, body) = found.map_or(("404 Not Found", "{}"), |(_, body)| {
                    ("200 OK", body.as_str())
                });
                // In two chunks, as a long answer comes.
                let (front, back) = body.split_at(body.len() / 2);
                let _ = write!(
                    stream,
                    "HTTP/1.1 {status}\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n{front}\r\n{:x}\r\n{back}\r\n0\r\n\r\n",
                    front.len(),
                    back.len()
                );
            }
        });
        (folder, Api::at(socket))
    }

    #[test]
    fn answers_come_whole_with_their_status() {
        let (_folder, api) = daemon(&[("/info", r#"{"a": 1}"#)]);
        let answer = api.get("/info").unwrap();
        assert_eq!(
            (answer.status, answer.body.as_slice()),
            (200, &br#"{"a": 1}"#[..])
        );
        assert_eq!(api.get("/other").unwrap().status, 404);
        let nobody = Api::at("/nowhere/docker.sock").get("/info").unwrap_err();
        assert_eq!(nobody.kind(), std::io::ErrorKind::NotFound);
    }

    #[test]
    fn an_answer_that_breaks_off_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let socket = Utf8PathBuf::from_path_buf(folder.path().join("s")).unwrap();
        let listener = UnixListener::bind(&socket).unwrap();
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf");
        });
        assert!(Api::at(socket).get("/info").is_err());
        server.join().unwrap();
    }

    #[test]
    fn the_socket_is_the_one_that_the_client_would_take() {
        let of = |variables: &[(&str, &'static str)], configuration| {
            let variable = |name: &str| {
                let found = variables.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| *value)
            };
            Api::of_client(variable, configuration).map(|api| api.host())
        };
        let usual = Some("unix:///var/run/docker.sock".to_owned());
        let desktop = Some(r#"{"currentContext": "desktop-linux"}"#);
        assert_eq!(of(&[], None), usual);
        assert_eq!(of(&[("DOCKER_HOST", "")], Some(r#"{"auths": {}}"#)), usual);
        assert_eq!(of(&[("DOCKER_CONTEXT", "default")], desktop), usual);
        assert_eq!(of(&[], Some(r#"{"currentContext": ""}"#)), usual);
        let other = ("DOCKER_HOST", "unix:///run/other.sock");
        let named = ("DOCKER_CONTEXT", "far");
        assert_eq!(
            of(&[other, named], desktop),
            Some("unix:///run/other.sock".to_owned())
        );
        assert_eq!(of(&[named], None), None);
        assert_eq!(of(&[], desktop), None);
        for elsewhere in ["tcp://127.0.0.1:2375", "ssh://a@b", "unix://relative.sock"] {
            assert_eq!(of(&[("DOCKER_HOST", elsewhere)], None), None, "{elsewhere}");
        }
        assert_eq!(of(&[other, ("DOCKER_TLS_VERIFY", "1")], None), None);
    }

    #[test]
    fn what_would_be_another_path_is_not_put_into_one() {
        assert!(is_plain("ghcr.io/a/b_c:1.2@sha256:00"));
        for reference in ["", "/a", "a?b", "a b", "a/../b", "a%2f", "a\r\nb"] {
            assert!(!is_plain(reference), "{reference}");
        }
    }
}
