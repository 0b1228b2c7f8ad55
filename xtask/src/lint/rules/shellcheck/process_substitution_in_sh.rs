use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::shellcheck::scripts::{each_posix_node, not_in_posix};
use crate::shell::{Node, WordPartKind};

declare! {
    /// ## What it does
    /// Reports `<(…)` and `>(…)` in text that `sh` runs.
    ///
    /// ## Why it is bad
    /// In `sh`, which is `dash` on Debian and Ubuntu, process substitution is a syntax error.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM debian:12
    /// RUN diff <(ls /a) <(ls /b)
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM debian:12
    /// SHELL ["/bin/bash", "-c"]
    /// RUN diff <(ls /a) <(ls /b)
    /// ```
    ///
    /// ## References
    /// - <https://www.shellcheck.net/wiki/SC3001>
    pub(super) static RULE = Rule {
        code: "SC3001",
        name: "process-substitution-in-sh",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Correctness,
        summary: "process substitution in `sh`",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    each_posix_node(subject, |node| {
        if let Node::Part(part, _) = node
            && matches!(part.kind, WordPartKind::ProcessSubstitution(_))
        {
            not_in_posix(diagnostics, part.span, "process substitution");
        }
    });
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::found;

    #[test]
    fn what_is_reported_and_what_is_not() {
        for (script, expected) in [("a <(b)", "2:7"), ("a '<(b)'", "")] {
            let places: Vec<String> = found(&RULE, &format!("FROM debian:12\nRUN {script}\n"))
                .lines()
                .filter_map(|line| Some(line.split_once(' ')?.0.to_owned()))
                .collect();
            assert_eq!(places.join(" "), expected, "{script}");
        }
    }
}
