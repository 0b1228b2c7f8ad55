use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::shellcheck::scripts::{each_posix_node, not_in_posix};
use crate::shell::{Node, WordPartKind};

declare! {
    /// ## What it does
    /// Reports `${name^^}` and `${name,,}` in text that `sh` runs.
    ///
    /// ## Why it is bad
    /// In `sh`, which is `dash` on Debian and Ubuntu, it ends with “Bad substitution” and the build fails; it works
    /// only where `/bin/sh` happens to be another shell.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM debian:12
    /// RUN echo "${HOME^^}"
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM debian:12
    /// RUN echo "$HOME" | tr "[:lower:]" "[:upper:]"
    /// ```
    ///
    /// ## References
    /// - <https://www.shellcheck.net/wiki/SC3059>
    pub(super) static RULE = Rule {
        code: "SC3059",
        name: "case-modification-in-sh",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Correctness,
        summary: "`${name^^}` in `sh`",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    each_posix_node(subject, |node| {
        if let Node::Part(part, _) = node
            && let WordPartKind::Parameter {
                operation: Some(operation),
                ..
            } = &part.kind
            && operation.starts_with(['^', ','])
        {
            not_in_posix(diagnostics, part.span, "case modification");
        }
    });
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::found;

    #[test]
    fn what_is_reported_and_what_is_not() {
        for (script, expected) in [("echo ${x^^} ${x,,}", "2:10 2:17"), ("echo ${x%,}", "")] {
            let places: Vec<String> = found(&RULE, &format!("FROM debian:12\nRUN {script}\n"))
                .lines()
                .filter_map(|line| Some(line.split_once(' ')?.0.to_owned()))
                .collect();
            assert_eq!(places.join(" "), expected, "{script}");
        }
    }
}
