use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::commands::unix_commands_of;
use crate::lint::rules::mending::is_open;
use crate::source::Span;

declare! {
    /// ## What it does
    /// Reports a `wget` that says how far it is: without `--progress`, `-q`, `-nv`, and without a log file of its own
    /// (`-o`, `-a`).
    ///
    /// ## Why it is bad
    /// The bar is made for a terminal. In a build log it becomes thousands of lines for a large file.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM debian:12
    /// RUN wget https://example.com/tool.tar.gz
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM debian:12
    /// RUN wget --progress=dot:giga https://example.com/tool.tar.gz
    /// ```
    ///
    /// ## Fix safety
    /// Safe: the same file is downloaded. Where the image may have BusyBox's `wget`, which knows no `--progress`, the
    /// fix adds `-q`.
    pub(super) static RULE = Rule {
        code: "DL3047",
        name: "wget-with-progress-bar",
        aliases: &[],
        severity: Severity::Note,
        enabled: true,
        category: Category::Style,
        summary: "`wget` draws a progress bar into the build log",
        fix: Fixability::Sometimes(crate::edit::Safety::Safe),
        check: Check::Dockerfile(check),
    };
}

const QUIET: &[&str] = &[
    "-q",
    "--quiet",
    "-nv",
    "--no-verbose",
    "--progress",
    "-o",
    "--output-file",
    "-a",
    "--append-output",
];

/// Nothing is downloaded.
const NO_DOWNLOAD: &[&str] = &["--version", "-V", "--help", "-h", "--spider"];

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    for (step, invocation) in unix_commands_of(subject.model, &["wget"]) {
        if invocation.arguments.is_empty() {
            continue;
        }
        if invocation
            .options()
            .any(|it| is_any(&it.text, QUIET) || is_any(&it.text, NO_DOWNLOAD))
        {
            continue;
        }
        let found = diagnostics
            .report(
                invocation.program_span,
                "`wget` fills the build log with its progress",
            )
            .help("add `--progress=dot:giga`, or `-q` where it is BusyBox's");
        if is_open(step, invocation) {
            // Only GNU's has `--progress`.
            let is_gnu =
                matches!(step.before().distribution(), Some((name, _)) if name != "alpine");
            let option = if is_gnu { "--progress=dot:giga" } else { "-q" };
            let at = invocation.program_span.end;
            found.fix(
                format!("add `{option}`"),
                [(Span::new(at, at), format!(" {option}"))],
            );
        }
    }
}

fn is_any(option: &str, names: &[&str]) -> bool {
    names.iter().any(|name| {
        let is_letter = name.len() == 2;
        if is_letter && !option.starts_with("--") {
            // What follows a letter with a value is the value; `-nc` and its like are one option.
            let letters = option[1..]
                .split(['O', 'P', 'U', 'e', 'i', 't', 'T', 'w'])
                .next();
            return !option.starts_with("-n") && letters.is_some_and(|it| it.contains(&name[1..]));
        }
        option
            .strip_prefix(name)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('='))
    })
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::{fixed, found};

    #[test]
    fn quiet_ways() {
        for run in [
            "wget -q https://x",
            "wget -qO- https://x",
            "wget -nv https://x",
            "wget --no-verbose https://x",
            "wget --progress=dot:giga https://x",
            "wget --progress dot https://x",
            "wget -o log https://x",
            "wget --version",
            "wget -q --spider https://x",
            "apt-get install -y wget",
        ] {
            assert_eq!(
                found(&RULE, &format!("FROM debian:12\nRUN {run}\n")),
                "",
                "{run}"
            );
        }
    }

    #[test]
    fn loud_ways() {
        for run in [
            "wget https://x",
            "wget -O- https://x",
            "wget -Oq https://x",
            "wget -nc -P q https://x",
        ] {
            let text = format!("FROM scratch\nRUN {run}\n");
            assert_ne!(found(&RULE, &text), "", "{run}");
            assert_eq!(fixed(&RULE, &text), text.replace("wget", "wget -q"));
        }
    }
}
