use crate::finding::Severity;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::commands::unix_commands_of;
use crate::lint::rules::mending::is_open;
use crate::lint::rules::script::download_run_unchecked::{CHECKS, downloaded};
use crate::lint::{Diagnostics, Step};
use crate::shell::Invocation;
use crate::source::Span;

declare! {
    /// ## What it does
    /// Reports a `curl` that saves or passes on what it downloads without `--fail` (`-f`) or `--fail-with-body`. Where the
    /// same `RUN` compares the file with a checksum or a signature, it is not reported.
    ///
    /// ## Why it is bad
    /// `curl` ends with success when the server answers 404 or 500: the error page is saved under the file's name, or
    /// unpacked, and the
    /// build fails far from the cause, or not at all.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM debian:12
    /// RUN curl -sSL https://example.com/a.tar.gz -o /a.tar.gz
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM debian:12
    /// RUN curl -fsSL https://example.com/a.tar.gz -o /a.tar.gz
    /// ```
    ///
    /// ## Fix safety
    /// Safe: nothing changes where the download works; where it does not, the build stops at the cause.
    pub(super) static RULE = Rule {
        code: "DX2014",
        name: "curl-without-fail",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Correctness,
        summary: "`curl` takes an error page for the file",
        fix: Fixability::Sometimes(crate::edit::Safety::Safe),
        check: Check::Dockerfile(check),
    };
}

/// Letters whose value follows.
const WITH_VALUE: &str = "oHdXuAbceFKmTUwxyYzrtQPCDEh";

/// Its output is the answer, good or bad.
const OTHER_USE: &[&str] = &[
    "--head",
    "--write-out",
    "--version",
    "--help",
    "--request",
    "--data",
    "--upload-file",
];

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    for (step, invocation) in unix_commands_of(subject.model, &["curl"]) {
        if has(invocation, 'f', &["--fail", "--fail-with-body"]) {
            continue;
        }
        let saves = invocation.piped
            || has(invocation, 'o', &["--output"])
            || has(invocation, 'O', &["--remote-name", "--remote-name-all"]);
        let is_other = has(invocation, 'I', OTHER_USE)
            || "wVXdT".chars().any(|letter| has(invocation, letter, &[]));
        if !saves || is_other || is_checked(step, invocation) {
            continue;
        }
        let found = diagnostics
            .report(
                invocation.program_span,
                "`curl` takes an error page for the file",
            )
            .help("add `-f`");
        if is_open(step, invocation) {
            let group = invocation
                .arguments
                .first()
                .filter(|it| it.is_option() && !it.text.starts_with("--") && !it.quoted);
            let (at, text) = match group {
                Some(group) => (group.span.start + 1, "f"),
                None => (invocation.program_span.end, " -f"),
            };
            found.fix("add `-f`", [(Span::new(at, at), text.to_owned())]);
        }
    }
}

/// The same `RUN` compares the file with a checksum or signature: an error page does not get past that.
fn is_checked(step: Step<'_>, download: &Invocation) -> bool {
    if download.piped {
        return false;
    }
    let text = step.stage.model.file.source.text();
    let names = downloaded(download, text);
    let later = step
        .invocations()
        .iter()
        .filter(|it| it.span.start >= download.span.end);
    let mut checks = later.filter(|it| it.is_any(CHECKS));
    !names.is_empty()
        && checks.any(|check| {
            let reads_list = |text: &str| {
                text == "--check"
                    || (text.starts_with('-') && !text.starts_with("--") && text.contains('c'))
            };
            let mut arguments = check.arguments.iter();
            arguments.any(|argument| {
                reads_list(&argument.text) || names.iter().any(|name| argument.text.ends_with(name))
            })
        })
}

fn has(invocation: &Invocation, letter: char, names: &[&str]) -> bool {
    invocation.arguments.iter().any(|argument| {
        let text = argument.text.as_str();
        if text.starts_with("--") {
            return names.contains(&text.split('=').next().unwrap_or(text));
        }
        let Some(letters) = text.strip_prefix('-') else {
            return false;
        };
        let end = letters
            .find(|c| WITH_VALUE.contains(c))
            .map_or(letters.len(), |at| at + 1);
        letters
            .get(..end)
            .is_some_and(|letters| letters.contains(letter))
    })
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::{fixed, found};

    #[test]
    fn failures_that_are_noticed_or_wanted() {
        for run in [
            "curl -fsSLO https://x",
            "curl --fail -o a https://x",
            "curl -sSLf https://x | tar x",
            "curl -sSL --fail-with-body https://x | sh",
            "curl -sI https://x | head",
            "curl -s -o /dev/null -w '%{http_code}' https://x",
            "curl -X POST https://x | cat",
            "curl https://x",
            "curl --version",
            "curl -O https://x/a.tgz && sha512sum a.tgz | grep -q abc",
            "curl -o /tmp/a https://x && echo 'abc  /tmp/a' | sha256sum -c -",
            "curl -LO https://x/a.tgz && gpg --verify a.tgz.asc a.tgz",
        ] {
            assert_eq!(
                found(&RULE, &format!("FROM debian:12\nRUN {run}\n")),
                "",
                "{run}"
            );
        }
    }

    #[test]
    fn a_check_of_something_else_is_none() {
        for run in [
            "curl -O https://x/a.tgz && sha512sum b.tgz | grep -q abc",
            "sha256sum -c list && curl -O https://x/a.tgz",
            "curl https://x/a.tgz | tar xz && sha256sum -c list",
            "curl -O https://x/a.tgz && openssl version",
        ] {
            assert_ne!(
                found(&RULE, &format!("FROM debian:12\nRUN {run}\n")),
                "",
                "{run}"
            );
        }
    }

    #[test]
    fn the_letter_joins_the_others() {
        for (run, expected) in [
            (
                "curl -sSL https://x | tar x",
                "curl -fsSL https://x | tar x",
            ),
            ("curl -of https://x", "curl -fof https://x"),
            ("curl https://x -o y", "curl -f https://x -o y"),
            (
                "curl --silent -O https://x",
                "curl -f --silent -O https://x",
            ),
        ] {
            assert_eq!(
                fixed(&RULE, &format!("FROM debian:12\nRUN {run}\n")),
                format!("FROM debian:12\nRUN {expected}\n")
            );
        }
    }
}
