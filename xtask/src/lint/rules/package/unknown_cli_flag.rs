use super::options;
use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::packages::Manager;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::commands::unix_runs;
use crate::lint::rules::mending::is_open;
use crate::project::suggestion::nearest;
use crate::source::Span;

declare! {
    /// ## What it does
    /// Reports long options of `npm install`, `npm ci`, `apk add`, `apt-get install` and `pip install` that the program
    /// does not know and
    /// that look like one that it does. What looks like nothing known may be meant for an install script, and is not
    /// reported.
    ///
    /// ## Why it is bad
    /// `npm` takes an unknown option for a setting of somebody else: it goes on, and what the option was for does not
    /// happen. The others
    /// fail.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM node:20
    /// WORKDIR /app
    /// COPY package.json package-lock.json ./
    /// RUN npm ci --production-only
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM node:20
    /// WORKDIR /app
    /// COPY package.json package-lock.json ./
    /// RUN npm ci --omit=dev
    /// ```
    ///
    /// ## Fix safety
    /// Unsafe: the option that was meant now takes effect.
    pub(super) static RULE = Rule {
        code: "DX2003",
        name: "unknown-cli-flag",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Correctness,
        summary: "a package manager does not know an option",
        fix: Fixability::Sometimes(crate::edit::Safety::Unsafe),
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    let runs = unix_runs(subject.model);
    for (step, call) in runs.flat_map(|(step, _)| step.calls().map(move |call| (step, call))) {
        let Some(known) = call.known_options() else {
            continue;
        };
        for option in call.invocation.options().filter(|option| option.literal) {
            let Some(name) = option.text.strip_prefix("--") else {
                continue;
            };
            let name = name.split('=').next().unwrap_or(name);
            if is_known(name, known) {
                continue;
            }
            let Some(near) = near(name, known) else {
                continue;
            };
            let better = match (call.manager, near.as_str()) {
                (Manager::Npm, "production" | "prod") => "omit=dev",
                (_, near) => near,
            };
            let found = diagnostics
                .report(
                    option.span,
                    format!("`{}` knows no option `--{name}`", options::spoken(&call)),
                )
                .help(format!("did you mean `--{better}`?"));
            if is_open(step, call.invocation) && !option.quoted {
                let start = option.span.start + "--".len();
                let place = Span::new(start, start + name.len());
                found.unsafe_fix(format!("write `--{better}`"), [(place, better.to_owned())]);
            }
        }
    }
}

/// By its name, a beginning of it, or negated.
fn is_known(name: &str, known: &[&str]) -> bool {
    let is_one = |name: &str| !name.is_empty() && known.iter().any(|it| it.starts_with(name));
    is_one(name) || name.strip_prefix("no-").is_some_and(is_one)
}

/// What was meant. A `no-` in front stays there.
fn near(name: &str, known: &[&str]) -> Option<String> {
    let negated = name
        .strip_prefix("no-")
        .and_then(|rest| nearest(rest, known.iter().copied()))
        .map(|near| format!("no-{near}"));
    negated.or_else(|| nearest(name, known.iter().copied()).map(ToOwned::to_owned))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::{fixed, found};

    #[test]
    fn options_that_are_known_or_for_others() {
        for run in [
            "npm ci --omit=dev --no-audit --no-fund --prefer-offline --loglevel=warn",
            "npm install --build-from-source --sqlite=/usr --python=python3 a@1",
            "npm run x --production-only",
            "apk add --update --no-cache --virtual .x --repository=https://y a",
            "apt-get install --yes --no-install-recommends --allow-downgrades a",
            "pip install --no-cache-dir --upgrade --no-binary :all: --index-url=https://x a",
            "npm ci $FLAGS --$X",
            "yarn install --frozen-lockfil",
        ] {
            assert_eq!(
                found(&RULE, &format!("FROM debian:12\nRUN {run}\n")),
                "",
                "{run}"
            );
        }
    }

    #[test]
    fn slips() {
        for (run, expected) in [
            ("npm install --production-only", "npm install --omit=dev"),
            (
                "npm ci --ignore-script-s=true",
                "npm ci --ignore-scripts=true",
            ),
            ("apk add --no-chache a", "apk add --no-cache a"),
            (
                "apt-get install -y --no-install-recomends a",
                "apt-get install -y --no-install-recommends a",
            ),
            (
                "pip install --no-cachedir a",
                "pip install --no-cache-dir a",
            ),
        ] {
            let text = format!("FROM debian:12\nRUN {run}\n");
            assert_ne!(found(&RULE, &text), "", "{run}");
            assert_eq!(
                fixed(&RULE, &text),
                format!("FROM debian:12\nRUN {expected}\n")
            );
        }
    }
}
