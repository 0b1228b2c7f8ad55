use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::shellcheck::scripts::{each_posix_node, is, not_in_posix};
use crate::shell::Node;

declare! {
    /// ## What it does
    /// Reports `local` in text that `sh` runs.
    ///
    /// ## Why it is bad
    /// POSIX does not name it. Most shells have it, but they do not agree on what `local a=$b` splits.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM debian:12
    /// RUN f() { local a=1; echo "$a"; }; f
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM debian:12
    /// RUN f() { a=1; echo "$a"; }; f
    /// ```
    ///
    /// ## References
    /// - <https://www.shellcheck.net/wiki/SC3043>
    pub(super) static RULE = Rule {
        code: "SC3043",
        name: "local-in-sh",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Correctness,
        summary: "`local` in `sh`",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    each_posix_node(subject, |node| {
        if let Node::Command(command, _) = node
            && command
                .simple()
                .is_some_and(|simple| simple.words.first().is_some_and(|word| is(word, "local")))
        {
            not_in_posix(diagnostics, command.span, "`local`");
        }
    });
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::found;

    #[test]
    fn what_is_reported_and_what_is_not() {
        for (script, expected) in [("local x=1", "2:5"), ("echo local", "")] {
            let places: Vec<String> = found(&RULE, &format!("FROM debian:12\nRUN {script}\n"))
                .lines()
                .filter_map(|line| Some(line.split_once(' ')?.0.to_owned()))
                .collect();
            assert_eq!(places.join(" "), expected, "{script}");
        }
    }
}
