use crate::dockerfile::InstructionKind;
use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::Known;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};

declare! {
    /// ## What it does
    /// Reports a `HEALTHCHECK` that starts a program which the image surely does not have.
    ///
    /// ## Why it is bad
    /// The probe fails every time, and nobody sees why: the container runs and is reported as unhealthy. `curl` is the usual one:
    /// neither Alpine nor the slim images of Debian have it.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine:3.20
    /// HEALTHCHECK CMD curl -f http://localhost:8080/ || exit 1
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM alpine:3.20
    /// HEALTHCHECK CMD wget -q -O /dev/null http://localhost:8080/ || exit 1
    /// ```
    pub(super) static RULE = Rule {
        code: "DX1203",
        name: "healthcheck-program-missing",
        aliases: &[],
        severity: Severity::Error,
        enabled: true,
        category: Category::Correctness,
        summary: "the program of the probe is not in the image",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

const OF_THE_SHELL: [&str; 12] = [
    "", ".", ":", "[", "cd", "echo", "exit", "export", "false", "set", "test", "true",
];

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    for stage in subject.model.stages() {
        let last = stage.steps().rfind(|step| {
            matches!(step.kind(), InstructionKind::Healthcheck(_)) && !step.is_onbuild()
        });
        let Some(step) =
            last.filter(|step| matches!(step.kind(), InstructionKind::Healthcheck(Some(_))))
        else {
            continue;
        };
        for invocation in step.invocations() {
            let program = invocation.program.as_str();
            if OF_THE_SHELL.contains(&program) || program.contains('$') {
                continue;
            }
            if stage.end().has_program(program) == Known::Yes(false) {
                diagnostics
                    .report(
                        invocation.program_span,
                        format!("the image has no `{program}`"),
                    )
                    .help(format!(
                        "install `{program}`, or probe with a program that is there"
                    ));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::found;

    #[test]
    fn only_what_is_surely_missing() {
        assert_eq!(
            found(
                &RULE,
                "FROM alpine:3.20\nHEALTHCHECK --interval=5s CMD [\"curl\", \"-f\", \"http://localhost/\"]\n"
            ),
            "2:32 the image has no `curl`"
        );
        for text in [
            "FROM alpine:3.20\nRUN apk add --no-cache curl\nHEALTHCHECK CMD curl -f http://localhost/ || exit 1\n",
            "FROM alpine:3.20\nHEALTHCHECK CMD curl -f http://localhost/\nRUN apk add --no-cache curl\n",
            "FROM example.com/x\nHEALTHCHECK CMD curl -f http://localhost/\n",
            "FROM alpine:3.20\nHEALTHCHECK CMD test -f /healthy\n",
            "FROM alpine:3.20\nHEALTHCHECK CMD curl -f x\nHEALTHCHECK NONE\n",
        ] {
            assert_eq!(found(&RULE, text), "", "{text}");
        }
    }
}
