use crate::dockerfile::CommandLine;
use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::commands::{is_shell_form, unix_runs};
use crate::lint::rules::lines::inserted_before;
use crate::lint::{Known, Step};
use crate::shell::{Connector, Invocation};
use crate::source::Span;

declare! {
    /// ## What it does
    /// Reports a pipe in a `RUN` whose shell has no `pipefail`: once for each `RUN`, at the first pipe.
    ///
    /// Unlike hadolint, `set -o pipefail` in the script counts, a shell of any name with `-o pipefail` does, and the
    /// exec form, which no shell
    /// reads, is not reported.
    ///
    /// ## Why it is bad
    /// Only the last command's exit code counts. If `wget` fails in `wget -qO- … | tar x`, the build goes on with half
    /// a file.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM debian:12
    /// RUN wget -qO- https://example.com/a.tar | tar x
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM debian:12
    /// SHELL ["/bin/bash", "-o", "pipefail", "-c"]
    /// RUN wget -qO- https://example.com/a.tar | tar x
    /// ```
    ///
    /// ## Fix safety
    /// Unsafe: a build that went on after a failure stops now, also where a command ends early on purpose (`yes | …`,
    /// `… | head`).
    pub(super) static RULE = Rule {
        code: "DL4006",
        name: "pipe-without-pipefail",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Correctness,
        summary: "a failure at the head of a pipe is not noticed",
        fix: Fixability::Sometimes(crate::edit::Safety::Unsafe),
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    let mut stage_with_fix = None;
    for (step, _) in unix_runs(subject.model) {
        let pipe = step
            .invocations()
            .iter()
            .find(|it| !it.nested && (it.piped || it.connector == Connector::Pipe));
        let Some(first) = pipe else { continue };
        if !is_shell_form(step)
            || shell_has_pipefail(step)
            || script_sets_it(step, first.span.start)
        {
            continue;
        }
        let text = subject.model.file.source.text();
        let found = diagnostics
            .report(
                place(first, text),
                "a failure at the head of this pipe is not noticed",
            )
            .help("set `pipefail`: with `SHELL`, or with `set -o pipefail` before");
        match mend(step) {
            Some(Mend::Script(at)) => {
                let edit = (Span::new(at, at), "set -o pipefail && ".to_owned());
                found.unsafe_fix("set `pipefail` in the script", [edit]);
            }
            // It counts for the rest of the stage: once is enough.
            Some(Mend::Shell(shell)) if stage_with_fix != Some(step.stage.index) => {
                stage_with_fix = Some(step.stage.index);
                let edit = inserted_before(subject.model, step.written(), "SHELL", shell);
                found.unsafe_fix("set `pipefail` with `SHELL`", [edit]);
            }
            _ => {}
        }
    }
}

/// The `|` behind a command.
fn place(command: &Invocation, text: &str) -> Span {
    let rest = &text[command.span.end..];
    let at = command.span.end + (rest.len() - rest.trim_start().len());
    if command.piped && text[at..].starts_with('|') {
        Span::new(at, at + 1)
    } else {
        command.span
    }
}

fn shell_has_pipefail(step: Step<'_>) -> bool {
    step.before().shell().value.contains(&"pipefail")
}

/// `set -o pipefail` stands before the pipe.
fn script_sets_it(step: Step<'_>, pipe: usize) -> bool {
    step.invocations().iter().any(|it| {
        let sets = it.is("set") && it.arguments.iter().any(|word| word.text == "pipefail");
        sets && it.span.start < pipe
    })
}

enum Mend {
    /// `set -o pipefail` at this place.
    Script(usize),
    /// A `SHELL` before, with these words.
    Shell(&'static str),
}

fn mend(step: Step<'_>) -> Option<Mend> {
    let moment = step.before();
    let shell = moment.shell().value;
    let name = shell.first()?.rsplit('/').next()?;
    let run = step.run()?;
    if matches!(name, "bash" | "zsh" | "ash" | "ksh") {
        let CommandLine::Shell(text) = &run.command else {
            return None;
        };
        return run
            .heredocs
            .is_empty()
            .then_some(Mend::Script(text.span.start));
    }
    if shell != ["/bin/sh", "-c"] || step.is_onbuild() {
        return None;
    }
    let is_alpine = matches!(moment.distribution(), Some(("alpine", _)));
    if is_alpine {
        return Some(Mend::Shell("[\"/bin/ash\", \"-o\", \"pipefail\", \"-c\"]"));
    }
    // The distribution first: to look for a program is to look at every step before.
    let has_bash = matches!(
        moment.distribution(),
        Some((
            "debian" | "ubuntu" | "fedora" | "centos" | "rockylinux" | "almalinux" | "amazonlinux",
            _
        ))
    ) || moment.has_program("bash") == Known::Yes(true);
    has_bash.then_some(Mend::Shell("[\"/bin/bash\", \"-o\", \"pipefail\", \"-c\"]"))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::{fixed, found};

    #[test]
    fn pipes_that_are_watched() {
        for text in [
            "SHELL [\"/bin/bash\", \"-o\", \"pipefail\", \"-c\"]\nRUN a | b",
            "SHELL [\"/bin/ash\", \"-eo\", \"pipefail\", \"-c\"]\nRUN a | b",
            "RUN set -euo pipefail; a | b",
            "RUN <<EOF\nset -o pipefail\na | b\nEOF",
            "RUN [\"sh\", \"-c\", \"a | b\"]",
            "SHELL [\"powershell\", \"-Command\"]\nRUN a | b",
            "RUN a || b",
            "RUN echo 'a | b'",
            "CMD a | b",
        ] {
            assert_eq!(
                found(&RULE, &format!("FROM debian:12\n{text}\n")),
                "",
                "{text}"
            );
        }
        let inherited = "FROM debian:12 AS a\nSHELL [\"/bin/bash\", \"-o\", \"pipefail\", \"-c\"]\nFROM a\nRUN b | c\n";
        assert_eq!(found(&RULE, inherited), "");
    }

    #[test]
    fn pipes_that_are_not() {
        for (run, expected) in [
            ("RUN a && b | c | d", "2:12"),
            ("RUN x=$(a | b)", "2:11"),
            ("RUN if a | b; then c; fi", "2:10"),
            ("RUN a | b; set -o pipefail", "2:7"),
        ] {
            assert_eq!(
                found(&RULE, &format!("FROM debian:12\n{run}\n")),
                format!("{expected} a failure at the head of this pipe is not noticed")
            );
        }
    }

    #[test]
    fn the_shell_decides_how_it_is_mended() {
        for (before, after) in [
            (
                "FROM alpine:3.20\nRUN a | b\nRUN c | d",
                "FROM alpine:3.20\nSHELL [\"/bin/ash\", \"-o\", \"pipefail\", \"-c\"]\nRUN a | b\nRUN c | d",
            ),
            (
                "FROM debian:12\nSHELL [\"/bin/bash\", \"-c\"]\nRUN a | b",
                "FROM debian:12\nSHELL [\"/bin/bash\", \"-c\"]\nRUN set -o pipefail && a | b",
            ),
            ("FROM scratch\nRUN a | b", "FROM scratch\nRUN a | b"),
        ] {
            assert_eq!(fixed(&RULE, &format!("{before}\n")), format!("{after}\n"));
        }
    }
}
