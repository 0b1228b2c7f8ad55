//! The programs that can fetch a file.

use std::fmt::Write as _;

use camino::Utf8Path;

use super::{Command, Error, Exit, Output, Result, Runner};

/// A program that can fetch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Client {
    /// curl: asks only for what is newer, and goes on where it was cut off.
    Curl,
    /// GNU wget or busybox's.
    Wget,
}

/// What is fetched.
pub(super) struct Request<'a> {
    pub(super) url: &'a str,
    /// The entity tag (RFC 9110, 8.8.3) of what is there already.
    pub(super) known_tag: Option<&'a str>,
    /// Where to; what lies there was cut off, and its tag beside it.
    pub(super) into: &'a Utf8Path,
}

/// How that ended.
pub(super) enum Answer {
    Fetched { tag: Option<String> },
    Unchanged,
    Failed(String),
}

/// curl: the server cannot go on in the middle, or the file there is already whole.
const CANNOT_GO_ON: [i32; 2] = [33, 36];

impl Client {
    /// The first that there is.
    ///
    /// # Errors
    /// If there is none.
    pub(super) fn find(runner: &dyn Runner) -> Result<Self> {
        for (client, program) in [(Self::Curl, "curl"), (Self::Wget, "wget")] {
            match runner.run(&Command::new(program).arg("--version")) {
                // busybox's wget knows no `--version`, and exits with 1.
                Ok(_) => return Ok(client),
                Err(error) if error.exit() == Exit::Missing => {}
                Err(error) => return Err(error),
            }
        }
        Err(
            Error::missing("there is neither curl nor wget to fetch advisories with")
                .help("install curl, or copy OSV records into the folder by hand"),
        )
    }

    pub(super) fn fetch(self, runner: &dyn Runner, request: &Request<'_>) -> Result<Answer> {
        match self {
            Self::Curl => curl(runner, request),
            Self::Wget => wget(runner, request),
        }
    }
}

fn curl(runner: &dyn Runner, request: &Request<'_>) -> Result<Answer> {
    let headers = request.into.with_extension("headers");
    let part_tag = request.into.with_extension("tag");
    // What was cut off is gone on with only if the server still has the same file: its tag was kept for that.
    let resumed = std::fs::read_to_string(&part_tag)
        .ok()
        .filter(|_| request.into.is_file());
    let output = run_curl(runner, request, &headers, resumed.as_deref())?;
    let (output, was_resumed) = match output.code {
        Some(code) if resumed.is_some() && CANNOT_GO_ON.contains(&code) => {
            let _ = std::fs::remove_file(request.into);
            (run_curl(runner, request, &headers, None)?, false)
        }
        _ => (output, resumed.is_some()),
    };
    let text = std::fs::read_to_string(&headers).unwrap_or_default();
    let _ = std::fs::remove_file(&headers);
    let tag = header(&text, "etag");
    if output.success() {
        let _ = std::fs::remove_file(&part_tag);
        if output.text().trim() == "304" {
            let _ = std::fs::remove_file(request.into);
            return Ok(Answer::Unchanged);
        }
        return Ok(Answer::Fetched { tag });
    }
    match (&tag, was_resumed) {
        // Weak tags do not promise the same bytes.
        (Some(tag), _) if !tag.starts_with("W/") => {
            let _ = std::fs::write(&part_tag, tag);
        }
        (_, true) => {}
        _ => {
            let _ = std::fs::remove_file(&part_tag);
            let _ = std::fs::remove_file(request.into);
        }
    }
    Ok(Answer::Failed(reason(&output, "curl: ")))
}

fn run_curl(
    runner: &dyn Runner,
    request: &Request<'_>,
    headers: &Utf8Path,
    resumed: Option<&str>,
) -> Result<Output> {
    let mut configuration = format!("url = \"{}\"\n", request.url);
    match (resumed, request.known_tag) {
        (Some(tag), _) => {
            let _ = writeln!(configuration, "header = \"If-Range: {}\"", quoted(tag));
            configuration.push_str("continue-at = -\n");
        }
        (None, Some(tag)) => {
            let _ = writeln!(configuration, "header = \"If-None-Match: {}\"", quoted(tag));
        }
        (None, None) => {}
    }
    let command = Command::new("curl")
        // Without the user's own configuration, which may print or follow what it likes.
        .args([
            "--disable",
            "--config",
            "-",
            "--fail",
            "--silent",
            "--show-error",
            "--location",
        ])
        .args([
            "--proto",
            "=http,https",
            "--max-redirs",
            "5",
            "--netrc-optional",
        ])
        .args([
            "--connect-timeout",
            "20",
            "--speed-limit",
            "1000",
            "--speed-time",
            "60",
        ])
        .args(["--retry", "2", "--write-out", "%{http_code}"])
        .args([
            "--dump-header",
            headers.as_str(),
            "--output",
            request.into.as_str(),
        ])
        .input(configuration);
    runner.run(&command)
}

fn wget(runner: &dyn Runner, request: &Request<'_>) -> Result<Answer> {
    let command = Command::new("wget")
        .args(["-q", "-T", "60", "-O", request.into.as_str(), "-i", "-"])
        .input(format!("{}\n", request.url));
    let output = runner.run(&command)?;
    if output.success() {
        return Ok(Answer::Fetched { tag: None });
    }
    let _ = std::fs::remove_file(request.into);
    Ok(Answer::Failed(reason(&output, "wget: ")))
}

/// For curl's configuration, in double quotes; a tag with anything odd in it is not sent at all.
fn quoted(tag: &str) -> String {
    let is_plain = tag
        .bytes()
        .all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if is_plain {
        tag.replace('"', "\\\"")
    } else {
        String::new()
    }
}

/// The last of that name: those of redirections come before.
fn header(text: &str, name: &str) -> Option<String> {
    let mut fields = text.lines().filter_map(|line| line.split_once(':'));
    let (_, value) = fields.rfind(|(key, _)| key.eq_ignore_ascii_case(name))?;
    Some(value.trim().to_owned())
}

/// The last line that the program printed, without its own name in front.
fn reason(output: &Output, front: &str) -> String {
    let text = output.error_text();
    let line = text
        .lines()
        .rfind(|line| !line.trim().is_empty())
        .unwrap_or_default();
    let line = line.strip_prefix(front).unwrap_or(line).trim();
    if line.is_empty() {
        match output.code {
            Some(code) => format!("{front}exit {code}"),
            None => format!("{front}ended by a signal"),
        }
    } else {
        line.to_owned()
    }
}
