//! Several questions in one curl: it keeps connections open between them.

use std::fmt::Write as _;

use camino::Utf8Path;

use super::{AT_ONCE, Answer, Client, Method, Request, Response};
use crate::error::{Error, Result};
use crate::process::Command;

/// Seconds until a connection must be there.
const CONNECT: u64 = 20;
/// The most bytes of an answer: manifests have at most 4 MiB, pages of lists less than one.
const MOST_BYTES: u64 = 32 << 20;

/// The first that tells why a single question failed (`%{errormsg}`).
const OLDEST: (u32, u32) = (7, 75);

/// # Errors
/// It is too old, as the first line of `curl --version` tells.
pub(super) fn check_version(told: &str) -> Result<()> {
    let version = told.split_whitespace().nth(1).unwrap_or_default();
    let mut parts = version.split('.').map(|part| part.parse().unwrap_or(0));
    let found = (parts.next().unwrap_or(0), parts.next().unwrap_or(0));
    if found >= OLDEST {
        return Ok(());
    }
    let (major, minor) = OLDEST;
    Err(Error::missing(format!(
        "curl {version} is too old to ask the registry with"
    ))
    .help(format!("install curl {major}.{minor} or later")))
}

pub(super) fn send(client: &Client<'_>, requests: &[&Request]) -> Result<Vec<Answer>> {
    let folder = client.folder.join(format!("http-{}", std::process::id()));
    let failed = |e: std::io::Error| Error::usage(format!("failed to write {folder}")).because(e);
    std::fs::create_dir_all(&folder).map_err(failed)?;
    let sent = send_from(client, requests, &folder);
    // A leftover does no harm: it holds what the server said.
    let _ = std::fs::remove_dir_all(&folder);
    sent
}

fn send_from(client: &Client<'_>, requests: &[&Request], folder: &Utf8Path) -> Result<Vec<Answer>> {
    let failed = |e: std::io::Error| Error::usage(format!("failed to write {folder}")).because(e);
    let seconds = client.patience.timeout.as_secs_f64();
    let mut configuration = String::new();
    for (index, request) in requests.iter().enumerate() {
        if index > 0 {
            configuration.push_str("next\n");
        }
        let body = match &request.body {
            Some(bytes) => {
                let file = folder.join(format!("{index}.sent"));
                std::fs::write(&file, bytes).map_err(failed)?;
                Some(file)
            }
            None => None,
        };
        describe(
            &mut configuration,
            request,
            &folder.join(index.to_string()),
            body.as_deref(),
        );
        // Writing to a string cannot fail.
        let _ = writeln!(
            configuration,
            "silent\ngloboff\nno-location\nproto = \"=http,https\"\nconnect-timeout = {CONNECT}\n\
             max-time = {seconds}\nmax-filesize = {MOST_BYTES}\n\
             write-out = \"{index} %{{http_code}} %{{exitcode}} %{{errormsg}}\\n\""
        );
    }
    // Without the user's own configuration, which may print or follow what it likes.
    let command = Command::new("curl")
        .args(["--disable", "--parallel", "--parallel-max"])
        .arg(AT_ONCE.to_string())
        .args(["--config", "-"])
        .input(configuration);
    let command = match &client.network {
        Some(engine) => engine.in_network(command)?,
        None => command,
    };
    let output = client.means.runner.run(&command)?;
    let told = output.text();
    let answer = |index: usize| answer(index, &told, &output.error_text(), folder);
    Ok((0..requests.len()).map(answer).collect())
}

fn describe(
    configuration: &mut String,
    request: &Request,
    place: &Utf8Path,
    body: Option<&Utf8Path>,
) {
    let mut option = |name: &str, value: &str| {
        let value = value.replace('\\', "\\\\").replace('"', "\\\"");
        let _ = writeln!(configuration, "{name} = \"{value}\"");
    };
    option("url", &request.url);
    option("output", &format!("{place}.body"));
    option("dump-header", &format!("{place}.head"));
    for (name, value) in &request.headers {
        if !value.chars().any(char::is_control) {
            option("header", &format!("{name}: {value}"));
        }
    }
    if let Some(file) = body {
        option("data-binary", &format!("@{file}"));
    }
    match request.method {
        Method::Get => {}
        Method::Head => configuration.push_str("head\n"),
        Method::Delete => option("request", "DELETE"),
        Method::Put => option("request", "PUT"),
        Method::Post => option("request", "POST"),
    }
}

/// What curl tells of one question, and what it left in the folder.
fn answer(index: usize, told: &str, complaints: &str, folder: &Utf8Path) -> Answer {
    let line = told.lines().find_map(|line| {
        let (number, rest) = line.split_once(' ')?;
        (number == index.to_string()).then_some(rest)
    });
    let Some(line) = line else {
        let last = complaints.lines().rfind(|line| !line.trim().is_empty());
        return Err(last.unwrap_or("curl told nothing").to_owned());
    };
    let mut words = line.splitn(3, ' ');
    let status = words.next().and_then(|word| word.parse().ok());
    let exit = words.next().unwrap_or_default();
    let why = words.next().unwrap_or_default();
    match (status, exit) {
        (Some(status @ 100..=599), "0") => {
            let read = |ending: &str| std::fs::read(folder.join(format!("{index}.{ending}")));
            // An answer without a body leaves no file.
            let body = read("body").unwrap_or_default();
            let headers = read("head").unwrap_or_default();
            Ok(Response {
                status,
                headers: fields(&String::from_utf8_lossy(&headers)),
                body,
            })
        }
        _ if why.is_empty() => Err(format!("curl: exit {exit}")),
        _ => Err(why.to_owned()),
    }
}

fn fields(text: &str) -> Vec<(String, String)> {
    let fields = text.lines().filter_map(|line| line.split_once(':'));
    fields
        .map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()))
        .collect()
}
