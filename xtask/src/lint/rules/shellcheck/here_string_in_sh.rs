use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::shellcheck::scripts::{each_posix_node, not_in_posix};
use crate::shell::Node;
use crate::source::Span;

declare! {
    /// ## What it does
    /// Reports `<<<` in text that `sh` runs.
    ///
    /// ## Why it is bad
    /// In `sh`, which is `dash` on Debian and Ubuntu, it is a syntax error.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM debian:12
    /// RUN cat <<< text
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM debian:12
    /// RUN printf '%s\n' text | cat
    /// ```
    ///
    /// ## References
    /// - <https://www.shellcheck.net/wiki/SC3011>
    pub(super) static RULE = Rule {
        code: "SC3011",
        name: "here-string-in-sh",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Correctness,
        summary: "a here-string in `sh`",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    each_posix_node(subject, |node| {
        if let Node::Command(command, _) = node {
            for redirection in command.redirections.iter().filter(|r| r.operator == "<<<") {
                let start = redirection.span.start;
                not_in_posix(diagnostics, Span::new(start, start + 3), "a here-string");
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
        for (script, expected) in [("a <<< b", "2:7"), ("a '<<<'", "")] {
            let places: Vec<String> = found(&RULE, &format!("FROM debian:12\nRUN {script}\n"))
                .lines()
                .filter_map(|line| Some(line.split_once(' ')?.0.to_owned()))
                .collect();
            assert_eq!(places.join(" "), expected, "{script}");
        }
    }
}
