use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::shellcheck::scripts::{each_posix_node, not_in_posix};
use crate::shell::{Node, WordPlace};

declare! {
    /// ## What it does
    /// Reports `name=( … )` in text that `sh` runs.
    ///
    /// ## Why it is bad
    /// In `sh`, which is `dash` on Debian and Ubuntu, it is a syntax error.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM debian:12
    /// RUN files=(a b)
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM debian:12
    /// RUN set -- a b && touch "$@"
    /// ```
    ///
    /// ## References
    /// - <https://www.shellcheck.net/wiki/SC3030>
    pub(super) static RULE = Rule {
        code: "SC3030",
        name: "array-in-sh",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Correctness,
        summary: "an array in `sh`",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    let text = subject.model.file.source.text();
    each_posix_node(subject, |node| {
        if let Node::Word(word, WordPlace::Assignment(_)) = node
            && word.span.of(text).starts_with('(')
        {
            not_in_posix(diagnostics, word.span, "an array");
        }
    });
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::found;

    #[test]
    fn what_is_reported_and_what_is_not() {
        for (script, expected) in [("x=(a b)", "2:7"), ("x=a", ""), ("x=\"(\"", "")] {
            let places: Vec<String> = found(&RULE, &format!("FROM debian:12\nRUN {script}\n"))
                .lines()
                .filter_map(|line| Some(line.split_once(' ')?.0.to_owned()))
                .collect();
            assert_eq!(places.join(" "), expected, "{script}");
        }
    }
}
