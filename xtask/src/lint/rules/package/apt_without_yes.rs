use super::options;
use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::packages::{Call, Manager};
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};

declare! {
    /// ## What it does
    /// Reports an `apt-get install` (or `upgrade`, `dist-upgrade`, `build-dep`) that asks for confirmation: without
    /// `-y`, `--yes`,
    /// `--assume-yes`, `-qq` or `-o APT::Get::Assume-Yes=true`, and with nothing piped into it.
    ///
    /// ## Why it is bad
    /// Nobody can answer during a build: as soon as a package brings others along, the command aborts.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM debian:12
    /// RUN apt-get update && apt-get install curl=7.88.1-10+deb12u12
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM debian:12
    /// RUN apt-get update && apt-get install -y curl=7.88.1-10+deb12u12
    /// ```
    ///
    /// ## Fix safety
    /// Safe: without it, the command either asks nothing or fails.
    pub(super) static RULE = Rule {
        code: "DL3014",
        name: "apt-without-yes",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Correctness,
        summary: "`apt-get install` asks before it installs",
        fix: Fixability::Sometimes(crate::edit::Safety::Safe),
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    for (step, call) in options::calls(subject.model, &[Manager::Apt]) {
        let asks = call.is_any(&[
            "install",
            "reinstall",
            "upgrade",
            "dist-upgrade",
            "build-dep",
        ]);
        if !asks || options::is_answered(&call) || answers_itself(&call) {
            continue;
        }
        let found = diagnostics
            .report(
                options::head(&call),
                format!("`{}` waits for an answer", options::spoken(&call)),
            )
            .help("add `-y`");
        options::add(found, step, &call, "-y");
    }
}

/// It takes yes for granted, or does nothing that it would ask for.
fn answers_itself(call: &Call<'_>) -> bool {
    const YES: &[&str] = &["-y", "--yes", "--assume-yes", "--force-yes"];
    const NO_CHANGE: &[&str] = &[
        "-s",
        "--simulate",
        "--dry-run",
        "--print-uris",
        "-d",
        "--download-only",
    ];
    if call.has_option(YES) || call.has_option(NO_CHANGE) {
        return true;
    }
    // Two `q` mean yes, as one word or two.
    let quiet: usize = call
        .invocation
        .options()
        .map(|option| match option.text.as_str() {
            "--quiet" => 1,
            "-q=2" | "--quiet=2" => 2,
            text if !text.starts_with("--") => text.matches('q').count(),
            _ => 0,
        })
        .sum();
    quiet >= 2
        || call.invocation.arguments.iter().any(|argument| {
            argument
                .text
                .to_ascii_lowercase()
                .contains("apt::get::assume-yes")
        })
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::{fixed, found};

    #[test]
    fn what_asks_nothing() {
        for run in [
            "apt-get install -y a",
            "apt-get -qq install a",
            "apt-get install -q -q a",
            "apt-get install -q=2 a",
            "apt-get install -yq --force-yes a",
            "apt-get -o APT::Get::Assume-Yes=true install a",
            "yes | apt-get install a",
            "apt-get update",
            "apt-get download a",
        ] {
            assert_eq!(
                found(&RULE, &format!("FROM debian:12\nRUN {run}\n")),
                "",
                "{run}"
            );
        }
    }

    #[test]
    fn what_asks() {
        assert_eq!(
            found(
                &RULE,
                "FROM debian:12\nRUN sudo apt-get -t -y install \\\n  a\n"
            ),
            "2:10 `apt-get install` waits for an answer"
        );
        assert_eq!(
            fixed(
                &RULE,
                "FROM debian:12\nRUN apt-get update; \\\n  apt-get -q install \\\n    a\n"
            ),
            "FROM debian:12\nRUN apt-get update; \\\n  apt-get -q install -y \\\n    a\n"
        );
        // Words in a JSON array are left alone.
        assert_eq!(
            fixed(
                &RULE,
                "FROM debian:12\nRUN [\"apt-get\", \"install\", \"a\"]\n"
            ),
            "FROM debian:12\nRUN [\"apt-get\", \"install\", \"a\"]\n"
        );
    }
}
