use crate::dockerfile::{CommandLine, InstructionKind};
use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::Step;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::shell::{Connector, Script, Statement};

declare! {
    /// ## What it does
    /// Reports, in the final stage, a `CMD` or `ENTRYPOINT` in shell form whose shell has something to do after the program has started: a
    /// pipe, `||`, `&`. In any other case the shell replaces itself with its last command, and nothing is reported.
    ///
    /// ## Why it is bad
    /// `docker stop` sends its signal to the shell, which does not pass it on: the program is killed ten seconds later with its work half
    /// done.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine:3.20
    /// CMD server | tee /var/log/server.log
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM alpine:3.20
    /// CMD ["server"]
    /// ```
    pub(super) static RULE = Rule {
        code: "DX1202",
        name: "shell-as-pid1",
        aliases: &[],
        severity: Severity::Note,
        enabled: true,
        category: Category::Correctness,
        summary: "a shell stays the first process of the container",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    let Some(stage) = subject.model.final_stage() else {
        return;
    };
    let last = stage.steps().rfind(|step| {
        matches!(
            step.kind(),
            InstructionKind::Cmd(_) | InstructionKind::Entrypoint(_)
        ) && !step.is_onbuild()
    });
    let Some(step) = last else {
        return;
    };
    let (InstructionKind::Cmd(CommandLine::Shell(text))
    | InstructionKind::Entrypoint(CommandLine::Shell(text))) = step.kind()
    else {
        return;
    };
    if has_init(step) {
        return;
    }
    let Some(reason) = step.scripts().first().and_then(what_keeps_it) else {
        return;
    };
    diagnostics
        .report(
            text.span,
            format!(
                "{reason} keeps the shell as the first process: signals do not reach the program"
            ),
        )
        .help("start the program last, with `exec`, or put an init such as `tini` before it");
}

fn has_init(step: Step<'_>) -> bool {
    let entrypoint = step.stage.end().entrypoint();
    matches!(entrypoint.map(|entrypoint| entrypoint.value), Some(CommandLine::Exec(words)) if !words.is_empty())
        || step.invocations().iter().any(|i| {
            i.is_any(&["exec", "trap", "tini", "dumb-init"])
                || i.through.iter().any(|through| through == "exec")
        })
}

fn what_keeps_it(script: &Script) -> Option<&'static str> {
    if script
        .list
        .statements
        .iter()
        .any(|statement| statement.background)
    {
        return Some("`&`");
    }
    let last: &Statement = script.list.statements.last()?;
    let pipeline = last
        .and_or
        .rest
        .last()
        .map_or(&last.and_or.first, |(_, pipeline)| pipeline);
    if pipeline.commands.len() > 1 {
        return Some("a pipe");
    }
    last.and_or
        .rest
        .iter()
        .any(|(connector, _)| *connector == Connector::Or)
        .then_some("`||`")
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::found;

    #[test]
    fn shells_that_stay() {
        for (command, reason) in [
            ("a || b", "`||`"),
            ("a & wait", "`&`"),
            ("cd /x && a | b", "a pipe"),
        ] {
            assert_eq!(
                found(&RULE, &format!("FROM a\nCMD {command}\n")),
                format!(
                    "2:5 {reason} keeps the shell as the first process: signals do not reach the program"
                )
            );
        }
        for text in [
            "FROM a\nCMD server --port 1\n",
            "FROM a\nENTRYPOINT cd /x && server\n",
            "FROM a\nCMD x | y\nCMD server\n",
            "FROM a\nCMD migrate || true; exec server\n",
            "FROM a\nCMD [\"a\", \"|\", \"b\"]\n",
            "FROM a AS b\nCMD a | b\nFROM a\n",
        ] {
            assert_eq!(found(&RULE, text), "", "{text}");
        }
    }
}
