use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::ShellKind;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::shellcheck::names::assigned_names;
use crate::lint::rules::shellcheck::scripts::{each_script, not_in_posix};
use crate::shell::{Node, WordPartKind};
use std::collections::BTreeSet;

declare! {
    /// ## What it does
    /// Reports variables that bash sets by itself (`$RANDOM`, `$UID`, `$HOSTNAME`, …) in text that `sh` runs, where
    /// neither the build nor the script sets them.
    ///
    /// ## Why it is bad
    /// In `sh`, which is `dash` on Debian and Ubuntu, they are empty.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM debian:12
    /// RUN echo "$RANDOM" > /seed
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM debian:12
    /// RUN od -An -N2 -tu2 /dev/urandom > /seed
    /// ```
    ///
    /// ## References
    /// - <https://www.shellcheck.net/wiki/SC3028>
    pub(super) static RULE = Rule {
        code: "SC3028",
        name: "bash-variable-in-sh",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Correctness,
        summary: "a variable that only bash sets, in `sh`",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    each_script(subject, |step, shell, script| {
        if shell != ShellKind::Posix {
            return;
        }
        let mut assigned: Option<BTreeSet<&str>> = None;
        script.visit(&mut |node| {
            if let Node::Part(part, _) = node
                && let WordPartKind::Parameter { name, .. } = &part.kind
                && BASH.contains(&name.as_str())
                && step.before().variable(name).is_none()
                && !assigned
                    .get_or_insert_with(|| assigned_names(script))
                    .contains(name.as_str())
            {
                not_in_posix(diagnostics, part.span, &format!("`{name}`"));
            }
        });
    });
}

/// What bash sets and POSIX does not name.
const BASH: [&str; 20] = [
    "RANDOM",
    "UID",
    "EUID",
    "HOSTNAME",
    "SECONDS",
    "SHLVL",
    "OSTYPE",
    "MACHTYPE",
    "HOSTTYPE",
    "DIRSTACK",
    "PIPESTATUS",
    "FUNCNAME",
    "BASH_SOURCE",
    "BASH_VERSION",
    "BASH_LINENO",
    "BASHPID",
    "BASH",
    "GROUPS",
    "SRANDOM",
    "BASH_REMATCH",
];

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::found;

    #[test]
    fn what_is_reported_and_what_is_not() {
        for (script, expected) in [
            ("echo $RANDOM ${UID}", "2:10 2:18"),
            ("UID=1; echo $UID", ""),
            ("echo $PWD $HOME", ""),
        ] {
            let places: Vec<String> = found(&RULE, &format!("FROM debian:12\nRUN {script}\n"))
                .lines()
                .filter_map(|line| Some(line.split_once(' ')?.0.to_owned()))
                .collect();
            assert_eq!(places.join(" "), expected, "{script}");
        }
    }
}
