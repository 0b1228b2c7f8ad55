use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::shell::{Argument, Invocation};

declare! {
    /// ## What it does
    /// Reports passwords and tokens that are written out as arguments in `RUN`: `--password=…`, `curl -u user:password`, an `Authorization`
    /// header.
    ///
    /// ## Why it is bad
    /// The text of every `RUN` is in the history of the image: `docker history` shows it to everyone who can pull it.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine:3.20
    /// RUN curl -fsS -u deploy:k3yboard-c4t -o app.tgz https://files.example.com/app.tgz
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM alpine:3.20
    /// RUN --mount=type=secret,id=netrc,target=/root/.netrc curl -fsS --netrc -o app.tgz https://files.example.com/app.tgz
    /// ```
    pub(super) static RULE = Rule {
        code: "DX1305",
        name: "secret-in-run-argument",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Security,
        summary: "a password or token is an argument of a command",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

const OPTIONS: [&str; 12] = [
    "--access-token",
    "--api-key",
    "--apikey",
    "--auth-token",
    "--ftp-password",
    "--http-password",
    "--passphrase",
    "--password",
    "--passwd",
    "--registry-token",
    "--secret",
    "--token",
];

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    for step in subject.model.steps() {
        if step.run().is_none() {
            continue;
        }
        for invocation in step.invocations() {
            let mut arguments = invocation.arguments.iter();
            if !is_client(invocation) && !arguments.any(|it| it.text.starts_with("--")) {
                continue;
            }
            for (at, argument) in invocation.arguments.iter().enumerate() {
                if !argument.text.is_empty() && holds_secret(invocation, at, argument) {
                    diagnostics
                        .report(
                            argument.span,
                            format!(
                                "`{}` is given a secret that the history of the image shows",
                                invocation.program
                            ),
                        )
                        .help("mount it: `RUN --mount=type=secret,id=…`");
                }
            }
        }
    }
}

/// It sends what it is given, and not only in long options.
fn is_client(invocation: &Invocation) -> bool {
    invocation.is_any(&["curl", "wget", "http"])
}

fn holds_secret(invocation: &Invocation, at: usize, argument: &Argument) -> bool {
    let text = argument.text.as_str();
    let previous = at
        .checked_sub(1)
        .map_or("", |at| invocation.arguments[at].text.as_str());
    // Every argument of a file comes by here, and hardly any is an option.
    let is_secret = |option: &str| option.starts_with("--") && OPTIONS.contains(&option);
    if text.starts_with("--")
        && let Some((option, value)) = text.split_once('=')
        && is_secret(option)
    {
        return is_written(value);
    }
    if is_secret(previous) && !text.starts_with('-') {
        return argument.literal && is_written(text);
    }
    if !is_client(invocation) {
        return false;
    }
    if matches!(previous, "-u" | "--user" | "--proxy-user") {
        return text
            .split_once(':')
            .is_some_and(|(_, password)| is_written(password));
    }
    let header = text
        .strip_prefix("--header=")
        .or(text.strip_prefix("-H"))
        .unwrap_or(text);
    let lower = header.to_ascii_lowercase();
    [
        "authorization:",
        "private-token:",
        "x-api-key:",
        "job-token:",
    ]
    .iter()
    .any(|name| {
        lower.starts_with(name)
            && header[name.len()..]
                .split_whitespace()
                .last()
                .is_some_and(is_written)
    })
}

/// A value that stands in the file, and is no path, variable or placeholder.
fn is_written(value: &str) -> bool {
    let value = value.trim_matches(['"', '\'']);
    value.len() >= 3 && !value.contains(['$', '`', '<', '{']) && !value.starts_with(['/', '@', '-'])
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::found;

    #[test]
    fn only_values_that_are_written_out() {
        for (command, column) in [
            ("useful --password=hunter2", 12),
            ("useful --token hunter2 x", 20),
            ("curl -u a:hunter2 http://x", 13),
            ("curl -H 'Authorization: Bearer abcdef' http://x", 13),
        ] {
            let text = found(&RULE, &format!("FROM a\nRUN {command}\n"));
            assert!(
                text.starts_with(&format!("2:{column} ")),
                "{command}: {text}"
            );
        }
        for command in [
            "useful --password=$PASSWORD",
            "useful --password \"$(cat /run/secrets/a)\"",
            "useful --password-stdin < /run/secrets/a",
            "curl -u \"a:$P\" http://x",
            "curl -H \"Authorization: Bearer $T\" http://x",
            "curl -H 'Accept: text/plain' http://x",
            "adduser --disabled-password app",
        ] {
            assert_eq!(
                found(&RULE, &format!("FROM a\nRUN {command}\n")),
                "",
                "{command}"
            );
        }
    }
}
