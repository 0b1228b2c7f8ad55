use crate::dockerfile::InstructionKind;
use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::process::start::first_process;

declare! {
    /// ## What it does
    /// Reports, in the final stage, `node` or `python` as the first process of the container, with no init before it and no
    /// `STOPSIGNAL`.
    ///
    /// ## Why it is bad
    /// The kernel does not apply the default action of a signal to process 1. A program that does not handle `SIGTERM` itself does not
    /// notice `docker stop` and is killed ten seconds later; processes it leaves behind stay as zombies.
    ///
    /// A program that handles the signal is fine: allow the rule then. `docker run --init` helps as well.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM node:20-alpine
    /// CMD ["node", "server.js"]
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM node:20-alpine
    /// RUN apk add --no-cache tini
    /// ENTRYPOINT ["tini", "--"]
    /// CMD ["node", "server.js"]
    /// ```
    pub(super) static RULE = Rule {
        code: "DX1208",
        name: "pid1-ignores-sigterm",
        aliases: &[],
        severity: Severity::Note,
        enabled: true,
        category: Category::Correctness,
        summary: "an interpreter is the first process and has no handler for signals",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    let Some(stage) = subject.model.final_stage() else {
        return;
    };
    let Some(first) = first_process(stage).filter(|first| !first.has_init) else {
        return;
    };
    let is_interpreter = matches!(
        first.program.as_str(),
        "node" | "nodejs" | "python" | "python3"
    );
    let has_signal = subject
        .model
        .steps()
        .any(|step| matches!(step.kind(), InstructionKind::Stopsignal(_)));
    if is_interpreter && first.has_arguments && !has_signal {
        diagnostics
            .report(
                first.span,
                format!(
                    "`{}` as the first process ignores `SIGTERM` unless the program handles it",
                    first.program
                ),
            )
            .help("put an init such as `tini` or `dumb-init` before it");
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::found;

    #[test]
    fn interpreters_without_init() {
        assert_eq!(
            found(&RULE, "FROM node:20-alpine\nCMD [\"node\", \"main.js\"]\n"),
            "2:6 `node` as the first process ignores `SIGTERM` unless the program handles it"
        );
        for text in [
            "FROM node:20-alpine AS base\nENTRYPOINT [\"dumb-init\", \"--\"]\nFROM base\nCMD [\"node\", \"main.js\"]\n",
            "FROM node:20-alpine\nSTOPSIGNAL SIGINT\nCMD [\"node\", \"main.js\"]\n",
            "FROM example.com/base\nCMD [\"node\", \"main.js\"]\n",
            "FROM alpine:3.20\nCMD [\"/server\"]\n",
        ] {
            assert_eq!(found(&RULE, text), "", "{text}");
        }
    }
}
