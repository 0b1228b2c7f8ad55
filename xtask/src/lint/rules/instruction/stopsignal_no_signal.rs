use crate::dockerfile::InstructionKind;
use crate::edit::Safety;
use crate::finding::Severity;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::{Diagnostics, Known};
use crate::project::suggestion::nearest;

/// Signals of Linux, as the engine knows them.
const SIGNALS: [&str; 36] = [
    "SIGABRT",
    "SIGALRM",
    "SIGBUS",
    "SIGCHLD",
    "SIGCLD",
    "SIGCONT",
    "SIGFPE",
    "SIGHUP",
    "SIGILL",
    "SIGINT",
    "SIGIO",
    "SIGIOT",
    "SIGKILL",
    "SIGPIPE",
    "SIGPOLL",
    "SIGPROF",
    "SIGPWR",
    "SIGQUIT",
    "SIGSEGV",
    "SIGSTKFLT",
    "SIGSTOP",
    "SIGSYS",
    "SIGTERM",
    "SIGTRAP",
    "SIGTSTP",
    "SIGTTIN",
    "SIGTTOU",
    "SIGURG",
    "SIGUSR1",
    "SIGUSR2",
    "SIGVTALRM",
    "SIGWINCH",
    "SIGXCPU",
    "SIGXFSZ",
    "SIGRTMIN",
    "SIGRTMAX",
];

declare! {
    /// ## What it does
    /// Reports a `STOPSIGNAL` that is neither the name of a signal of Linux, with or without `SIG`, nor a number from 1 to
    /// 64. `RTMIN+3` and `RTMAX-2` are names, too. Variables are replaced where they are known.
    ///
    /// ## Why it is bad
    /// The image builds. Its containers do not start, or cannot be stopped: the engine refuses a signal it does not know.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM nginx:1.27.2
    /// STOPSIGNAL SIGQIUT
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM nginx:1.27.2
    /// STOPSIGNAL SIGQUIT
    /// ```
    ///
    /// ## Fix safety
    /// Unsafe: the nearest name is written. There is no fix if none is near.
    ///
    /// ## References
    /// - <https://docs.docker.com/reference/dockerfile/#stopsignal>
    pub(super) static RULE = Rule {
        code: "DX1801",
        name: "stopsignal-no-signal",
        aliases: &[],
        severity: Severity::Error,
        enabled: true,
        category: Category::Correctness,
        summary: "`STOPSIGNAL` names no signal",
        fix: Fixability::Sometimes(Safety::Unsafe),
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    for step in subject.model.steps() {
        let InstructionKind::Stopsignal(signal) = step.kind() else {
            continue;
        };
        let value = if signal.value.contains('$') {
            match step.before().expand(&signal.value) {
                Known::Yes(value) => value,
                Known::Unknown => continue,
            }
        } else {
            signal.value.trim_matches(['"', '\'']).to_owned()
        };
        if is_signal(&value) {
            continue;
        }
        let found = diagnostics.report(signal.span, format!("`{value}` is no signal"));
        match nearest(&with_prefix(&value), SIGNALS).filter(|_| !signal.value.contains('$')) {
            Some(near) => found
                .help(format!("did you mean `{near}`?"))
                .unsafe_fix(format!("write `{near}`"), [(signal.span, near.to_owned())]),
            None => found.help("name a signal, such as `SIGTERM`"),
        };
    }
}

fn with_prefix(value: &str) -> String {
    let upper = value.to_ascii_uppercase();
    if upper.starts_with("SIG") {
        upper
    } else {
        format!("SIG{upper}")
    }
}

fn is_signal(value: &str) -> bool {
    if let Ok(number) = value.parse::<u8>() {
        return (1..=64).contains(&number);
    }
    let name = with_prefix(value);
    if let Some((base, number)) = name.split_once(['+', '-']) {
        let fits = number
            .parse::<u8>()
            .is_ok_and(|number| (1..=15).contains(&number));
        return fits
            && (name.starts_with("SIGRTMIN+") || name.starts_with("SIGRTMAX-"))
            && SIGNALS.contains(&base);
    }
    SIGNALS.contains(&name.as_str())
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::{fixed, found};

    #[test]
    fn names_and_numbers_are_fine() {
        for signal in [
            "SIGTERM",
            "term",
            "9",
            "SIGRTMIN+3",
            "RTMAX-14",
            "\"SIGINT\"",
            "$SIGNAL_UNKNOWN",
        ] {
            assert_eq!(
                found(&RULE, &format!("FROM a:1\nSTOPSIGNAL {signal}\n")),
                "",
                "{signal}"
            );
        }
    }

    #[test]
    fn what_is_none_is_named() {
        for (signal, meant) in [
            ("SIGTREM", "SIGTERM"),
            ("SIG_KILL", "SIGKILL"),
            ("USR3", "SIGUSR1"),
        ] {
            assert_eq!(
                found(&RULE, &format!("FROM a:1\nSTOPSIGNAL {signal}\n")),
                format!("2:12 `{signal}` is no signal")
            );
            assert_eq!(
                fixed(&RULE, &format!("FROM a:1\nSTOPSIGNAL {signal}\n")),
                format!("FROM a:1\nSTOPSIGNAL {meant}\n")
            );
        }
        for signal in ["0", "65", "now", "SIGRTMIN+16"] {
            assert_ne!(
                found(&RULE, &format!("FROM a:1\nSTOPSIGNAL {signal}\n")),
                "",
                "{signal}"
            );
        }
    }
}
