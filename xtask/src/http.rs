//! Asking servers, through curl: it has the certificates and proxies of the machine, and can be started in the network
//! of the private engine.
//!
//! What is secret goes to curl's standard input, never into its arguments.

mod curl;
mod patience;
#[cfg(test)]
mod tests;

use std::cell::Cell;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use camino::Utf8PathBuf;

pub use self::patience::Patience;
use self::patience::Step;
use crate::engine::Means;
use crate::engine::private::PrivateEngine;
use crate::error::{Error, Exit, Result};
use crate::process::Command;

/// What is done with a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Read it.
    Get,
    /// Ask about it.
    Head,
    /// Remove it.
    Delete,
    /// Write it.
    Put,
    /// Have the server do something.
    Post,
}

/// One question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// What is done.
    pub method: Method,
    /// With what.
    pub url: String,
    /// Fields without line breaks; those that have any are not sent.
    pub headers: Vec<(String, String)>,
    /// What is sent along.
    pub body: Option<Vec<u8>>,
}

impl Request {
    /// Without headers and body.
    #[must_use]
    pub fn new(method: Method, url: impl Into<String>) -> Self {
        Self {
            method,
            url: url.into(),
            headers: Vec::new(),
            body: None,
        }
    }

    /// With one more field.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }
}

/// One answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Response {
    /// The status code (RFC 9110, section 15).
    pub status: u16,
    headers: Vec<(String, String)>,
    /// What was sent along.
    pub body: Vec<u8>,
}

impl Response {
    /// A field, by its name in any case; the last of that name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut fields = self.headers.iter();
        let (_, value) = fields.rfind(|(key, _)| key.eq_ignore_ascii_case(name))?;
        Some(value)
    }

    /// Whether it did what was asked for.
    #[must_use]
    pub const fn is_success(&self) -> bool {
        matches!(self.status, 200..=299)
    }

    /// What the server says is wrong, on one line: the message in its JSON, else the status.
    #[must_use]
    pub fn complaint(&self) -> String {
        let json: Option<serde_json::Value> = serde_json::from_slice(&self.body).ok();
        let told = json.as_ref().and_then(|json| {
            // GitHub's REST API, and the OCI distribution specification ("Error Codes").
            let github = json.get("message");
            github.or_else(|| json.get("errors")?.get(0)?.get("message"))
        });
        let status = format!("HTTP {}", self.status);
        match told.and_then(serde_json::Value::as_str) {
            Some(message) => {
                let line: String = message.chars().filter(|c| !c.is_control()).collect();
                format!("{status}: {}", line.trim())
            }
            None => status,
        }
    }

    /// Where the rest of a list is (RFC 8288, relation `next`), as it is written.
    #[must_use]
    pub fn next(&self) -> Option<&str> {
        let links = self.header("link")?;
        links.split(',').find_map(|link| {
            let (target, parameters) = link.trim().strip_prefix('<')?.split_once('>')?;
            let mut parameters = parameters.split(';').map(str::trim);
            parameters
                .any(|it| it == "rel=\"next\"" || it == "rel=next")
                .then_some(target)
        })
    }
}

/// What came of a question: the answer, or why there is none.
pub type Answer = std::result::Result<Response, String>;

/// Asks servers.
pub struct Client<'a> {
    means: Means<'a>,
    network: Option<PrivateEngine>,
    /// Where answers are put down until they are read.
    folder: Utf8PathBuf,
    clock: fn() -> SystemTime,
    patience: Patience,
    /// Until when a server does not want to be asked, in seconds since 1970.
    paused_until: Cell<u64>,
}

/// How many questions are asked at the same time.
const AT_ONCE: usize = 8;
/// How many questions one curl gets.
const BATCH: usize = 64;
const POLL: Duration = Duration::from_millis(50);

impl<'a> Client<'a> {
    /// With the machine's curl. `network` is the engine in whose network it is started, where that is another one than
    /// the machine's; `folder` is made if need be, and nobody else's.
    ///
    /// # Errors
    /// There is no curl (exit 3).
    pub fn find(
        means: Means<'a>,
        network: Option<PrivateEngine>,
        folder: Utf8PathBuf,
        clock: fn() -> SystemTime,
        patience: Patience,
    ) -> Result<Self> {
        let found = means.runner.run(&Command::new("curl").arg("--version"));
        let found = found.map_err(|error| match error.exit() {
            Exit::Missing => Error::missing("there is no curl to ask the registry with")
                .help("install it (package curl)"),
            _ => error,
        })?;
        curl::check_version(&found.text())?;
        Ok(Self {
            means,
            network,
            folder,
            clock,
            patience,
            paused_until: Cell::new(0),
        })
    }

    /// Asks one question, as [`Client::ask`] does.
    ///
    /// # Errors
    /// As [`Client::ask`].
    pub fn ask_one(&self, request: &Request) -> Result<Answer> {
        let mut answers = self.ask(std::slice::from_ref(request))?;
        Ok(answers
            .pop()
            .unwrap_or_else(|| Err("there is no answer".to_owned())))
    }

    /// Asks several questions at once; the answers are in their order. What fails for a moment is asked again, and a
    /// server that asks to wait is waited for.
    ///
    /// # Errors
    /// Curl cannot be started, somebody stopped it, or a server asks to wait for longer than anybody wants (exit 3).
    pub fn ask(&self, requests: &[Request]) -> Result<Vec<Answer>> {
        let mut answers: Vec<Option<Answer>> = vec![None; requests.len()];
        for (number, requests) in requests.chunks(BATCH).enumerate() {
            let mut open: Vec<usize> = (0..requests.len()).collect();
            let mut attempt = 0;
            while !open.is_empty() {
                self.wait_while_paused()?;
                let asked: Vec<&Request> = open.iter().map(|index| &requests[*index]).collect();
                let got = self.send(&asked)?;
                let mut wait: Option<(Duration, String)> = None;
                let mut again = Vec::new();
                for (index, answer) in std::mem::take(&mut open).into_iter().zip(got) {
                    match self.patience.judge(&answer, attempt, self.now()) {
                        Step::Done => answers[number * BATCH + index] = Some(answer),
                        Step::Again(time, why) => {
                            again.push(index);
                            if wait.as_ref().is_none_or(|(longest, _)| *longest < time) {
                                wait = Some((time, why));
                            }
                        }
                    }
                }
                open = again;
                if let Some((time, why)) = wait {
                    self.wait(time, &why)?;
                    attempt += 1;
                }
            }
        }
        let none = || Err("there is no answer".to_owned());
        Ok(answers
            .into_iter()
            .map(|answer| answer.unwrap_or_else(none))
            .collect())
    }

    /// Sleeps, unless that is too long; somebody who asks to stop is heard.
    ///
    /// # Errors
    /// It is too long (exit 3), or somebody asked to stop.
    pub fn wait(&self, time: Duration, why: &str) -> Result<()> {
        if time > self.patience.longest_wait {
            return Err(Error::missing(format!(
                "the server asks to wait {} s, and {} s is the longest wait",
                time.as_secs(),
                self.patience.longest_wait.as_secs()
            ))
            .because(why)
            .help(
                "wait for longer: `--max-wait`; or go on later where this run ended: `--resume`",
            ));
        }
        if time >= Duration::from_secs(5) {
            (self.means.note)(&format!("waiting {} s: {why}", time.as_secs()));
        }
        let begin = Instant::now();
        while begin.elapsed() < time {
            self.means.interrupt.check()?;
            std::thread::sleep(POLL.min(time));
        }
        self.means.interrupt.check()
    }

    fn wait_while_paused(&self) -> Result<()> {
        let until = self.paused_until.replace(0);
        match until.saturating_sub(self.now()) {
            0 => Ok(()),
            seconds => self.wait(
                Duration::from_secs(seconds),
                "the limit of requests is used up until then",
            ),
        }
    }

    fn now(&self) -> u64 {
        (self.clock)()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| since.as_secs())
    }

    fn send(&self, requests: &[&Request]) -> Result<Vec<Answer>> {
        let answers = curl::send(self, requests)?;
        for response in answers.iter().flatten() {
            // The next question would be refused.
            let used_up = response.header("x-ratelimit-remaining") == Some("0");
            let reset = response.header("x-ratelimit-reset");
            if let Some(reset) = reset.filter(|_| used_up).and_then(|it| it.parse().ok()) {
                self.paused_until.set(self.paused_until.get().max(reset));
            }
        }
        Ok(answers)
    }
}
