use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};

use super::secret_way;
use crate::finding::Severity;
use crate::lint::rule::{Category, Check, Fixability, declare};
use crate::lint::rules::build_context::{BuildContext, CopySource, copy_sources};
use crate::lint::{Diagnostics, EntryKind, Model, Options, Surroundings};

declare! {
    /// ## What it does
    /// Reports a `COPY` or `ADD` of a folder that takes a file with secrets along: a private key, a `.env` with values, an
    /// `.npmrc` with a token, stored credentials of git, Docker, AWS and the like.
    ///
    /// ## Why it is bad
    /// Whoever can pull the image can read the file, also if a later layer removes it. The content is looked at: a
    /// `.env` without values, or an `.npmrc` that names a variable, is not reported.
    ///
    /// `docker-ignore` looks into all files that enter, whatever their names, and tells where they end up: a file that
    /// another stage copies, or that a later step removes, may still be in a layer of the image.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM scratch
    /// COPY . /app
    /// ```
    /// ```text path=apps/api/.env
    /// DATABASE_PASSWORD=hunter2
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM scratch
    /// COPY . /app
    /// ```
    /// ```text path=.dockerignore
    /// **/.env
    /// ```
    /// ```text path=apps/api/.env
    /// DATABASE_PASSWORD=hunter2
    /// ```
    ///
    /// ## References
    /// - <https://docs.docker.com/build/building/secrets/>
    pub(super) static RULE = Rule {
        code: "DX3002",
        name: "secret-file-in-context",
        aliases: &[],
        severity: Severity::Error,
        enabled: true,
        category: Category::Security,
        summary: "a copy takes a file with secrets along",
        fix: Fixability::None,
        check: Check::Repository(check),
    };
}

fn check(surroundings: &Surroundings, _: &Options, diagnostics: &mut Diagnostics<'_>) {
    if let (Some(contexts), Some(sensitive)) =
        (&surroundings.build_contexts, &surroundings.sensitive_files)
    {
        secret_way::report(contexts, sensitive, diagnostics);
        return;
    }
    // By context: the files whose names are suspicious. A context is walked once, however many Dockerfiles it has.
    let mut suspects: BTreeMap<Utf8PathBuf, Vec<String>> = BTreeMap::new();
    for model in surroundings.dockerfiles.values() {
        let sources: Vec<CopySource> = model.steps().flat_map(copy_sources).collect();
        if sources.is_empty() {
            continue;
        }
        let Some(context) = BuildContext::of(model, surroundings) else {
            return;
        };
        let suspects = suspects
            .entry(context.root.clone())
            .or_insert_with(|| suspicious_files(&context));
        if suspects.is_empty() {
            continue;
        }
        for source in sources {
            let starts = context.find(&source);
            let secrets: Vec<&str> = suspects
                .iter()
                .map(String::as_str)
                .filter(|path| {
                    starts
                        .iter()
                        .any(|start| Utf8Path::new(path).starts_with(start))
                })
                .filter(|path| !context.decide(path).ignored && is_secret(&context, path))
                .collect();
            report(model, &source, &secrets, diagnostics);
        }
    }
}

fn report(model: &Model, source: &CopySource, secrets: &[&str], diagnostics: &mut Diagnostics<'_>) {
    let Some(first) = secrets.first() else {
        return;
    };
    let more = match secrets.len() {
        1 => String::new(),
        2 => " (and one more such file)".to_owned(),
        count => format!(" (and {} more such files)", count - 1),
    };
    let name = first.rsplit('/').next().unwrap_or(first);
    diagnostics
        .report_in(
            &model.file.source,
            source.span,
            format!("`{first}`, which holds secrets, enters the image{more}"),
        )
        .help(format!(
            "add `**/{name}` to the ignore file; a build step gets a secret by `RUN --mount=type=secret`"
        ))
        .property("files", secrets);
}

/// The files of a context that may hold a secret by their names, ignored or not.
fn suspicious_files(context: &BuildContext<'_>) -> Vec<String> {
    let mut found = Vec::new();
    context.walk_all(&mut |path, kind| {
        if kind == EntryKind::File && suspicion(path).is_some() {
            found.push(path.to_owned());
        }
        !matches!(path.rsplit('/').next(), Some(".git" | "node_modules"))
    });
    found
}

fn is_secret(context: &BuildContext<'_>, path: &str) -> bool {
    let text = context.read(path);
    suspicion(path).is_some_and(|is_secret| text.is_some_and(|file| is_secret(file.text())))
}

/// By a file's name, what would make its content a secret.
fn suspicion(path: &str) -> Option<fn(&str) -> bool> {
    let name = path.rsplit('/').next().unwrap_or(path);
    let extension = name.rsplit_once('.').map(|(_, extension)| extension);
    match name {
        ".env" => Some(has_values),
        ".npmrc" | ".yarnrc.yml" | ".yarnrc" => Some(has_registry_token),
        ".netrc" | "_netrc" | ".pypirc" => Some(|text| text.contains("password")),
        ".git-credentials" => Some(|text| text.contains("://") && text.contains('@')),
        "credentials" if path.ends_with(".aws/credentials") => {
            Some(|text| text.contains("aws_secret_access_key"))
        }
        "config.json" if path.ends_with(".docker/config.json") => {
            Some(|text| text.contains("\"auth\""))
        }
        "terraform.tfstate" => Some(|text| text.contains("\"resources\"")),
        "id_rsa" | "id_dsa" | "id_ecdsa" | "id_ed25519" => Some(is_private_key),
        _ if matches!(extension, Some("pem" | "key")) => Some(is_private_key),
        _ => {
            let kind = name.strip_prefix(".env.")?;
            let is_sample = [
                "example", "sample", "template", "dist", "defaults", "schema",
            ]
            .iter()
            .any(|sample| kind.contains(sample));
            (!is_sample).then_some(has_values as fn(&str) -> bool)
        }
    }
}

fn is_private_key(text: &str) -> bool {
    text.contains("-----BEGIN") && text.contains("PRIVATE KEY")
}

/// A value under a name that speaks of a secret: ports and addresses alone are none.
fn has_values(text: &str) -> bool {
    text.lines().any(|line| {
        let line = line.trim();
        let line = line.strip_prefix("export ").unwrap_or(line);
        let Some((name, value)) = line.split_once('=') else {
            return false;
        };
        let name = name.trim().to_ascii_uppercase();
        let value = value.trim().trim_matches(['"', '\'']);
        let is_filled = !value.is_empty() && !value.starts_with(['$', '<']);
        let speaks = [
            "SECRET",
            "TOKEN",
            "PASSWORD",
            "PASSWD",
            "KEY",
            "CREDENTIAL",
            "PRIVATE",
            "DSN",
        ];
        let has_login = value.contains("://") && value.contains('@');
        is_filled
            && !name.starts_with('#')
            && (has_login || speaks.iter().any(|word| name.contains(word)))
    })
}

fn has_registry_token(text: &str) -> bool {
    text.lines().any(|line| {
        let names = [
            "_authToken",
            "_auth",
            "_password",
            "npmAuthToken",
            "npmAuthIdent",
        ];
        let Some((name, value)) = line.split_once(['=', ':']) else {
            return false;
        };
        // `//host/:_authToken=…` has its colon in front of the name.
        let rest = if name.trim_start().starts_with("//") || name.is_empty() {
            line
        } else {
            value
        };
        let value = rest.rsplit(['=', ' ']).next().unwrap_or_default();
        let value = value.trim().trim_matches(['"', '\'']);
        !line.trim_start().starts_with(['#', ';'])
            && names.iter().any(|name| line.contains(name))
            && !value.is_empty()
            && !value.starts_with('$')
    })
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::Repository;

    fn found(path: &str, text: &str) -> String {
        Repository::new("FROM scratch\nCOPY app /app\n")
            .file(path, text)
            .found(&RULE)
    }

    #[test]
    fn content_decides() {
        let key = "-----BEGIN OPENSSH PRIVATE KEY-----\n";
        for (path, text) in [
            ("app/.env", "API_TOKEN=abc"),
            (
                "app/x/.env.production",
                "# c\nexport DATABASE_URL='postgres://a:b@c/d'",
            ),
            ("app/id_rsa", key),
            ("app/tls.key", key),
            ("app/.npmrc", "//registry.example/:_authToken=npm_abc"),
            ("app/.yarnrc.yml", "npmAuthToken: abc"),
        ] {
            assert!(found(path, text).contains(&format!("`{path}`")), "{path}");
        }
        for (path, text) in [
            ("app/.env", "PORT=3000\nAPI_TOKEN=\n# SECRET=x"),
            ("app/.env", "API_TOKEN=${API_TOKEN}"),
            ("app/.env.example", "API_TOKEN=abc"),
            ("app/cert.pem", "-----BEGIN CERTIFICATE-----"),
            (
                "app/.npmrc",
                "//registry.example/:_authToken=${NPM_TOKEN}\nsave-exact=true",
            ),
            ("other/.env", "API_TOKEN=abc"),
        ] {
            assert_eq!(found(path, text), "", "{path}");
        }
    }

    #[test]
    fn the_way_into_the_image_is_told() {
        let found = |rest: &str| {
            Repository::new(&format!("FROM scratch AS build\nCOPY . /src\n{rest}"))
                .file("a/.env", "API_TOKEN=q8Zk2mPw77Xc\n")
                .file("a/x.sh", "export X=1\n")
                .looked_into()
                .found(&RULE)
        };
        let enters = "2:1 `a/.env` (";
        for (rest, outcome) in [
            (
                "",
                "enters through `COPY . /src` at Dockerfile:2 and stays in the image",
            ),
            (
                "RUN rm -rf /src\n",
                "enters through `COPY . /src` at Dockerfile:2 and stays in a layer of the image, which a later step hides",
            ),
            (
                "FROM scratch\nCOPY --from=build /src /app\n",
                "enters through `COPY . /src` at Dockerfile:2 and stays in the image",
            ),
            (
                "FROM scratch\nCOPY --from=build /other /app\n",
                "enters through `COPY . /src` at Dockerfile:2 and is seen by the build alone",
            ),
        ] {
            let text = found(rest);
            assert!(
                text.starts_with(enters) && text.ends_with(outcome),
                "{rest:?}: {text}"
            );
        }
    }

    #[test]
    fn what_is_ignored_does_not_enter() {
        let repository = Repository::new("FROM scratch\nCOPY . /app\n")
            .file("a/.env", "A_TOKEN=1")
            .file("b/.env", "A_TOKEN=1");
        assert_eq!(
            repository.clone().file(".dockerignore", "a\n").found(&RULE),
            "2:6 `b/.env`, which holds secrets, enters the image"
        );
        assert_eq!(
            repository.file(".dockerignore", "**/.env\n").found(&RULE),
            ""
        );
    }
}
