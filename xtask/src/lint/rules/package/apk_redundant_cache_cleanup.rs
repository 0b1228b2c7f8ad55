use super::cleaning::removes;
use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::Step;
use crate::lint::packages::Manager;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::commands::unix_runs;
use crate::lint::rules::mending::{is_open, without_command};
use crate::shell::{Connector, Invocation};
use crate::source::Span;

declare! {
    /// ## What it does
    /// Reports, in a `RUN` whose `apk add`s all have `--no-cache`, a `rm` of `/var/cache/apk` and an `apk update`.
    ///
    /// ## Why it is bad
    /// `--no-cache` fetches the index for itself and leaves nothing behind: `apk update` downloads it a second time,
    /// and there is
    /// nothing to remove afterwards unless it did.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine:3.20
    /// RUN apk add --no-cache curl~=8.9 && rm -rf /var/cache/apk/*
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM alpine:3.20
    /// RUN apk add --no-cache curl~=8.9
    /// ```
    ///
    /// ## Fix safety
    /// Safe: the image holds the same files.
    pub(super) static RULE = Rule {
        code: "DX2005",
        name: "apk-redundant-cache-cleanup",
        aliases: &[],
        severity: Severity::Note,
        enabled: true,
        category: Category::Style,
        summary: "work on `apk`'s index that `--no-cache` makes needless",
        fix: Fixability::Sometimes(crate::edit::Safety::Safe),
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    for (step, _) in unix_runs(subject.model) {
        let (mut adds, mut keeps, mut upgrades) = (false, false, false);
        let mut update: Option<&Invocation> = None;
        for call in step.calls_of(&[Manager::Apk]) {
            let has_no_cache = call.has_option(&["--no-cache"]);
            adds |= call.is("add");
            keeps |= !has_no_cache && !call.is_any(&["update", "del", "info", "upgrade"]);
            upgrades |= call.is("upgrade") && !has_no_cache;
            if call.is("update") && !has_no_cache {
                update = Some(call.invocation);
            }
        }
        if !adds || keeps {
            continue;
        }
        if let Some(update) = update {
            let found = diagnostics
                .report(
                    update.span,
                    "`apk update` fetches an index that `--no-cache` does not use",
                )
                .help("leave it out");
            if let Some(edit) = without_first(step, update).filter(|_| !upgrades) {
                found.fix("leave it out", [edit]);
            }
        } else if !upgrades {
            for cleanup in step
                .invocations()
                .iter()
                .filter(|it| removes(it, "/var/cache/apk"))
            {
                let found = diagnostics
                    .report(
                        cleanup.span,
                        "nothing is in `/var/cache/apk` with `--no-cache`",
                    )
                    .help("leave it out");
                let is_alone = cleanup.words().count() == 1;
                if let Some(edit) = without_command(step, cleanup).filter(|_| is_alone) {
                    found.fix("leave it out", [edit]);
                }
            }
        }
    }
}

/// Takes out a command and the `&&` behind it, or in front.
fn without_first(step: Step<'_>, command: &Invocation) -> Option<(Span, String)> {
    if let Some(edit) = without_command(step, command) {
        return Some(edit);
    }
    let next = step
        .invocations()
        .iter()
        .find(|it| it.span.start >= command.span.end)?;
    let text = step.stage.model.file.source.text();
    let joint = text.get(command.span.end..next.span.start)?;
    let is_joint = joint
        .chars()
        .filter(|c| !c.is_whitespace() && *c != step.stage.model.file.escape)
        .eq("&&".chars());
    let is_plain = is_joint && next.connector == Connector::And && command.depth == 0;
    (is_plain && is_open(step, command) && !command.piped).then(|| {
        (
            Span::new(command.span.start, next.span.start),
            String::new(),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::{fixed, found};

    #[test]
    fn work_that_is_needed() {
        for run in [
            "apk add --no-cache a",
            "apk add a && rm -rf /var/cache/apk/*",
            "apk update && apk add a && rm -rf /var/cache/apk/*",
            "rm -rf /var/cache/apk/*",
            "apk add --no-cache a && apk upgrade && rm -rf /var/cache/apk/*",
            "apk add --no-cache a && rm -rf /tmp/*",
        ] {
            assert_eq!(
                found(&RULE, &format!("FROM alpine:3\nRUN {run}\n")),
                "",
                "{run}"
            );
        }
    }

    #[test]
    fn work_that_is_not() {
        for (run, expected) in [
            (
                "apk add --no-cache \\\n    a \\\n && rm -rf /var/cache/apk/* \\\n && x",
                "apk add --no-cache \\\n    a \\\n && x",
            ),
            (
                "apk update && apk add --no-cache a && rm -rf /var/cache/apk/*",
                "apk add --no-cache a",
            ),
            (
                "apk add --no-cache a; rm -rf /var/cache/apk/*",
                "apk add --no-cache a; rm -rf /var/cache/apk/*",
            ),
            (
                "apk update && apk upgrade && apk add --no-cache a",
                "apk update && apk upgrade && apk add --no-cache a",
            ),
        ] {
            let text = format!("FROM alpine:3\nRUN {run}\n");
            assert_ne!(found(&RULE, &text), "", "{run}");
            assert_eq!(
                fixed(&RULE, &text),
                format!("FROM alpine:3\nRUN {expected}\n")
            );
        }
    }
}
