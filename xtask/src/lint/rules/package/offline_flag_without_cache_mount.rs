use super::{node, options};
use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::mending::flag;
use crate::lint::{Parent, StageModel, Step};

declare! {
    /// ## What it does
    /// Reports `--prefer-offline` of `npm`, `yarn`, `pnpm` or `bun` in a `RUN` without a cache mount, where no earlier
    /// instruction of the
    /// stage has filled the cache.
    ///
    /// ## Why it is bad
    /// The cache is empty in each build: the option does nothing, and whoever wrote it believes that downloads are
    /// saved.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM node:20
    /// WORKDIR /app
    /// COPY package.json package-lock.json ./
    /// RUN npm ci --prefer-offline
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM node:20
    /// WORKDIR /app
    /// COPY package.json package-lock.json ./
    /// RUN --mount=type=cache,target=/root/.npm npm ci --prefer-offline
    /// ```
    ///
    /// ## Fix safety
    /// Unsafe: the folder is the one of root in the official images; another user, or an own configuration, has
    /// another.
    pub(super) static RULE = Rule {
        code: "DX2008",
        name: "offline-flag-without-cache-mount",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Cache,
        summary: "`--prefer-offline` has no cache to prefer",
        fix: Fixability::Sometimes(crate::edit::Safety::Unsafe),
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    for (step, call) in options::calls(subject.model, node::MANAGERS) {
        let option = call
            .invocation
            .options()
            .find(|it| it.text == "--prefer-offline");
        let Some(option) = option else { continue };
        let is_mounted = step.run().is_some_and(|run| {
            run.mounts
                .iter()
                .any(|mount| mount.mount_type() != "secret")
        });
        if is_mounted
            || call.has_option(&["--cache", "--cache-folder", "--store-dir"])
            || is_filled(step)
        {
            continue;
        }
        let found = diagnostics
            .report(
                option.span,
                format!("`{}` finds an empty cache", option.text),
            )
            .help("mount a cache, or leave it out");
        let mount = format!("--mount=type=cache,target={}", node::cache(call.manager));
        found.unsafe_fix("mount its cache", [flag(step.instruction(), &mount)]);
    }
}

/// An earlier command of the stage, or of the stages it starts from, has downloaded something.
fn is_filled(step: Step<'_>) -> bool {
    let mut stage = step.stage;
    let mut end = step.index;
    loop {
        let downloads = stage
            .steps()
            .take(end)
            .flat_map(|step| step.installations_of(node::MANAGERS))
            // A tool that is installed for all brings nothing of the project.
            .any(|it| !it.call.has_option(&["-g", "--global"]));
        if downloads {
            return true;
        }
        let Parent::Stage(index) = stage.parent() else {
            return false;
        };
        stage = StageModel {
            index: *index,
            ..stage
        };
        end = usize::MAX;
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::{fixed, found};

    #[test]
    fn caches_that_may_hold_something() {
        for text in [
            "RUN --mount=type=cache,target=/root/.npm npm ci --prefer-offline",
            "RUN npm ci --cache /x --prefer-offline",
            "RUN npm ci\nRUN npm install --prefer-offline",
            "RUN yarn install --offline",
            "RUN npm ci",
            "RUN npm install left-pad\nRUN npm ci --prefer-offline",
        ] {
            assert_eq!(
                found(&RULE, &format!("FROM node:20\n{text}\n")),
                "",
                "{text}"
            );
        }
    }

    #[test]
    fn caches_that_are_empty() {
        assert_eq!(
            fixed(
                &RULE,
                "FROM node:20\nRUN x && yarn install --prefer-offline\n"
            ),
            "FROM node:20\nRUN --mount=type=cache,target=/usr/local/share/.cache/yarn x && yarn install --prefer-offline\n"
        );
        assert_eq!(
            found(
                &RULE,
                "FROM node:20 AS a\nRUN npm ci\nFROM node:20\nRUN npm ci --prefer-offline\n"
            ),
            "4:12 `--prefer-offline` finds an empty cache"
        );
    }
}
