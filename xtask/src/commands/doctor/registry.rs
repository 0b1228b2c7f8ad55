//! Whether the user is logged in to the registry the manifest names. Nothing of a login is ever shown.

use serde_json::Value;

use super::Check;
use crate::cli::Common;
use crate::environment::Environment;
use crate::error::Error;
use crate::project::{Manifest, root};

const NAME: &str = "registry login";

/// No line at all where images stay local, or nobody has said yet where they go.
pub(super) fn check(common: &Common, environment: &Environment) -> Option<Check> {
    let root = root::find(&environment.current_dir, common.manifest.as_deref()).ok()?;
    let host = match Manifest::read(&root.root, &root.manifest) {
        Ok(manifest) => manifest.registry.host,
        Err(error) => return Some(not_known(&error)),
    };
    let configuration = environment
        .docker_config()
        .and_then(|directory| std::fs::read_to_string(directory.join("config.json")).ok());
    (!host.is_empty()).then(|| login(&host, configuration.as_deref()))
}

/// A manifest with a mistake is never used in part.
fn not_known(error: &Error) -> Check {
    let mut why: Vec<String> = error
        .location()
        .map(ToString::to_string)
        .into_iter()
        .collect();
    why.push(error.message().to_owned());
    why.extend_from_slice(error.causes());
    let others = error.others().len();
    if others > 0 {
        why.push(format!("and {others} more"));
    }
    Check::unknown(NAME, why.join(": "))
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
    use crate::source::Source;

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
    fn a_manifest_with_a_mistake_is_not_used_in_part() {
        let text = "schema_version = 1\n[project]\nname = \"x\"\n[registry]\nhost = \"ghcr.io\"\nnonsense = 1\n";
        let error = Manifest::parse(&Source::new("docker.toml", text)).unwrap_err();
        let check = not_known(&error);
        assert_eq!(check.state, State::Unknown);
        assert!(
            check.found.starts_with("docker.toml:6:1: "),
            "{}",
            check.found
        );
        assert!(check.found.contains("nonsense"), "{}", check.found);
    }
}
