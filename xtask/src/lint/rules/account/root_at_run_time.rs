use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::process::start::first_process;
use crate::lint::{Known, Parent};

declare! {
    /// ## What it does
    /// Reports a final stage that starts a program, has no `USER` anywhere, and whose base image is known to run as root.
    ///
    /// ## Why it is bad
    /// A flaw in the program is then a flaw with all rights inside the container, and often with those of its mounts. A `USER`
    /// that says root itself is the matter of `DL3002`.
    ///
    /// A stage that installs `gosu` or `su-exec` is not reported: its entry point gives up the rights itself. Nor is one
    /// that starts a bare shell: somebody works in it, and there is no program to have a flaw.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM node:20-alpine
    /// COPY server.js /srv/
    /// CMD ["node", "/srv/server.js"]
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM node:20-alpine
    /// COPY server.js /srv/
    /// USER node
    /// CMD ["node", "/srv/server.js"]
    /// ```
    pub(super) static RULE = Rule {
        code: "DX1004",
        name: "root-at-run-time",
        aliases: &["CIS-DI-0001"],
        severity: Severity::Note,
        enabled: true,
        category: Category::Security,
        summary: "the container of the final stage runs as root",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

const SHELLS: [&str; 6] = ["ash", "bash", "dash", "fish", "sh", "zsh"];

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    let Some(stage) = subject.model.final_stage() else {
        return;
    };
    let end = stage.end();
    let Some(start) = end.entrypoint().or(end.cmd()) else {
        return;
    };
    if start.stage.is_none() || !end.base_is_known() || matches!(stage.parent(), Parent::Scratch) {
        return;
    }
    let Known::Yes(user) = end.user() else {
        return;
    };
    let is_root = matches!(user.value, "" | "root" | "0" | "root:root" | "0:0");
    if user.stage.is_some() || !is_root {
        return;
    }
    let steps_down = end
        .packages()
        .iter()
        .any(|package| matches!(package.name.value.as_str(), "gosu" | "su-exec" | "setpriv"));
    if steps_down {
        return;
    }
    let is_bare_shell = first_process(stage)
        .is_some_and(|first| !first.has_arguments && SHELLS.contains(&first.program.as_str()));
    if is_bare_shell {
        return;
    }
    let base = &stage.stage().base;
    diagnostics
        .report(base.span, "no `USER` is set: the container runs as root")
        .help("create a user, or take one of the base image, and name it with `USER`");
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::found;

    #[test]
    fn a_shell_with_something_to_do_is_a_program() {
        for text in [
            "FROM debian:12\nCMD [\"bash\", \"/serve.sh\"]\n",
            "FROM debian:12\nCMD exec /serve\n",
            "FROM debian:12\nENTRYPOINT [\"/serve\"]\nCMD [\"bash\"]\n",
        ] {
            assert_ne!(found(&RULE, text), "", "{text}");
        }
    }

    #[test]
    fn only_a_final_stage_that_surely_runs_as_root() {
        assert_eq!(
            found(&RULE, "FROM alpine:3.20 AS a\nFROM a\nCMD [\"x\"]\n"),
            "2:6 no `USER` is set: the container runs as root"
        );
        for text in [
            "FROM alpine:3.20\n",
            "FROM alpine:3.20\nUSER root\nCMD [\"x\"]\n",
            "FROM alpine:3.20 AS a\nUSER 1000\nFROM a\nCMD [\"x\"]\n",
            "FROM example.com/x\nCMD [\"x\"]\n",
            "FROM alpine:3.20\nRUN apk add --no-cache su-exec\nENTRYPOINT [\"/start\"]\n",
            "FROM scratch\nCMD [\"x\"]\n",
            "FROM debian:12\nCMD [\"/bin/bash\"]\n",
            "FROM debian:12\nCMD bash\n",
        ] {
            assert_eq!(found(&RULE, text), "", "{text}");
        }
    }
}
