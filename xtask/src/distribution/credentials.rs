//! The logins of `docker`: in its configuration, or with a program that keeps them.

use std::collections::BTreeMap;
use std::fmt;
use std::io::ErrorKind;

use camino::Utf8Path;
use serde::Deserialize;

use crate::base64;
use crate::error::{Error, Result};
use crate::process::{Command, Runner};

/// A name and a password. Neither is ever printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    name: String,
    password: String,
}

impl Credentials {
    /// A name and a password or token.
    #[must_use]
    pub fn new(name: &str, password: &str) -> Self {
        Self {
            name: name.to_owned(),
            password: password.to_owned(),
        }
    }

    /// As RFC 7617 writes it.
    pub(super) fn basic(&self) -> String {
        let pair = format!("{}:{}", self.name, self.password);
        format!("Basic {}", base64::encode(pair.as_bytes()))
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(…)")
    }
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Configuration {
    auths: BTreeMap<String, Entry>,
    cred_helpers: BTreeMap<String, String>,
    creds_store: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Entry {
    auth: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Kept {
    username: String,
    secret: String,
}

/// The login for a registry, as `docker` finds it in its folder; `None` if there is none.
///
/// # Errors
/// The configuration cannot be read, or the program that keeps the logins is missing or fails.
pub fn find(runner: &dyn Runner, folder: &Utf8Path, host: &str) -> Result<Option<Credentials>> {
    let file = folder.join("config.json");
    let text = match std::fs::read(&file) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Error::usage(format!("failed to read {file}")).because(error)),
    };
    // Of its contents nothing is told: it holds passwords.
    let configuration: Configuration = serde_json::from_slice(&text).map_err(|error| {
        Error::usage(format!("{file} is not the configuration of docker"))
            .because(format!("line {}", error.line()))
    })?;
    let helper = configuration
        .cred_helpers
        .get(host)
        .or(configuration.creds_store.as_ref());
    if let Some(helper) = helper {
        return ask(runner, helper, host);
    }
    let keys = [
        host.to_owned(),
        format!("https://{host}"),
        format!("https://{host}/v2/"),
        format!("https://{host}/v1/"),
    ];
    let entry = keys.iter().find_map(|key| configuration.auths.get(key));
    let Some(entry) = entry.filter(|entry| !entry.auth.is_empty()) else {
        return Ok(None);
    };
    let pair = base64::decode(&entry.auth);
    let pair = String::from_utf8_lossy(&pair);
    match pair.trim_end_matches('\0').split_once(':') {
        Some((name, password)) => Ok(Some(Credentials::new(name, password))),
        None => Err(
            Error::usage(format!("the login for {host} in {file} is none"))
                .help(format!("log in again: `docker login {host}`")),
        ),
    }
}

/// <https://docs.docker.com/reference/cli/docker/login/#credential-helper-protocol>
fn ask(runner: &dyn Runner, helper: &str, host: &str) -> Result<Option<Credentials>> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if helper.is_empty() || !helper.chars().all(is_name) {
        return Err(Error::usage(
            "docker's configuration names no program that could keep logins",
        ));
    }
    let program = format!("docker-credential-{helper}");
    let output = runner.run(&Command::new(&program).arg("get").input(format!("{host}\n")))?;
    if !output.success() {
        let said = format!("{}{}", output.text(), output.error_text());
        if said.contains("credentials not found") {
            return Ok(None);
        }
        return Err(
            Error::missing(format!("`{program}` does not tell the login for {host}"))
                .because(said.lines().next().unwrap_or_default()),
        );
    }
    let kept: Kept = serde_json::from_slice(&output.stdout)
        .map_err(|_| Error::missing(format!("`{program}` does not tell a login")))?;
    Ok(Some(Credentials::new(&kept.username, &kept.secret)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::{Reply, Scripted};

    fn found(configuration: &str, runner: &Scripted) -> Result<Option<Credentials>> {
        let dir = tempfile::tempdir().unwrap();
        let folder = Utf8Path::from_path(dir.path()).unwrap();
        std::fs::write(folder.join("config.json"), configuration).unwrap();
        find(runner, folder, "registry.test:5000")
    }

    #[test]
    fn logins_are_found_where_docker_keeps_them() {
        let secret = Some(Credentials::new("me", "secret:word"));
        let own = format!(
            r#"{{"auths":{{"registry.test:5000":{{"auth":"{}"}}}}}}"#,
            base64::encode(b"me:secret:word")
        );
        assert_eq!(found(&own, &Scripted::default()).unwrap(), secret);
        assert_eq!(found("{}", &Scripted::default()).unwrap(), None);
        let kept = Reply::ok(r#"{"ServerURL":"x","Username":"me","Secret":"secret:word"}"#);
        let helper = Scripted::default().on("docker-credential-pass get", kept);
        assert_eq!(found(r#"{"credsStore":"pass"}"#, &helper).unwrap(), secret);
        assert!(!helper.asked()[0].display().contains("secret"));
        let none = Reply {
            code: 1,
            stdout: "credentials not found in native keychain".into(),
            stderr: Vec::new(),
        };
        let helper = Scripted::default().on("docker-credential-pass get", none);
        assert_eq!(
            found(r#"{"credHelpers":{"registry.test:5000":"pass"}}"#, &helper).unwrap(),
            None
        );
        found(r#"{"credsStore":"../x"}"#, &Scripted::default()).unwrap_err();
        let error = found("{\"auths\": secret", &Scripted::default()).unwrap_err();
        assert!(!error.to_string().contains("secret"), "{error}");
        let debug = format!("{secret:?}");
        assert!(!debug.contains("secret"), "{debug}");
    }
}
