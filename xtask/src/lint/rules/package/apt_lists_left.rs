use super::cleaning::{self, Remains};
use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::packages::{self, Manager};
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::commands::unix_runs_if_any_calls;
use crate::shell::Invocation;

declare! {
    /// ## What it does
    /// Reports an `apt-get update` in a `RUN` that does not remove `/var/lib/apt/lists` again, unless a cache or a
    /// temporary file system
    /// is mounted there. Stages that no image is made from are not looked at.
    ///
    /// Unlike hadolint, `apt-get distclean` and `find /var/lib/apt/lists … -delete` count as removal.
    ///
    /// ## Why it is bad
    /// The lists are some tens of megabytes that are stale as soon as the image is built. Removing them in another
    /// `RUN` does not
    /// help: the layer below keeps them.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM debian:12
    /// RUN apt-get update && apt-get install -y --no-install-recommends curl=7.88.1-10+deb12u12
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM debian:12
    /// RUN apt-get update \
    ///     && apt-get install -y --no-install-recommends curl=7.88.1-10+deb12u12 \
    ///     && rm -rf /var/lib/apt/lists/*
    /// ```
    ///
    /// ## Fix safety
    /// Safe where nothing later in the stage uses `apt-get` without its own `update` and no other stage starts from it;
    /// otherwise unsafe.
    pub(super) static RULE = Rule {
        code: "DL3009",
        name: "apt-lists-left",
        aliases: &["DKL-DI-0005"],
        severity: Severity::Note,
        enabled: true,
        category: Category::Size,
        summary: "`apt-get update` leaves its lists in the image",
        fix: Fixability::Sometimes(crate::edit::Safety::Unsafe),
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    let remains = Remains {
        folders: &["/var/lib/apt/lists"],
        what: "its package lists",
        command: "rm -rf /var/lib/apt/lists/*",
        is_cleaner,
    };
    for (step, _) in unix_runs_if_any_calls(subject.model, &[Manager::Apt]) {
        if cleaning::is_kept(step.stage) {
            cleaning::report(
                step,
                diagnostics,
                &[Manager::Apt],
                |call| call.is("update"),
                remains,
            );
        }
    }
}

fn is_cleaner(invocation: &Invocation) -> bool {
    packages::call_of(invocation, &[Manager::Apt])
        .is_some_and(|call| call.is_any(&["distclean", "dist-clean"]))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::{fixed, found};

    #[test]
    fn lists_that_go_away() {
        for run in [
            "apt-get update && rm -rf /var/lib/apt/lists/*",
            "apt-get update; rm /var/lib/apt/lists/* -rf",
            "apt-get update && rm -rf /tmp/* /var/lib/apt/lists",
            "apt-get update && rm -rf /var/lib/{apt,dpkg}/",
            "apt-get update && rm -rf /var/lib/apt/*",
            "apt-get update && apt-get distclean",
            "apt-get update && find /var/lib/apt/lists -type f -delete",
            "--mount=type=cache,target=/var/lib/apt apt-get update",
            "--mount=type=tmpfs,dst=/var/lib/apt/lists/ apt-get update",
            "apt-get install a",
        ] {
            assert_eq!(
                found(&RULE, &format!("FROM debian:12\nRUN {run}\n")),
                "",
                "{run}"
            );
        }
        assert_eq!(
            found(
                &RULE,
                "FROM debian:12\nRUN apt-get update\nFROM debian:12\n"
            ),
            ""
        );
    }

    #[test]
    fn lists_that_stay() {
        for run in [
            "apt-get update && apt-get clean",
            "apt-get update && rm -rf /var/lib/apt/lists/partial",
            "--mount=type=cache,target=/var/cache/apt apt-get update",
            "apt-get update\nRUN rm -rf /var/lib/apt/lists/*",
        ] {
            let text = found(&RULE, &format!("FROM debian:12\nRUN {run}\n"));
            assert!(
                text.ends_with("`apt-get update` leaves its package lists in the image"),
                "{run}"
            );
        }
        assert!(!found(&RULE, "FROM debian:12 AS a\nRUN apt-get update\nFROM a\n").is_empty());
    }

    #[test]
    fn the_removal_is_laid_out_as_the_rest() {
        for (run, expected) in [
            (
                "apt-get update && apt-get install a",
                "apt-get update && apt-get install a && rm -rf /var/lib/apt/lists/*",
            ),
            (
                "apt-get update \\\n  && apt-get install a \\\n  && make",
                "apt-get update \\\n  && apt-get install a \\\n  && rm -rf /var/lib/apt/lists/* \\\n  && make",
            ),
            (
                "apt-get update && \\\n  apt-get install \\\n  a",
                "apt-get update && \\\n  apt-get install \\\n  a && \\\n  rm -rf /var/lib/apt/lists/*",
            ),
            (
                "<<EOF\napt-get update\napt-get install a\nEOF",
                "<<EOF\napt-get update\napt-get install a && rm -rf /var/lib/apt/lists/*\nEOF",
            ),
            (
                "if x; then apt-get update; fi",
                "if x; then apt-get update; fi",
            ),
        ] {
            assert_eq!(
                fixed(&RULE, &format!("FROM debian:12\nRUN {run}\n")),
                format!("FROM debian:12\nRUN {expected}\n")
            );
        }
    }
}
