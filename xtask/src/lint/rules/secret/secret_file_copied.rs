use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::secrets::content::{Format, scan};
use crate::secrets::holds_secret;
use crate::secrets::names::{ByName, by_name};
use crate::text_search::last_part;

declare! {
    /// ## What it does
    /// Reports a `COPY` or `ADD` from the build context that names a file of secrets: `.env`, `.netrc`,
    /// `.git-credentials`, `.pypirc`, keys of SSH, `*.key`, `*.p12`, `credentials.json`, shell histories, the state of
    /// Terraform. Names that leave it open (`.env`, `.npmrc`, `*.key`) are not reported where the text is known and no
    /// secret is in it.
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
        aliases: &["CIS-DI-0010"],
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
            if is_secret_by_name(&source.value) && !is_known_to_be_harmless(subject, &source.value)
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

/// Whether a file of this path is secret as far as its name tells.
fn is_secret_by_name(path: &str) -> bool {
    match by_name(path) {
        Some(sensitive) if sensitive.by_name == ByName::Sure => true,
        Some(sensitive) if sensitive.by_name == ByName::LookInside => is_mostly_secret(path),
        _ => false,
    }
}

/// Of the names that leave it open, those that seldom stand for a harmless file.
fn is_mostly_secret(path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    let name = last_part(&path);
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    matches!(name, ".env" | ".npmrc" | "credentials.json" | "kubeconfig")
        || name.starts_with(".env.")
        || extension == "key"
        || (extension == "pem" && (name.contains("key") || name.contains("priv")))
        || path.ends_with(".docker/config.json")
        || path.ends_with(".kube/config")
}

/// The text is known, and no secret is found in it: a `.npmrc` mostly names a registry only. Names that are enough are
/// enough.
fn is_known_to_be_harmless(subject: &Subject<'_>, path: &str) -> bool {
    let sensitive = by_name(path);
    let Some(files) = &subject.surroundings.files else {
        return false;
    };
    let context = subject
        .surroundings
        .context(subject.model.file.source.path());
    files
        .read(&context.join(path.trim_start_matches("./").trim_start_matches('/')))
        .is_ok_and(|source| {
            let found = scan(Format::of(path), source.text().as_bytes());
            !holds_secret(sensitive, &found.matches)
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
        assert_ne!(repository("//r/:_authToken=q8Zk2mPw77XcQ1v9Lr3T\n"), "");
    }

    #[test]
    fn known_text_decides_where_the_name_leaves_it_open() {
        let found = |name: &str, text: &str| {
            Repository::new(&format!("FROM a\nCOPY {name} ./\n"))
                .file(name, text)
                .found(&RULE)
        };
        assert_eq!(found(".env", "PORT=3000\n"), "");
        assert_ne!(found(".env", "API_TOKEN=q8Zk2mPw77Xc\n"), "");
        assert_ne!(found(".bash_history", "ls\n"), "");
    }
}
