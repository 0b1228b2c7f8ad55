use super::{node, options};
use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::Known;
use crate::lint::packages::{Call, Manager};
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::commands::unix_runs;
use crate::lint::rules::mending::flag;

declare! {
    /// ## What it does
    /// Reports a `RUN` that installs a project's dependencies or builds it (`npm ci`, `yarn install`, `pnpm install`,
    /// `bun install`, `go build`,
    /// `go mod download`, `cargo build`, `pip install -r`) without a cache mount: once for each `RUN`. One that asks
    /// for no cache
    /// (`--no-cache-dir`) is not reported.
    ///
    /// ## Why it is bad
    /// As soon as one file before it changes, the layer is built again and everything is downloaded again. A cache
    /// mount keeps what was
    /// downloaded between builds and does not get into the image.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM node:20
    /// WORKDIR /app
    /// COPY package.json package-lock.json ./
    /// RUN npm ci
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM node:20
    /// WORKDIR /app
    /// COPY package.json package-lock.json ./
    /// RUN --mount=type=cache,target=/root/.npm npm ci
    /// ```
    ///
    /// ## Fix safety
    /// Unsafe: the folder is the one of root in the official images; another user, or an own configuration, has
    /// another.
    pub(super) static RULE = Rule {
        code: "DX2007",
        name: "cache-mount-missing",
        aliases: &[],
        severity: Severity::Note,
        enabled: true,
        category: Category::Cache,
        summary: "a package manager downloads everything anew at each change",
        fix: Fixability::Sometimes(crate::edit::Safety::Unsafe),
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    for (step, run) in unix_runs(subject.model) {
        if run
            .mounts
            .iter()
            .any(|mount| matches!(mount.mount_type(), "cache" | "tmpfs"))
        {
            continue;
        }
        let first = step
            .calls()
            .find_map(|call| caches(&call).map(|caches| (call, caches)));
        let Some((call, caches)) = first else {
            continue;
        };
        let found = diagnostics
            .report(
                options::head(&call),
                format!("`{}` starts without its cache", options::spoken(&call)),
            )
            .help(format!(
                "mount one: `--mount=type=cache,target={}`",
                caches[0]
            ));
        let is_root = !matches!(
            step.before().user(),
            Known::Yes(user) if !matches!(user.value.split(':').next(), Some("root" | "0"))
        );
        // `pip` gets `--no-cache-dir` from its own rule.
        if is_root && call.manager != Manager::Pip {
            let mounts: Vec<String> = caches
                .iter()
                .map(|target| format!("--mount=type=cache,target={target}"))
                .collect();
            found.unsafe_fix(
                "mount its cache",
                [flag(step.instruction(), &mounts.join(" "))],
            );
        }
    }
}

/// Where it looks for what it has downloaded before; `None` if it downloads nothing, or shall keep nothing.
fn caches(call: &Call<'_>) -> Option<Vec<&'static str>> {
    match call.manager {
        Manager::Npm | Manager::Yarn | Manager::Pnpm | Manager::Bun => {
            let own = [
                "--prefer-offline",
                "--offline",
                "--cache",
                "--cache-folder",
                "--store-dir",
            ];
            (node::is_project_install(call) && !call.has_option(&own))
                .then(|| vec![node::cache(call.manager)])
        }
        Manager::Go => {
            let builds = call.is_any(&["build", "install", "test"]);
            let downloads = call.is("mod")
                && call
                    .operands
                    .first()
                    .is_some_and(|it| it.text == "download");
            match (builds, downloads) {
                (true, _) => Some(vec!["/go/pkg/mod", "/root/.cache/go-build"]),
                (_, true) => Some(vec!["/go/pkg/mod"]),
                _ => None,
            }
        }
        Manager::Cargo => call
            .is_any(&["build", "install", "test", "fetch"])
            .then(|| vec!["/usr/local/cargo/registry"]),
        Manager::Pip => {
            let is_project = call.is("install") && call.has_option(&["-r", "--requirement"]);
            (is_project && !call.has_option(&["--no-cache-dir", "--no-cache"]))
                .then(|| vec!["/root/.cache/pip"])
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::{fixed, found};

    #[test]
    fn commands_with_a_cache_or_without_need() {
        for run in [
            "--mount=type=cache,target=/root/.npm npm ci",
            "--mount=type=tmpfs,target=/x npm ci",
            "npm run build",
            "npm install -g a@1",
            "npm ci --cache /tmp/x",
            "go version",
            "go mod tidy",
            "pip install --no-cache-dir -r x.txt",
            "cargo --version",
            "[\"node\", \"x\"]",
        ] {
            assert_eq!(
                found(&RULE, &format!("FROM node:20\nRUN {run}\n")),
                "",
                "{run}"
            );
        }
    }

    #[test]
    fn the_caches_of_each() {
        for (run, expected) in [
            (
                "npm ci && x",
                "--mount=type=cache,target=/root/.npm npm ci && x",
            ),
            (
                "CGO_ENABLED=0 go build ./...",
                "--mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build CGO_ENABLED=0 go build ./...",
            ),
            (
                "cargo build --release",
                "--mount=type=cache,target=/usr/local/cargo/registry cargo build --release",
            ),
            ("pip install -r x.txt", "pip install -r x.txt"),
        ] {
            let text = format!("FROM scratch\nRUN {run}\n");
            assert_ne!(found(&RULE, &text), "", "{run}");
            assert_eq!(
                fixed(&RULE, &text),
                format!("FROM scratch\nRUN {expected}\n")
            );
        }
        let user = "FROM node:20\nUSER node\nRUN npm ci\n";
        assert_eq!(fixed(&RULE, user), user);
    }
}
