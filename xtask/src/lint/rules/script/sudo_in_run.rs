use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::commands::unix_commands;
use crate::lint::rules::mending::is_open;
use crate::lint::{Diagnostic, Known};
use crate::source::Span;

declare! {
    /// ## What it does
    /// Reports commands that are run through `sudo`.
    ///
    /// ## Why it is bad
    /// A build runs as root unless `USER` says otherwise: `sudo` does nothing, or undoes what `USER` is for. It has to
    /// be installed, and
    /// then stays in the image, where it lets a process become root. It also loses signals and the environment.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM ubuntu:24.04
    /// RUN sudo apt-get update
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM ubuntu:24.04
    /// RUN apt-get update
    /// ```
    ///
    /// ## Fix safety
    /// Safe where the user is known to be root; otherwise unsafe: the command may need `USER root` before.
    pub(super) static RULE = Rule {
        code: "DL3004",
        name: "sudo-in-run",
        aliases: &["DKL-DI-0001"],
        severity: Severity::Error,
        enabled: true,
        category: Category::Security,
        summary: "`sudo` in a `RUN`",
        fix: Fixability::Sometimes(crate::edit::Safety::Unsafe),
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    let text = subject.model.file.source.text();
    for (step, invocation) in unix_commands(subject.model) {
        if invocation.is("sudo") {
            report(invocation.program_span, diagnostics);
            continue;
        }
        if !invocation.through.iter().any(|program| program == "sudo") {
            continue;
        }
        let start = invocation.span.start;
        let prefix = text.get(start..invocation.program_span.start);
        let at = prefix
            .and_then(|prefix| prefix.find("sudo"))
            .map_or(start, |at| start + at);
        let sudo = Span::new(at, at + "sudo".len());
        let found = report(sudo, diagnostics);
        // Options of `sudo` mean something: those are left to people.
        let between = text.get(sudo.end..invocation.program_span.start);
        let is_bare = between.is_some_and(|between| between.chars().all(|c| c == ' ' || c == '\t'));
        let is_root = matches!(
            step.before().user(),
            Known::Yes(user) if matches!(user.value.split(':').next(), Some("root" | "0"))
        );
        if is_bare && is_open(step, invocation) {
            let edit = [(
                Span::new(sudo.start, invocation.program_span.start),
                String::new(),
            )];
            if is_root {
                found.fix("leave `sudo` out", edit);
            } else {
                found.unsafe_fix("leave `sudo` out", edit);
            }
        }
    }
}

fn report<'d>(span: Span, diagnostics: &'d mut Diagnostics<'_>) -> Diagnostic<'d> {
    diagnostics
        .report(span, "`sudo` has no place in a build")
        .help("leave it out; use `USER` for what another user does")
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::{fixed, found};

    #[test]
    fn mere_words_are_fine() {
        for run in ["apt-get install -y sudo", "echo sudo", "usermod -aG sudo x"] {
            assert_eq!(
                found(&RULE, &format!("FROM ubuntu:24.04\nRUN {run}\n")),
                "",
                "{run}"
            );
        }
    }

    #[test]
    fn it_is_left_out_where_it_has_no_options() {
        for (before, after) in [
            ("a && sudo b", "a && b"),
            ("X=1 sudo b | sudo c", "X=1 b | c"),
            ("sudo -u x b", "sudo -u x b"),
        ] {
            assert_eq!(
                fixed(&RULE, &format!("FROM ubuntu:24.04\nRUN {before}\n")),
                format!("FROM ubuntu:24.04\nRUN {after}\n")
            );
        }
        assert_eq!(
            found(&RULE, "FROM ubuntu:24.04\nRUN a && sudo -E b\n"),
            "2:10 `sudo` has no place in a build"
        );
    }
}
