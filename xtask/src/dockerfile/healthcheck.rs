//! The port and path a `HEALTHCHECK` probes, as far as its text says.

use crate::dockerfile::expand::expand;
use crate::dockerfile::{CommandLine, StageEnvironment};
use crate::text_search::last_part;

/// What is probed over HTTP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probe {
    /// The port; that of the scheme if the URL has none, or one that expands to nothing.
    pub port: u16,
    /// The path with its query, at least `/`.
    pub path: String,
}

impl StageEnvironment {
    /// What the `HEALTHCHECK` in force probes: the first HTTP URL in its command, with the variables a container of
    /// this image has. `None` if there is no `HEALTHCHECK`, no URL in it, or the URL is put together elsewhere.
    #[must_use]
    pub fn probe(&self) -> Option<Probe> {
        match &self.healthcheck.as_ref()?.as_ref()?.command {
            CommandLine::Shell(text) => self.shell_probe(&text.value),
            CommandLine::Exec(words) => {
                let words: Vec<&str> = words.iter().map(|word| word.value.as_str()).collect();
                match words.as_slice() {
                    [shell, options @ .., script] if is_shell(shell) && ends_in_c(options) => {
                        self.shell_probe(script)
                    }
                    // Without a shell nothing expands variables.
                    words => words.iter().find_map(|word| read_url(url_in(word)?.0)),
                }
            }
        }
    }

    fn shell_probe(&self, script: &str) -> Option<Probe> {
        let (url, ends_at_quote) = url_in(script)?;
        let lookup = |name: &str| Some(self.image_variables.get(name).cloned().unwrap_or_default());
        // Between double quotes nothing but variables is special.
        let url = expand(url, '\\', &lookup).map_or_else(|_| url.to_owned(), |url| url.value);
        if ends_at_quote && url.ends_with(':') {
            return None;
        }
        read_url(&url)
    }
}

fn is_shell(program: &str) -> bool {
    let name = last_part(program);
    matches!(name, "sh" | "ash" | "bash" | "dash" | "ksh" | "zsh")
}

fn ends_in_c(options: &[&str]) -> bool {
    options.last().is_some_and(|option| {
        option.starts_with('-') && !option.starts_with("--") && option.ends_with('c')
    })
}

/// The first URL in a text up to what ends it in a shell, and whether that is a quote. A `${…}` belongs to it whole.
fn url_in(text: &str) -> Option<(&str, bool)> {
    let start = text.match_indices("http").map(|(at, _)| at).find(|&at| {
        ["http://", "https://"]
            .iter()
            .any(|scheme| text[at..].starts_with(scheme))
    })?;
    let url = &text[start..];
    let mut braces = 0_usize;
    let mut before = ' ';
    for (at, c) in url.char_indices() {
        match c {
            '{' if before == '$' => braces += 1,
            '}' if braces > 0 => braces -= 1,
            '\'' | '"' | '`' if braces == 0 => return Some((&url[..at], true)),
            '|' | '&' | ';' | ')' | '<' | '>' | '\\' if braces == 0 => {
                return Some((&url[..at], false));
            }
            c if c.is_whitespace() && braces == 0 => return Some((&url[..at], false)),
            _ => {}
        }
        before = c;
    }
    Some((url, false))
}

fn read_url(url: &str) -> Option<Probe> {
    let (scheme, rest) = url.split_once("://")?;
    let default = if scheme == "https" { 443 } else { 80 };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let host = authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host);
    // The colons of an IPv6 address stand between brackets.
    let after_address = host.rfind(']').map_or(0, |at| at + 1);
    let port = match host[after_address..].split_once(':') {
        None | Some((_, "")) => default,
        Some((_, port)) => port.parse().ok()?,
    };
    if host.is_empty() {
        return None;
    }
    let path = path.split('#').next().unwrap_or_default();
    let slash = if path.starts_with('/') { "" } else { "/" };
    Some(Probe {
        port,
        path: format!("{slash}{path}"),
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use crate::dockerfile::{parse, stage_environment};
    use crate::source::Source;

    fn probe(healthcheck: &str) -> Option<String> {
        let text = format!(
            "FROM a AS b\nENV PORT=3001 NAME=orders\nARG ONLY_ARG=9\n{healthcheck}\nFROM b\n"
        );
        let file = parse(&Source::new("Dockerfile", text));
        assert_eq!(file.errors, []);
        let probe = stage_environment(&file, 1, &BTreeMap::new()).probe()?;
        Some(format!("{}{}", probe.port, probe.path))
    }

    #[test]
    fn urls_are_found_in_shell_and_exec_form() {
        for (healthcheck, expected) in [
            (
                "CMD curl -f http://localhost:3000/health || exit 1",
                "3000/health",
            ),
            (
                "--interval=5s CMD wget -q --spider http://127.0.0.1:${PORT}/health",
                "3001/health",
            ),
            (
                "CMD node /x.mjs \"http://127.0.0.1:${PORT}/health/$NAME\"",
                "3001/health/orders",
            ),
            (
                "CMD curl http://localhost:${NONE:-3005}/h?a=1#x;true",
                "3005/h?a=1",
            ),
            ("CMD curl https://localhost", "443/"),
            ("CMD curl http://[::1]:81", "81/"),
            (
                "CMD [\"node\", \"/x.mjs\", \"http://u:p@localhost:3002/health\"]",
                "3002/health",
            ),
            (
                "CMD [\"/bin/sh\", \"-c\", \"curl http://localhost:$PORT/x\"]",
                "3001/x",
            ),
            // ARG is gone at run time: curl is left with the port of the scheme.
            (
                "CMD curl -f http://localhost:${ONLY_ARG}/health",
                "80/health",
            ),
        ] {
            assert_eq!(
                probe(&format!("HEALTHCHECK {healthcheck}")).as_deref(),
                Some(expected),
                "{healthcheck}"
            );
        }
    }

    #[test]
    fn what_cannot_be_known_is_none() {
        for healthcheck in [
            "NONE",
            "CMD pg_isready",
            "CMD node -e \"fetch('http://localhost:'+process.env.PORT)\"",
            "CMD [\"curl\", \"http://localhost:${PORT}/health\"]",
            "CMD curl http://localhost:99999/",
            "CMD curl http:// https:/",
        ] {
            assert_eq!(
                probe(&format!("HEALTHCHECK {healthcheck}")),
                None,
                "{healthcheck}"
            );
        }
        assert_eq!(probe(""), None);
    }
}
