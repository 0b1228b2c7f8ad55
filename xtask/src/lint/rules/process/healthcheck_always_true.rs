use crate::dockerfile::{CommandLine, InstructionKind};
use crate::edit::Safety;
use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::Step;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::shell::{Connector, Invocation};
use crate::source::Span;

declare! {
    /// ## What it does
    /// Reports a `HEALTHCHECK` whose last command always succeeds (`|| true`, `|| exit 0`, `; true`), and `curl` without `--fail`, which takes an
    /// answer of 500 for a success.
    ///
    /// ## Why it is bad
    /// The container is healthy for ever: an orchestrator keeps sending requests to a program that answers none.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine:3.20
    /// RUN apk add --no-cache curl
    /// HEALTHCHECK CMD curl -s http://localhost:8080/health || exit 1
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM alpine:3.20
    /// RUN apk add --no-cache curl
    /// HEALTHCHECK CMD curl -f -s http://localhost:8080/health || exit 1
    /// ```
    ///
    /// ## Fix safety
    /// Unsafe: `-f` is added to `curl`. A container that answers with an error is then unhealthy.
    pub(super) static RULE = Rule {
        code: "DX1210",
        name: "healthcheck-always-true",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Correctness,
        summary: "the probe succeeds whatever the program does",
        fix: Fixability::Sometimes(Safety::Unsafe),
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    for step in subject.model.steps() {
        let InstructionKind::Healthcheck(Some(healthcheck)) = step.kind() else {
            continue;
        };
        let invocations = step.invocations();
        if let Some(last) = invocations.last().filter(|last| last.depth == 0)
            && always_succeeds(last)
        {
            diagnostics
                .report(last.span, "the probe always succeeds")
                .help("end with `|| exit 1`, or let the command decide");
        }
        let is_shell_form = matches!(healthcheck.command, CommandLine::Shell(_));
        for (at, invocation) in invocations.iter().enumerate() {
            // What reads the answer decides, or the code is printed and compared.
            let is_judged = invocation.piped
                || invocation.depth > 0
                || invocation.has_option(&["-w", "--write-out"]);
            let follows = invocations.get(at + 1).is_some_and(|next| {
                next.connector == Connector::And || next.connector == Connector::Pipe
            });
            if invocation.is("curl") && !is_judged && !follows && !fails(invocation) {
                report_curl(step, invocation, is_shell_form, diagnostics);
            }
        }
    }
}

fn always_succeeds(last: &Invocation) -> bool {
    let ends_well =
        last.is_any(&["true", ":"]) || (last.is("exit") && last.subcommand() == Some("0"));
    ends_well && matches!(last.connector, Connector::Or | Connector::Sequence)
}

fn fails(curl: &Invocation) -> bool {
    curl.has_option(&["-f", "--fail", "--fail-with-body"])
}

fn report_curl(
    step: Step<'_>,
    curl: &Invocation,
    is_shell_form: bool,
    diagnostics: &mut Diagnostics<'_>,
) {
    let found = diagnostics
        .report(
            curl.program_span,
            "`curl` without `-f` takes every answer for a success",
        )
        .help("add `-f`");
    let at = curl.program_span.end;
    if is_shell_form && !step.is_onbuild() {
        found.unsafe_fix("add `-f`", [(Span::new(at, at), " -f".to_owned())]);
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::{fixed, found};

    #[test]
    fn probes_that_say_nothing() {
        for (command, expected) in [
            (
                "curl -f http://localhost/ || true",
                "2:46 the probe always succeeds",
            ),
            (
                "curl -f http://localhost/; exit 0",
                "2:44 the probe always succeeds",
            ),
            (
                "[\"curl\", \"http://localhost/\"]",
                "2:18 `curl` without `-f` takes every answer for a success",
            ),
        ] {
            assert_eq!(
                found(&RULE, &format!("FROM a\nHEALTHCHECK CMD {command}\n")),
                expected,
                "{command}"
            );
        }
        assert_eq!(
            fixed(
                &RULE,
                "FROM a\nHEALTHCHECK \\\n CMD curl -sS \"http://localhost/\" || exit 1\n"
            ),
            "FROM a\nHEALTHCHECK \\\n CMD curl -f -sS \"http://localhost/\" || exit 1\n"
        );
        for command in [
            "curl -fsS http://localhost/ || exit 1",
            "curl -s http://localhost/ | grep -q ok",
            "test \"$(curl -s http://localhost/)\" = ok",
            "curl --fail-with-body http://localhost/",
            "wget -q http://localhost/",
            "true && check",
        ] {
            assert_eq!(
                found(&RULE, &format!("FROM a\nHEALTHCHECK CMD {command}\n")),
                "",
                "{command}"
            );
        }
    }
}
