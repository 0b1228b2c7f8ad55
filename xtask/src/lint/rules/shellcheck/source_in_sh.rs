use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::shellcheck::scripts::{each_posix_node, is};
use crate::shell::Node;

declare! {
    /// ## What it does
    /// Reports `source file` in text that `sh` runs.
    ///
    /// ## Why it is bad
    /// In `sh`, which is `dash` on Debian and Ubuntu, there is no `source`: the build fails.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM debian:12
    /// RUN source /etc/os-release && echo "$ID"
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM debian:12
    /// RUN . /etc/os-release && echo "$ID"
    /// ```
    ///
    /// ## Fix safety
    /// Safe: `.` does the same in every shell.
    ///
    /// ## References
    /// - <https://www.shellcheck.net/wiki/SC3046>
    pub(super) static RULE = Rule {
        code: "SC3046",
        name: "source-in-sh",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Correctness,
        summary: "`source` in `sh`",
        fix: Fixability::Always(crate::edit::Safety::Safe),
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    each_posix_node(subject, |node| {
        if let Node::Command(command, _) = node
            && let Some(word) = command.simple().and_then(|simple| simple.words.first())
            && is(word, "source")
        {
            diagnostics
                .report(command.span, "`source` is not defined in POSIX `sh`")
                .help("write `.`")
                .fix("write `.`", [(word.span, ".".to_owned())]);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::found;

    #[test]
    fn what_is_reported_and_what_is_not() {
        for (script, expected) in [("source ./x && y", "2:5"), (". ./x; echo source", "")] {
            let places: Vec<String> = found(&RULE, &format!("FROM debian:12\nRUN {script}\n"))
                .lines()
                .filter_map(|line| Some(line.split_once(' ')?.0.to_owned()))
                .collect();
            assert_eq!(places.join(" "), expected, "{script}");
        }
    }
}
