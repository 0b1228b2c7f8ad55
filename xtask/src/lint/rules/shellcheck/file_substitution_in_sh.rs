use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::shellcheck::scripts::each_posix_node;
use crate::shell::{Node, WordPartKind};
use crate::source::Span;

declare! {
    /// ## What it does
    /// Reports `$(< file)` in text that `sh` runs.
    ///
    /// ## Why it is bad
    /// In `sh`, which is `dash` on Debian and Ubuntu, it yields nothing, without any error.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM debian:12
    /// RUN version="$(< /version)" && echo "$version"
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM debian:12
    /// RUN version="$(cat /version)" && echo "$version"
    /// ```
    ///
    /// ## Fix safety
    /// Safe: `cat` yields in every shell what is meant.
    ///
    /// ## References
    /// - <https://www.shellcheck.net/wiki/SC3034>
    pub(super) static RULE = Rule {
        code: "SC3034",
        name: "file-substitution-in-sh",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Correctness,
        summary: "`$(<file)` in `sh`",
        fix: Fixability::Always(crate::edit::Safety::Safe),
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    each_posix_node(subject, |node| {
        if let Node::Part(part, _) = node
            && let WordPartKind::CommandSubstitution { list, .. } = &part.kind
            && let Some(command) = list.only()
            && let [redirection] = command.redirections.as_slice()
            && redirection.operator == "<"
            && command
                .simple()
                .is_some_and(|simple| simple.words.is_empty() && simple.assignments.is_empty())
        {
            let operator = Span::new(redirection.span.start, redirection.span.start + 1);
            diagnostics
                .report(part.span, "`$(< …)` is not defined in POSIX `sh`")
                .help("read the file with `cat`")
                .fix("read the file with `cat`", [(operator, "cat ".to_owned())]);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::found;

    #[test]
    fn what_is_reported_and_what_is_not() {
        for (script, expected) in [("echo $(< x)", "2:10"), ("echo \"$(<x)\" $(a < x)", "2:11")] {
            let places: Vec<String> = found(&RULE, &format!("FROM debian:12\nRUN {script}\n"))
                .lines()
                .filter_map(|line| Some(line.split_once(' ')?.0.to_owned()))
                .collect();
            assert_eq!(places.join(" "), expected, "{script}");
        }
    }
}
