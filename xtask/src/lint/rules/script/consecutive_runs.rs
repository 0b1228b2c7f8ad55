use crate::dockerfile::{CommandLine, Run};
use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::Step;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::source::{Span, line_ending};

declare! {
    /// ## What it does
    /// Reports a `RUN` of a single command that follows another one of a single command with the same flags.
    ///
    /// ## Why it is bad
    /// Each `RUN` makes a layer. What the second one removes or changes still lies in the first. One `RUN` with `&&`
    /// makes one layer,
    /// and is run again as a whole when one of its commands changes.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM debian:12
    /// RUN mkdir /data
    /// RUN chown 1000 /data
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM debian:12
    /// RUN mkdir /data \
    ///     && chown 1000 /data
    /// ```
    ///
    /// ## Fix safety
    /// Safe: the same commands run in the same order. There is no fix where comments stand between the two, or where
    /// the first changes its shell (`cd`, `export`).
    pub(super) static RULE = Rule {
        code: "DL3059",
        name: "consecutive-runs",
        aliases: &[],
        severity: Severity::Note,
        enabled: true,
        category: Category::Size,
        summary: "two `RUN`s of one command each follow each other",
        fix: Fixability::Sometimes(crate::edit::Safety::Safe),
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    for step in subject.model.steps() {
        let Some(run) = step.run() else { continue };
        let Some((previous, first)) = step.previous().and_then(|it| Some((it, it.run()?))) else {
            continue;
        };
        if step.is_onbuild() || previous.is_onbuild() || flags(first).ne(flags(run)) {
            continue;
        }
        if commands(previous) > 1 || commands(step) > 1 {
            continue;
        }
        let instruction = step.written();
        let found = diagnostics
            .report(
                instruction.keyword.span,
                "this `RUN` can be part of the one before",
            )
            .help("join them with `&&`");
        if let Some(edit) = merge(previous, step) {
            found.fix("join it with the `RUN` before", [edit]);
        }
    }
}

fn flags(run: &Run) -> impl Iterator<Item = (&str, Option<&str>)> {
    run.flags.iter().map(|flag| {
        let value = flag.value.as_ref().map(|value| value.value.as_str());
        (flag.name.value.as_str(), value)
    })
}

/// How many commands there are; the text of `sh -c` is one with it.
fn commands(step: Step<'_>) -> usize {
    step.invocations().iter().filter(|it| !it.nested).count()
}

/// Replaces what stands between the two commands: nothing but the second keyword and its flags.
fn merge(previous: Step<'_>, step: Step<'_>) -> Option<(Span, String)> {
    let first = joinable(previous)?;
    let second = joinable(step)?;
    let file = &step.stage.model.file;
    let text = file.source.text();
    let gap = Span::new(previous.written().span.end, step.written().span.start);
    if !gap.of(text).chars().all(char::is_whitespace) {
        return None;
    }
    let between = Span::new(first.end, second.start);
    Some((
        between,
        format!(" {}{}    && ", file.escape, line_ending(text)),
    ))
}

/// The text of one plain command that leaves the shell as it was.
fn joinable(step: Step<'_>) -> Option<Span> {
    const SHELL_STATE: &[&str] = &[
        "cd", "pushd", "popd", "export", "set", "unset", "umask", "ulimit", "alias", "source", ".",
        "exec", "exit", "trap", "shopt", "eval", "readonly", "local", "declare", "shift", "return",
        "",
    ];
    let run = step.run()?;
    let CommandLine::Shell(text) = &run.command else {
        return None;
    };
    let [script] = step.scripts() else {
        return None;
    };
    let [statement] = script.list.statements.as_slice() else {
        return None;
    };
    let commands: Vec<_> = step.invocations().iter().filter(|it| !it.nested).collect();
    let [invocation] = commands.as_slice() else {
        return None;
    };
    let is_plain = invocation.depth == 0
        && !statement.background
        && !invocation.is_any(SHELL_STATE)
        && script.comments.is_empty()
        && run.heredocs.is_empty();
    // A `;` at the end would stand before the `&&`.
    let ends_there = !text.value.trim_end().ends_with([';', '&']);
    (is_plain && ends_there).then_some(text.span)
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::{fixed, found};

    #[test]
    fn runs_that_have_to_stay_apart() {
        for text in [
            "RUN a && b\nRUN c",
            "RUN a\nRUN b | c",
            "RUN a\nENV X=1\nRUN b",
            "RUN --mount=type=cache,target=/x a\nRUN b",
            "RUN --network=none a\nRUN --network=host b",
            "ONBUILD RUN a\nONBUILD RUN b",
            "RUN a\nFROM b\nRUN c",
        ] {
            assert_eq!(
                found(&RULE, &format!("FROM debian:12\n{text}\n")),
                "",
                "{text}"
            );
        }
    }

    #[test]
    fn single_commands_are_joined() {
        for (before, after) in [
            ("RUN a\nRUN b\n\nRUN c", "RUN a \\\n    && b \\\n    && c"),
            (
                "RUN --mount=type=cache,target=/x a \\\n  y\nRUN --mount=type=cache,target=/x b",
                "RUN --mount=type=cache,target=/x a \\\n  y \\\n    && b",
            ),
            ("RUN a\n# why\nRUN b", "RUN a\n# why\nRUN b"),
            ("RUN cd /x\nRUN b", "RUN cd /x\nRUN b"),
            ("RUN [\"a\"]\nRUN b", "RUN [\"a\"]\nRUN b"),
            ("RUN a;\nRUN b", "RUN a;\nRUN b"),
        ] {
            let text = format!("FROM debian:12\n{before}\n");
            assert_ne!(found(&RULE, &text), "", "{before}");
            assert_eq!(fixed(&RULE, &text), format!("FROM debian:12\n{after}\n"));
        }
    }
}
