use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::Step;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::commands::unix_commands_of;
use crate::shell::{Connector, Invocation};

declare! {
    /// ## What it does
    /// Reports a `curl` or `wget` whose output is run by a shell or another interpreter: `curl … | sh`, `sh -c "$(curl
    /// …)"`, `bash <(curl …)`.
    ///
    /// ## Why it is bad
    /// Whoever controls the address, or the way to it, runs code in the build, and tomorrow's script is not today's. A
    /// shell also runs
    /// the half of a script that arrived before the connection broke. Nobody can say later what was run.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM debian:12
    /// RUN curl -fsSL https://example.com/install.sh | sh
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM debian:12
    /// ADD --checksum=sha256:24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d https://example.com/install.sh /tmp/install.sh
    /// RUN sh /tmp/install.sh && rm /tmp/install.sh
    /// ```
    pub(super) static RULE = Rule {
        code: "DX2012",
        name: "download-piped-to-shell",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Security,
        summary: "a download is run as it comes in",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

/// What runs the script that it is given.
pub(super) const INTERPRETERS: &[&str] = &[
    "sh", "bash", "ash", "dash", "zsh", "ksh", "python", "python3", "perl", "ruby", "node", "php",
];

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    for (step, invocation) in unix_commands_of(subject.model, INTERPRETERS) {
        let from_pipe = invocation.connector == Connector::Pipe
            && reads_input(invocation)
            && step.invocations().iter().any(|it| {
                it.is_any(&["curl", "wget"])
                    && it.piped
                    && it.span.end <= invocation.span.start
                    && is_one_pipeline(step, it, invocation)
            });
        if from_pipe || from_substitution(invocation) {
            diagnostics
                .report(
                    invocation.span,
                    format!("`{}` runs what is downloaded unseen", invocation.program),
                )
                .help("download it to a file, compare its checksum, then run it");
        }
    }
}

/// It has no script of its own to run: `sh`, `sh -s -- --yes`, `python3 -`.
fn reads_input(invocation: &Invocation) -> bool {
    match invocation.arguments.first().map(|it| it.text.as_str()) {
        None | Some("-") => true,
        Some(first) => {
            let runs_text =
                first.starts_with('-') && first.contains(['c', 'e', 'm']) && !first.contains("--");
            invocation.has_option(&["-s"])
                || first.starts_with('-') && !runs_text && invocation.words().next().is_none()
        }
    }
}

/// Whether only pipes stand between the two.
fn is_one_pipeline(step: Step<'_>, first: &Invocation, last: &Invocation) -> bool {
    step.invocations()
        .iter()
        .filter(|it| it.depth == last.depth && it.nested == last.nested)
        .filter(|it| it.span.start > first.span.start && it.span.start <= last.span.start)
        .all(|it| it.connector == Connector::Pipe)
}

fn from_substitution(invocation: &Invocation) -> bool {
    invocation.arguments.iter().any(|argument| {
        !argument.literal
            && [
                "$(curl ", "$(wget ", "`curl ", "`wget ", "<(curl ", "<(wget ",
            ]
            .iter()
            .any(|start| argument.text.starts_with(start))
    })
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::found;

    #[test]
    fn downloads_that_are_not_run() {
        for run in [
            "curl -fsSL https://x | tar xz",
            "curl -fsSL https://x | python3 -c 'import json'",
            "curl -fsSL https://x | sh -c 'cat > y'",
            "curl -fsSLo x.sh https://x && sh x.sh",
            "cat x | sh",
            "curl -fsS https://x | gpg --dearmor; echo a | sh",
            "curl -fsS https://x | jq . && echo y | bash -s",
        ] {
            assert_eq!(
                found(&RULE, &format!("FROM debian:12\nRUN {run}\n")),
                "",
                "{run}"
            );
        }
    }

    #[test]
    fn downloads_that_are() {
        for run in [
            "wget -qO- https://x | bash",
            "curl -fsSL https://x | sudo -E bash -",
            "curl https://x | sh -s -- -y",
            "curl https://x | tee y | sh",
            "sh -c \"$(curl -fsSL https://x)\"",
            "bash <(curl -fsSL https://x)",
            "a && curl https://x | python3 -",
        ] {
            assert_ne!(
                found(&RULE, &format!("FROM debian:12\nRUN {run}\n")),
                "",
                "{run}"
            );
        }
    }
}
