use super::options;
use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::packages::Manager;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::commands::is_mounted;
use crate::lint::rules::mending;

declare! {
    /// ## What it does
    /// Reports an `apk add` without `--no-cache`, unless a cache is mounted for it.
    ///
    /// ## Why it is bad
    /// The package index stays in the layer: some megabytes that are of no use, and are stale as soon as the image is
    /// built.
    /// With `--no-cache` the index is fetched for this one command, so `apk update`, `--update` and cleaning up are not
    /// needed either.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine:3.20
    /// RUN apk add --update curl~=8.9
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM alpine:3.20
    /// RUN apk add --no-cache curl~=8.9
    /// ```
    ///
    /// ## Fix safety
    /// Safe: the same packages are installed; only the index is not kept. A `--update` is replaced, as `--no-cache`
    /// implies it.
    pub(super) static RULE = Rule {
        code: "DL3019",
        name: "apk-without-no-cache",
        aliases: &["DKL-DI-0004"],
        severity: Severity::Note,
        enabled: true,
        category: Category::Size,
        summary: "`apk add` leaves its index in the image",
        fix: Fixability::Sometimes(crate::edit::Safety::Safe),
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    for (step, call) in options::calls(subject.model, &[Manager::Apk]) {
        if !call.is("add") || call.has_option(&["--no-cache"]) {
            continue;
        }
        let mounted = |folder| step.run().is_some_and(|run| is_mounted(run, folder));
        if mounted("/var/cache/apk") || mounted("/etc/apk/cache") {
            continue;
        }
        let found = diagnostics
            .report(
                options::head(&call),
                "`apk add` leaves its index in the image",
            )
            .help("add `--no-cache`");
        let update = call
            .invocation
            .options()
            .find(|option| matches!(option.text.as_str(), "-U" | "--update"));
        match update {
            Some(update) if mending::is_open(step, call.invocation) => {
                found.fix(
                    format!("replace `{}` with `--no-cache`", update.text),
                    [(update.span, "--no-cache".to_owned())],
                );
            }
            _ => {
                options::add(found, step, &call, "--no-cache");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::{fixed, found};

    #[test]
    fn what_keeps_no_index() {
        for run in [
            "apk add --no-cache a",
            "apk --no-cache add a",
            "--mount=type=cache,target=/var/cache/apk apk add a",
            "--mount=type=cache,target=/etc/apk/cache apk add a",
            "--mount=type=tmpfs,target=/var/cache apk add a",
            "apk del a",
            "apk update",
        ] {
            assert_eq!(
                found(&RULE, &format!("FROM alpine:3\nRUN {run}\n")),
                "",
                "{run}"
            );
        }
    }

    #[test]
    fn the_option_goes_behind_the_verb() {
        for (run, expected) in [
            ("apk add a", "apk add --no-cache a"),
            ("apk -q add \\\n  a", "apk -q add --no-cache \\\n  a"),
            ("apk --update add a", "apk --no-cache add a"),
            ("apk add -Ut x a", "apk add --no-cache -Ut x a"),
            (
                "--mount=type=bind,target=/var/cache/apk apk add a",
                "--mount=type=bind,target=/var/cache/apk apk add --no-cache a",
            ),
            ("sh -c 'apk add a'", "sh -c 'apk add a'"),
        ] {
            assert_eq!(
                fixed(&RULE, &format!("FROM alpine:3\nRUN {run}\n")),
                format!("FROM alpine:3\nRUN {expected}\n")
            );
        }
    }
}
