use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::shellcheck::scripts::{each_posix_node, is};
use crate::shell::{CommandKind, Node};

declare! {
    /// ## What it does
    /// Reports `==` in `[ … ]`, `test` and `[[ … ]]` in text that `sh` runs.
    ///
    /// ## Why it is bad
    /// In `sh`, which is `dash` on Debian and Ubuntu, `==` is an unknown operator: the test fails, and what it guards
    /// is passed over.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM debian:12
    /// ARG MODE
    /// RUN if [ "$MODE" == debug ]; then touch /debug; fi
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM debian:12
    /// ARG MODE
    /// RUN if [ "$MODE" = debug ]; then touch /debug; fi
    /// ```
    ///
    /// ## Fix safety
    /// Safe: every shell takes `=`, with the same meaning.
    ///
    /// ## References
    /// - <https://www.shellcheck.net/wiki/SC3014>
    pub(super) static RULE = Rule {
        code: "SC3014",
        name: "double-equals-in-sh",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Correctness,
        summary: "`==` in a test that `sh` runs",
        fix: Fixability::Always(crate::edit::Safety::Safe),
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    each_posix_node(subject, |node| {
        let Node::Command(command, _) = node else {
            return;
        };
        let words = match &command.kind {
            CommandKind::Test(words) => words,
            CommandKind::Simple(simple) => match simple.name().as_deref() {
                Some("[" | "test") => &simple.words,
                _ => return,
            },
            _ => return,
        };
        for word in words.iter().filter(|word| is(word, "==")) {
            diagnostics
                .report(word.span, "`==` is not defined in POSIX `sh`")
                .help("write `=`")
                .fix("write `=`", [(word.span, "=".to_owned())]);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::found;

    #[test]
    fn what_is_reported_and_what_is_not() {
        for (script, expected) in [
            ("[ a == b ]", "2:9"),
            ("test a == b", "2:12"),
            ("[ a = b ]", ""),
            ("echo ==", ""),
        ] {
            let places: Vec<String> = found(&RULE, &format!("FROM debian:12\nRUN {script}\n"))
                .lines()
                .filter_map(|line| Some(line.split_once(' ')?.0.to_owned()))
                .collect();
            assert_eq!(places.join(" "), expected, "{script}");
        }
    }
}
