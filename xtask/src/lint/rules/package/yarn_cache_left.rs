use super::cleaning::{self, Remains};
use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::packages::{self, Call, Manager};
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::commands::{target, unix_runs_if_any_calls};
use crate::shell::Invocation;

declare! {
    /// ## What it does
    /// Reports a `RUN` with `yarn install` (or a bare `yarn`) that does not run `yarn cache clean`, unless a cache is
    /// mounted. Stages that
    /// no image is made from are not looked at.
    ///
    /// ## Why it is bad
    /// Yarn keeps every archive it downloads in a cache of its own: the image carries each dependency twice.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM node:20
    /// WORKDIR /app
    /// COPY package.json yarn.lock ./
    /// RUN yarn install --frozen-lockfile
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM node:20
    /// WORKDIR /app
    /// COPY package.json yarn.lock ./
    /// RUN yarn install --frozen-lockfile && yarn cache clean
    /// ```
    ///
    /// ## Fix safety
    /// Safe where nothing later in the stage uses `yarn` and no other stage starts from it; otherwise unsafe.
    pub(super) static RULE = Rule {
        code: "DL3060",
        name: "yarn-cache-left",
        aliases: &[],
        severity: Severity::Note,
        enabled: true,
        category: Category::Size,
        summary: "`yarn install` leaves its cache in the image",
        fix: Fixability::Sometimes(crate::edit::Safety::Unsafe),
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    let remains = Remains {
        folders: &[
            "~/.yarn",
            "~/.cache/yarn",
            "~/share/.cache/yarn",
            "~/.yarn-cache",
        ],
        what: "its cache",
        command: "yarn cache clean",
        is_cleaner,
    };
    for (step, run) in unix_runs_if_any_calls(subject.model, &[Manager::Yarn]) {
        // Wherever it is (Yarn 1 and Yarn 4 disagree): a cache whose folder says so.
        let is_mounted = run.mounts.iter().any(|mount| {
            mount.mount_type() == "cache" && target(mount).is_some_and(|it| it.contains("yarn"))
        });
        if !is_mounted && cleaning::is_kept(step.stage) {
            cleaning::report(step, diagnostics, &[Manager::Yarn], leaves, remains);
        }
    }
}

fn leaves(call: &Call<'_>) -> bool {
    let is_install = call.is("install") || call.verb.is_empty();
    let only_says = ["--version", "-v", "--help", "-h"];
    is_install && !call.has_option(&only_says) && !call.has_option(&["--cache-folder"])
}

fn is_cleaner(invocation: &Invocation) -> bool {
    let names_cache = |text: &str| text.contains(".cache") || text.contains("yarn");
    match invocation.program.as_str() {
        "rm" => invocation.words().any(|word| names_cache(&word.text)),
        _ => packages::call_of(invocation, &[Manager::Yarn]).is_some_and(|call| call.is("cache")),
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::{fixed, found};

    #[test]
    fn caches_that_go_away() {
        for run in [
            "yarn install && yarn cache clean",
            "yarn && rm -rf /usr/local/share/.cache",
            "yarn install && rm -rf $(yarn cache dir)",
            "--mount=type=cache,target=/usr/local/share/.cache/yarn yarn install",
            "--mount=type=cache,target=/root/.yarn/berry/cache yarn",
            "yarn install --cache-folder /tmp/x",
            "yarn --version",
            "yarn build",
        ] {
            assert_eq!(
                found(&RULE, &format!("FROM node:20\nRUN {run}\n")),
                "",
                "{run}"
            );
        }
        assert_eq!(
            found(&RULE, "FROM node:20\nRUN yarn install\nFROM node:20\n"),
            ""
        );
    }

    #[test]
    fn caches_that_stay() {
        assert_eq!(
            fixed(
                &RULE,
                "FROM node:20\nRUN yarn install \\\n  && yarn build\n"
            ),
            "FROM node:20\nRUN yarn install \\\n  && yarn build \\\n  && yarn cache clean\n"
        );
        assert_eq!(
            found(&RULE, "FROM node:20\nRUN yarn\n"),
            "2:5 `yarn` leaves its cache in the image"
        );
    }
}
