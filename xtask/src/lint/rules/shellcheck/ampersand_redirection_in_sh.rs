use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::shellcheck::scripts::each_posix_node;
use crate::shell::Node;
use crate::source::Span;

declare! {
    /// ## What it does
    /// Reports `&>` in text that `sh` runs.
    ///
    /// ## Why it is bad
    /// In `sh`, which is `dash` on Debian and Ubuntu, `a &> b` starts `a` in the background and empties `b`: the
    /// build does not wait for it, and never sees it fail.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM debian:12
    /// RUN make &> /log
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM debian:12
    /// RUN make > /log 2>&1
    /// ```
    ///
    /// ## Fix safety
    /// Unsafe: the command no longer runs in the background, so its status counts from now on.
    ///
    /// ## References
    /// - <https://www.shellcheck.net/wiki/SC3020>
    pub(super) static RULE = Rule {
        code: "SC3020",
        name: "ampersand-redirection-in-sh",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Correctness,
        summary: "`&>` in `sh`",
        fix: Fixability::Always(crate::edit::Safety::Unsafe),
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    each_posix_node(subject, |node| {
        if let Node::Command(command, _) = node {
            for redirection in command.redirections.iter().filter(|r| r.operator == "&>") {
                let start = redirection.span.start;
                let found = diagnostics
                    .report(
                        Span::new(start, start + 2),
                        "`&>` is not defined in POSIX `sh`",
                    )
                    .help("write `> file 2>&1`");
                let edits = [
                    (Span::new(start, start + 2), ">".to_owned()),
                    (
                        Span::new(redirection.span.end, redirection.span.end),
                        " 2>&1".to_owned(),
                    ),
                ];
                found.unsafe_fix("redirect standard error to the same file", edits);
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::found;

    #[test]
    fn what_is_reported_and_what_is_not() {
        for (script, expected) in [("a &> x", "2:7"), ("a > x 2>&1", "")] {
            let places: Vec<String> = found(&RULE, &format!("FROM debian:12\nRUN {script}\n"))
                .lines()
                .filter_map(|line| Some(line.split_once(' ')?.0.to_owned()))
                .collect();
            assert_eq!(places.join(" "), expected, "{script}");
        }
    }
}
