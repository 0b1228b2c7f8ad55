use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};

use super::secret_way;
use crate::finding::Severity;
use crate::lint::build_context::{BuildContext, CopySource, copy_sources};
use crate::lint::rule::{Category, Check, Fixability, declare};
use crate::lint::{Diagnostics, EntryKind, Model, Options, Surroundings};
use crate::secrets::content::{Format, scan};
use crate::secrets::holds_secret;
use crate::secrets::names::{ByName, Sensitive, by_name};

declare! {
    /// ## What it does
    /// Reports a `COPY` or `ADD` of a folder that takes a file with secrets along: a private key, a `.env` with values, an
    /// `.npmrc` with a token, stored credentials of git, Docker, AWS and the like.
    ///
    /// ## Why it is bad
    /// Whoever can pull the image can read the file, also if a later layer removes it. Where the name alone does not tell,
    /// the content is looked at: a `.env` without secret values, or an `.npmrc` that names a variable, is not reported.
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
    // By context and ignore file: the files whose names are suspicious. Dockerfiles that share both share one walk.
    let mut suspects: BTreeMap<(Utf8PathBuf, Option<String>), Vec<String>> = BTreeMap::new();
    for model in surroundings.dockerfiles.values() {
        let sources: Vec<CopySource> = model.steps().flat_map(copy_sources).collect();
        if sources.is_empty() {
            continue;
        }
        let Some(context) = BuildContext::of(model, surroundings) else {
            return;
        };
        let suspects = suspects
            .entry((context.root.clone(), ignore_file(&context)))
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

fn ignore_file(context: &BuildContext<'_>) -> Option<String> {
    let ignore = context.ignore.as_ref()?;
    Some(ignore.source.path().to_string())
}

/// The files that enter the build and may hold a secret by their names.
fn suspicious_files(context: &BuildContext<'_>) -> Vec<String> {
    let mut found = Vec::new();
    context.walk("", &mut |entry| {
        let counts = |sensitive: Sensitive| sensitive.by_name != ByName::Suspicious;
        let is_file = entry.kind == EntryKind::File && !entry.decision.ignored;
        if is_file && by_name(entry.path).is_some_and(counts) {
            found.push(entry.path.to_owned());
        }
        !matches!(entry.path.rsplit('/').next(), Some(".git" | "node_modules"))
    });
    found.sort_unstable();
    found
}

/// As `docker-ignore` decides, which reads every file and not only those of these names.
fn is_secret(context: &BuildContext<'_>, path: &str) -> bool {
    let sensitive = by_name(path);
    let is_sure = holds_secret(sensitive, &[]);
    is_sure
        || context.read(path).is_some_and(|file| {
            let found = scan(Format::of(path), file.text().as_bytes());
            holds_secret(sensitive, &found.matches)
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
        let key = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW\nQyNTUxOQAAACALMFV6n8TpDjNYfaLH7BE2W4Clyu8UOV6DqM3yFzxhhqvQ9Ro/ZImu0/gd\nQmeMsdb7IEVqj7TZ/iNIbZI=\n-----END OPENSSH PRIVATE KEY-----\n";
        for (path, text) in [
            ("app/.env", "API_TOKEN=q8Zk2mPw77Xc"),
            (
                "app/x/.env.production",
                "# c\nexport DATABASE_URL='postgres://me:q8Zk2mPw77Xc@db.internal/d'",
            ),
            ("app/id_rsa", key),
            ("app/tls.key", key),
            (
                "app/.npmrc",
                "//registry.example/:_authToken=q8Zk2mPw77XcQ1v9Lr3T",
            ),
            ("app/release.keystore", ""),
            ("app/.bash_history", "ls"),
            ("app/.yarnrc.yml", "npmAuthToken: q8Zk2mPw77XcQ1v9Lr3T"),
        ] {
            assert!(found(path, text).contains(&format!("`{path}`")), "{path}");
        }
        for (path, text) in [
            ("app/.env", "PORT=3000\nAPI_TOKEN=\n# SECRET=x"),
            ("app/.env", "API_TOKEN=${API_TOKEN}"),
            ("app/.env.example", "API_TOKEN=q8Zk2mPw77Xc"),
            ("app/cert.pem", "-----BEGIN CERTIFICATE-----"),
            (
                "app/.npmrc",
                "//registry.example/:_authToken=${NPM_TOKEN}\nsave-exact=true",
            ),
            ("other/.env", "API_TOKEN=q8Zk2mPw77Xc"),
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
            .file("a/.env", "A_TOKEN=q8Zk2mPw77Xc")
            .file("b/.env", "A_TOKEN=q8Zk2mPw77Xc");
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
