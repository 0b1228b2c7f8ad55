use super::options;
use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::packages::Manager;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::mending;
use crate::source::Span;

declare! {
    /// ## What it does
    /// Reports a `zypper` command that asks for confirmation: `install`, `remove`, `update`, `patch` and their like
    /// without
    /// `--non-interactive` (`-n`) before, or `--no-confirm` (`-y`) behind the verb.
    ///
    /// ## Why it is bad
    /// Nobody can answer during a build: the command aborts, and the build with it.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM opensuse/leap:15.6
    /// RUN zypper install curl=8.6.0 && zypper clean
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM opensuse/leap:15.6
    /// RUN zypper -n install curl=8.6.0 && zypper clean
    /// ```
    ///
    /// ## Fix safety
    /// Safe: without it, the command fails.
    pub(super) static RULE = Rule {
        code: "DL3034",
        name: "zypper-interactive",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Correctness,
        summary: "`zypper` asks before it acts",
        fix: Fixability::Sometimes(crate::edit::Safety::Safe),
        check: Check::Dockerfile(check),
    };
}

const ASKING: &[&str] = &[
    "install",
    "in",
    "remove",
    "rm",
    "update",
    "up",
    "patch",
    "dist-upgrade",
    "dup",
    "source-install",
    "si",
];

const ANSWERS: &[&str] = &[
    "-n",
    "--non-interactive",
    "-y",
    "--no-confirm",
    "-D",
    "--dry-run",
];

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    for (step, call) in options::calls(subject.model, &[Manager::Zypper]) {
        if !call.is_any(ASKING) || options::is_answered(&call) || call.has_option(ANSWERS) {
            continue;
        }
        let found = diagnostics
            .report(
                options::head(&call),
                format!("`{}` waits for an answer", options::spoken(&call)),
            )
            .help("add `-n` before the verb");
        if mending::is_open(step, call.invocation) {
            let at = call.invocation.program_span.end;
            found.fix("add `-n`", [(Span::new(at, at), " -n".to_owned())]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::{fixed, found};

    #[test]
    fn what_asks_nothing() {
        for run in [
            "zypper -n in a",
            "zypper --non-interactive install a",
            "zypper install -y a",
            "zypper install --no-confirm a",
            "zypper --gpg-auto-import-keys -n up",
            "zypper refresh",
            "zypper addrepo x",
        ] {
            assert_eq!(
                found(&RULE, &format!("FROM opensuse/leap:15\nRUN {run}\n")),
                "",
                "{run}"
            );
        }
    }

    #[test]
    fn the_option_is_a_global_one() {
        assert_eq!(
            fixed(&RULE, "FROM opensuse/leap:15\nRUN zypper --quiet rm -u a\n"),
            "FROM opensuse/leap:15\nRUN zypper -n --quiet rm -u a\n"
        );
    }
}
