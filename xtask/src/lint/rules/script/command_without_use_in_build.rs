use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::commands::unix_commands_of;

declare! {
    /// ## What it does
    /// Reports commands that are for a running machine: `free`, `kill`, `mount`, `ps`, `service`, `shutdown`, `ssh`,
    /// `top`, `vim`.
    ///
    /// ## Why it is bad
    /// Nothing they act on outlives the instruction: a service that is started is gone when the `RUN` ends, a mount
    /// too. What they
    /// are meant for belongs into the container's start, or is not needed at all.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM debian:12
    /// RUN service nginx start
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM debian:12
    /// CMD ["nginx", "-g", "daemon off;"]
    /// ```
    pub(super) static RULE = Rule {
        code: "DL3001",
        name: "command-without-use-in-build",
        aliases: &[],
        severity: Severity::Note,
        enabled: true,
        category: Category::Correctness,
        summary: "a command that makes no sense in a build",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

const PROGRAMS: &[&str] = &[
    "free", "kill", "mount", "ps", "service", "shutdown", "ssh", "top", "vim",
];

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    for (_, invocation) in unix_commands_of(subject.model, PROGRAMS) {
        diagnostics
            .report(
                invocation.program_span,
                format!("`{}` has no use during a build", invocation.program),
            )
            .help("leave it out, or run it when the container starts");
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::found;

    #[test]
    fn only_the_programs_themselves() {
        for run in [
            "apt-get install -y ssh vim",
            "which ps",
            "ssh-keyscan github.com",
            "echo kill",
            "systemctl enable x",
            "--mount=type=cache,target=/x make",
        ] {
            assert_eq!(
                found(&RULE, &format!("FROM debian:12\nRUN {run}\n")),
                "",
                "{run}"
            );
        }
        for (run, expected) in [
            (
                "make && sudo service x start",
                "2:18 `service` has no use during a build",
            ),
            (
                "/bin/mount -t tmpfs x /y",
                "2:5 `mount` has no use during a build",
            ),
            (
                "if x; then kill 1; fi",
                "2:16 `kill` has no use during a build",
            ),
        ] {
            assert_eq!(
                found(&RULE, &format!("FROM debian:12\nRUN {run}\n")),
                expected
            );
        }
    }
}
