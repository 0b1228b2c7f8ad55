use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};

declare! {
    /// ## What it does
    /// Reports a `COPY` or `ADD` from the build context that names a file of secrets: `.env`, `.netrc`, `.git-credentials`, `.pypirc`, keys of
    /// SSH, `*.key`, `*.p12`, `credentials.json`, and `.npmrc` unless its text is known and has no login.
    ///
    /// ## Why it is bad
    /// The file is in a layer, even if a later instruction removes it, and in the cache of every builder.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM node:20-alpine
    /// COPY .env ./
    /// CMD ["node", "server.js"]
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM node:20-alpine
    /// CMD ["node", "--env-file=/run/secrets/env", "server.js"]
    /// ```
    pub(super) static RULE = Rule {
        code: "DX1304",
        name: "secret-file-copied",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Security,
        summary: "a file that holds secrets by its name is copied",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    for step in subject.model.steps() {
        let Some(transfer) = step.copy().or(step.add()) else {
            continue;
        };
        if transfer.flag("from").is_some() {
            continue;
        }
        for source in &transfer.sources {
            let name = source.value.rsplit('/').next().unwrap_or_default();
            if holds_secrets(name, &source.value)
                && !is_known_to_be_harmless(subject, name, &source.value)
            {
                diagnostics
                    .report(
                        source.span,
                        format!("`{}` is kept in a layer", source.value),
                    )
                    .help("mount it where it is needed: `RUN --mount=type=secret,id=…,target=…`");
            }
        }
    }
}

fn holds_secrets(name: &str, path: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let extension = lower
        .rsplit_once('.')
        .map_or("", |(_, extension)| extension);
    let is_template = [
        "example", "sample", "template", "dist", "defaults", "pub", "crt",
    ]
    .contains(&extension);
    if is_template {
        return false;
    }
    matches!(
        lower.as_str(),
        ".env"
            | ".npmrc"
            | ".netrc"
            | "_netrc"
            | ".pypirc"
            | ".git-credentials"
            | ".htpasswd"
            | "credentials.json"
            | "id_rsa"
            | "id_dsa"
            | "id_ecdsa"
            | "id_ed25519"
            | "kubeconfig"
    ) || lower.starts_with(".env.")
        || matches!(extension, "key" | "p12" | "pfx" | "jks" | "keystore")
        || (extension == "pem" && (lower.contains("key") || lower.contains("priv")))
        || path.ends_with(".aws/credentials")
        || path.ends_with(".docker/config.json")
        || path.ends_with(".kube/config")
}

/// A `.npmrc` mostly names a registry only; logins may come from variables.
fn is_known_to_be_harmless(subject: &Subject<'_>, name: &str, path: &str) -> bool {
    if name != ".npmrc" {
        return false;
    }
    let Some(files) = &subject.surroundings.files else {
        return false;
    };
    let context = subject
        .surroundings
        .context(subject.model.file.source.path());
    files
        .read(&context.join(path.trim_start_matches("./").trim_start_matches('/')))
        .is_ok_and(|source| {
            source.text().lines().all(|line| {
                let is_login = line.contains("_auth") || line.contains("_password");
                !is_login || line.contains("${")
            })
        })
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::{Repository, found};

    #[test]
    fn files_that_hold_secrets() {
        for name in [
            ".env",
            "config/.env.production",
            "id_rsa",
            "tls/server.key",
            "private.pem",
            ".npmrc",
        ] {
            let text = format!("FROM a\nCOPY {name} /x/\n");
            assert_eq!(
                found(&RULE, &text),
                format!("2:6 `{name}` is kept in a layer")
            );
        }
        for name in [
            ".env.example",
            "id_rsa.pub",
            "ca.pem",
            "environment",
            "--from=b .env",
            "keys",
        ] {
            assert_eq!(
                found(&RULE, &format!("FROM a\nCOPY {name} /x/\n")),
                "",
                "{name}"
            );
        }
    }

    #[test]
    fn a_npmrc_without_login_is_fine() {
        let repository = |npmrc: &str| {
            Repository::new("FROM a\nCOPY .npmrc ./\n")
                .file(".npmrc", npmrc)
                .found(&RULE)
        };
        assert_eq!(
            repository("registry=https://r/\n//r/:_authToken=${TOKEN}\n"),
            ""
        );
        assert_ne!(repository("//r/:_authToken=abc\n"), "");
    }
}
