use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::Known;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::commands::unix_commands_of;
use crate::lint::rules::mending::is_open;
use crate::source::Span;

declare! {
    /// ## What it does
    /// Reports `useradd` with a user number of six digits or more without `--no-log-init` (`-l`).
    ///
    /// Unlike hadolint, a variable is reported only if the number in it is known to be that high.
    ///
    /// ## Why it is bad
    /// `useradd` makes an entry in `/var/log/faillog` and `/var/log/lastlog`, which are indexed by the number: files of
    /// many gigabytes,
    /// sparse on disk, that become real bytes in the layer.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM debian:12
    /// RUN useradd -u 1000123 app
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM debian:12
    /// RUN useradd -l -u 1000123 app
    /// ```
    ///
    /// ## Fix safety
    /// Safe: the user is the same; only the empty log entries are not made.
    pub(super) static RULE = Rule {
        code: "DL3046",
        name: "useradd-with-high-uid",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Size,
        summary: "`useradd` with a high number makes a huge log file",
        fix: Fixability::Sometimes(crate::edit::Safety::Safe),
        check: Check::Dockerfile(check),
    };
}

const HIGH: u64 = 100_000;

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    for (step, invocation) in unix_commands_of(subject.model, &["useradd"]) {
        if invocation.has_option(&["-l", "--no-log-init"]) {
            continue;
        }
        let Some(written) = invocation.option_value(&["-u", "--uid"]) else {
            continue;
        };
        let number = match step.before().expand(written) {
            Known::Yes(number) => number,
            Known::Unknown => written.to_owned(),
        };
        if number.parse::<u64>().is_ok_and(|number| number >= HIGH) {
            let found = diagnostics
                .report(
                    invocation.program_span,
                    format!("`useradd` with number {number} makes huge log files"),
                )
                .help("add `-l`");
            if is_open(step, invocation) {
                let at = invocation.program_span.end;
                found.fix("add `-l`", [(Span::new(at, at), " -l".to_owned())]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::{fixed, found};

    #[test]
    fn small_numbers_and_those_without_logs() {
        for run in [
            "useradd -u 99999 a",
            "useradd -l -u 100000 a",
            "useradd -lu 1000000 a",
            "useradd --no-log-init --uid=1000000 a",
            "useradd -u $LONG_NAME a",
            "adduser -u 1000000 a",
        ] {
            assert_eq!(
                found(&RULE, &format!("FROM debian:12\nRUN {run}\n")),
                "",
                "{run}"
            );
        }
    }

    #[test]
    fn every_way_to_write_the_number() {
        for (run, expected) in [
            ("useradd -u100000 a", "useradd -l -u100000 a"),
            ("useradd --uid 100000 a", "useradd -l --uid 100000 a"),
            ("useradd a --uid=100000", "useradd -l a --uid=100000"),
        ] {
            assert_eq!(
                fixed(&RULE, &format!("FROM debian:12\nRUN {run}\n")),
                format!("FROM debian:12\nRUN {expected}\n")
            );
        }
    }
}
