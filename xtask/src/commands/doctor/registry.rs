//! Whether the user is logged in to the registry the manifest names. Nothing of a login is ever shown.

use camino::Utf8Path;
use serde_json::Value;

use super::Check;
use crate::cli::Common;
use crate::environment::Environment;

const NAME: &str = "registry login";

/// No line at all where images stay local.
pub(super) fn check(common: &Common, environment: &Environment, root: &Utf8Path) -> Option<Check> {
    let manifest = common.manifest.as_ref().map_or_else(
        || root.join("docker/docker.toml"),
        |manifest| environment.current_dir.join(manifest),
    );
    let host = host(&std::fs::read_to_string(manifest).ok()?)?;
    let configuration = environment.variable("DOCKER_CONFIG").map_or_else(
        || Some(Utf8Path::new(environment.variable("HOME")?).join(".docker")),
        |directory| Some(directory.into()),
    );
    let text = configuration
        .and_then(|directory| std::fs::read_to_string(directory.join("config.json")).ok());
    Some(login(&host, text.as_deref()))
}

/// `registry.host` of the manifest; whether the rest of it is right is not asked here.
fn host(manifest: &str) -> Option<String> {
    let table: toml::Table = manifest.parse().ok()?;
    let host = table.get("registry")?.get("host")?.as_str()?;
    (!host.is_empty()).then(|| host.to_owned())
}

fn login(host: &str, configuration: Option<&str>) -> Check {
    let configuration: Value = configuration
        .and_then(|text| serde_json::from_str(text).ok())
        .unwrap_or_default();
    // Docker Hub is filed under the address it had first.
    let key = if matches!(host, "docker.io" | "index.docker.io") {
        "https://index.docker.io/v1/"
    } else {
        host
    };
    let entry = &configuration["auths"][key];
    let has = |name: &str| entry[name].as_str().is_some_and(|text| !text.is_empty());
    if has("auth") || has("identitytoken") {
        return Check::ok(NAME, format!("logged in to {host}"));
    }
    let helper = configuration["credHelpers"][key]
        .as_str()
        .or_else(|| configuration["credsStore"].as_str());
    if let Some(helper) = helper {
        let known = if entry.is_object() {
            Check::ok(
                NAME,
                format!("logged in to {host} by credential helper `{helper}`"),
            )
        } else {
            Check::unknown(
                NAME,
                format!("credential helper `{helper}` is asked for {host}"),
            )
        };
        return known;
    }
    Check::problem(
        NAME,
        format!("not logged in to {host}: `--push` will be refused"),
        format!("docker login {host}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::doctor::State;

    #[test]
    fn logins_are_found_and_never_shown() {
        let secret = "c2VjcmV0OnNlY3JldA==";
        for (text, state) in [
            (
                format!(r#"{{"auths":{{"ghcr.io":{{"auth":"{secret}"}}}}}}"#),
                State::Ok,
            ),
            (
                r#"{"auths":{"ghcr.io":{}},"credsStore":"pass"}"#.into(),
                State::Ok,
            ),
            (r#"{"credHelpers":{"ghcr.io":"gh"}}"#.into(), State::Unknown),
            (
                format!(r#"{{"auths":{{"quay.io":{{"auth":"{secret}"}}}}}}"#),
                State::Problem,
            ),
            ("not JSON".into(), State::Problem),
        ] {
            let check = login("ghcr.io", Some(&text));
            assert_eq!(check.state, state, "{text}");
            assert!(!format!("{check:?}").contains(secret));
        }
        assert_eq!(
            login("ghcr.io", None).fix.as_deref(),
            Some("docker login ghcr.io")
        );
    }

    #[test]
    fn the_host_is_read_even_from_a_manifest_with_mistakes() {
        assert_eq!(
            host("[registry]\nhost = \"ghcr.io\"\nnonsense = 1\n").as_deref(),
            Some("ghcr.io")
        );
        assert_eq!(host("[registry]\nhost = \"\"\n"), None);
        assert_eq!(host("[services]\n"), None);
        assert_eq!(host("= broken"), None);
    }
}
