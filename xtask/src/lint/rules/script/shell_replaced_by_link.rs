use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::commands::{is_shell_form, unix_commands_of};
use crate::lint::rules::lines::cased_like;

declare! {
    /// ## What it does
    /// Reports `ln` whose link is `/bin/sh`.
    ///
    /// Unlike hadolint, a link that points to `/bin/sh` is not reported.
    ///
    /// ## Why it is bad
    /// Every script of the image that starts with `#!/bin/sh` gets another shell from then on, those of the package
    /// manager too. A package
    /// upgrade may put the link back. `SHELL` sets the shell of the Dockerfile's instructions, and nothing else.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM debian:12
    /// RUN ln -sf /bin/bash /bin/sh
    /// RUN source /etc/profile
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM debian:12
    /// SHELL ["/bin/bash", "-c"]
    /// RUN source /etc/profile
    /// ```
    ///
    /// ## Fix safety
    /// Unsafe: scripts of the image that need the other shell find the old one again, and `CMD` in shell form uses the
    /// new one.
    pub(super) static RULE = Rule {
        code: "DL4005",
        name: "shell-replaced-by-link",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Correctness,
        summary: "`/bin/sh` is replaced by a link",
        fix: Fixability::Sometimes(crate::edit::Safety::Unsafe),
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    for (step, invocation) in unix_commands_of(subject.model, &["ln"]) {
        let words: Vec<_> = invocation.operands(&["-S", "--suffix"]).collect();
        let [.., target, link] = words.as_slice() else {
            continue;
        };
        if !matches!(link.text.as_str(), "/bin/sh" | "/usr/bin/sh") {
            continue;
        }
        let found = diagnostics
            .report(
                invocation.span,
                format!("`{}` is replaced for the whole image", link.text),
            )
            .help("set the shell of the instructions with `SHELL`");
        let is_all = matches!(step.invocations(), [_]) && !step.is_onbuild() && is_shell_form(step);
        if is_all
            && step
                .run()
                .is_some_and(|run| run.flags.is_empty() && run.heredocs.is_empty())
        {
            let shell = match target.text.as_str() {
                "bash" => "/bin/bash",
                other => other,
            };
            if target.literal && shell.starts_with('/') && !shell.contains(['"', '\\']) {
                let instruction = step.written();
                let keyword = cased_like(instruction, "SHELL");
                found.unsafe_fix(
                    "use `SHELL` instead",
                    [(instruction.span, format!("{keyword} [\"{shell}\", \"-c\"]"))],
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::{fixed, found};

    #[test]
    fn other_links() {
        for run in [
            "ln -s /bin/sh /bin/bash",
            "ln -s /bin/bash /usr/local/bin/bash",
            "echo ln -s a /bin/sh",
        ] {
            assert_eq!(
                found(&RULE, &format!("FROM debian:12\nRUN {run}\n")),
                "",
                "{run}"
            );
        }
    }

    #[test]
    fn a_link_alone_becomes_an_instruction() {
        for (before, after) in [
            ("run ln -snf bash /bin/sh", "shell [\"/bin/bash\", \"-c\"]"),
            (
                "RUN rm /bin/sh && ln -s /bin/bash /bin/sh",
                "RUN rm /bin/sh && ln -s /bin/bash /bin/sh",
            ),
        ] {
            let text = format!("FROM debian:12\n{before}\n");
            assert_ne!(found(&RULE, &text), "");
            assert_eq!(fixed(&RULE, &text), format!("FROM debian:12\n{after}\n"));
        }
    }
}
