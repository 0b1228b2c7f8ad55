//! The user's own `--set`, as far as it would break what the plan promises without a word.

use crate::error::{Error, Result};

/// Checks `pattern.key[.name]=value` (or `+=`) of `--set`.
///
/// # Errors
/// It has no such form, or it would silently do something else than it says.
pub fn check_override(text: &str) -> Result<()> {
    let wrong = |message: String| Error::usage(format!("`--set {text}`: {message}"));
    let Some((name, value)) = text.split_once('=') else {
        return Err(wrong("there is no value".to_owned()).help("write `--set TARGET.KEY=VALUE`"));
    };
    let Some((_, key)) = name.trim_end_matches('+').split_once('.') else {
        return Err(wrong("there is no key".to_owned()).help("write `--set TARGET.KEY=VALUE`"));
    };
    match key.split('.').next().unwrap_or_default() {
        // One image for a platform its base was not built for has the base's files of another architecture.
        "platform" | "platforms" => Err(wrong(
            "platforms are set for all images at once, or an image gets the files of another architecture".to_owned(),
        )
        .help("use `--platform`")),
        // buildx 0.29 to 0.36 read an empty value.
        "network" => Err(wrong("buildx drops the value of `network`".to_owned())
            .help("write `RUN --network=…` in the Dockerfile")),
        "contexts" => check_context(key, value).map_err(|(message, help)| wrong(message).help(help)),
        _ => Ok(()),
    }
}

fn check_context(key: &str, _value: &str) -> std::result::Result<(), (String, String)> {
    let Some(name) = key.strip_prefix("contexts.") else {
        return Err((
            "which context is missing".to_owned(),
            "write `--set TARGET.contexts.NAME=VALUE`".to_owned(),
        ));
    };
    let Some(parsed) = crate::project::ImageName::parse(name) else {
        return Ok(());
    };
    let found = parsed.context_key();
    if found == name {
        return Ok(());
    }
    Err((
        format!("BuildKit looks for `{found}` and would ignore `{name}`"),
        format!("write `contexts.{found}`"),
    ))
}

#[cfg(test)]
mod tests {
    use super::check_override;

    #[test]
    fn what_would_silently_go_wrong_is_refused() {
        for (text, expected) in [
            ("api.platform=linux/arm64", "another architecture"),
            ("*.platforms+=linux/arm64", "another architecture"),
            ("*.network=none", "drops the value"),
            (
                "*.contexts.docker.io/library/node:20=./x",
                "BuildKit looks for `node:20`",
            ),
            (
                "*.contexts.o/base:latest=./x",
                "BuildKit looks for `o/base`",
            ),
            ("*.contexts=./x", "which context"),
            ("api", "no value"),
            ("api=1", "no key"),
        ] {
            let error = check_override(text).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
        for text in [
            "*.args.X=1",
            "api.contexts.node:20=./x",
            "*.no-cache=true",
            "api.tags+=x",
        ] {
            assert!(check_override(text).is_ok(), "{text}");
        }
    }
}
