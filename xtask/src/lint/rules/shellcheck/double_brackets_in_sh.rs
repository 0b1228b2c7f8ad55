use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::shellcheck::scripts::{each_posix_node, not_in_posix};
use crate::shell::{CommandKind, Node};

declare! {
    /// ## What it does
    /// Reports `[[ … ]]` in text that `sh` runs.
    ///
    /// ## Why it is bad
    /// In `sh`, which is `dash` on Debian and Ubuntu, `[[` is no command: the condition is never met, and the build
    /// goes on without a word.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM debian:12
    /// RUN if [[ -f /x ]]; then rm /x; fi
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM debian:12
    /// RUN if [ -f /x ]; then rm /x; fi
    /// ```
    ///
    /// ## References
    /// - <https://www.shellcheck.net/wiki/SC3010>
    pub(super) static RULE = Rule {
        code: "SC3010",
        name: "double-brackets-in-sh",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Correctness,
        summary: "`[[ … ]]` in `sh`",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    each_posix_node(subject, |node| {
        if let Node::Command(command, _) = node
            && matches!(command.kind, CommandKind::Test(_))
        {
            not_in_posix(diagnostics, command.span, "`[[ … ]]`");
        }
    });
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::found;

    #[test]
    fn what_is_reported_and_what_is_not() {
        for (script, expected) in [("[[ -f a ]] && b", "2:5"), ("[ -f a ]", "")] {
            let places: Vec<String> = found(&RULE, &format!("FROM debian:12\nRUN {script}\n"))
                .lines()
                .filter_map(|line| Some(line.split_once(' ')?.0.to_owned()))
                .collect();
            assert_eq!(places.join(" "), expected, "{script}");
        }
    }
}
