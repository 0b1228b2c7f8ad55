use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::shellcheck::scripts::{each_node, is};
use crate::shell::{Node, RedirectionTarget};

declare! {
    /// ## What it does
    /// Reports `2>&1 >file`.
    ///
    /// ## Why it is bad
    /// Standard error goes where standard output went before: to the log of the build, not to the file.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM debian:12
    /// RUN make 2>&1 > /build.log
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM debian:12
    /// RUN make > /build.log 2>&1
    /// ```
    ///
    /// ## References
    /// - <https://www.shellcheck.net/wiki/SC2069>
    pub(super) static RULE = Rule {
        code: "SC2069",
        name: "redirection-order",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Correctness,
        summary: "`2>&1` stands before the redirection it is meant to follow",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    each_node(subject, |_, node| {
        if let Node::Command(command, place) = node
            && !place.captured
            && let [first, second] = command.redirections.as_slice()
            && first.operator == ">&"
            && first.descriptor == Some(2)
            && matches!(&first.target, RedirectionTarget::Word(word) if is(word, "1"))
            && matches!(second.operator.as_str(), ">" | ">>")
            && matches!(second.descriptor, None | Some(1))
        {
            diagnostics
                .report(
                    first.span,
                    "standard error still goes where standard output went before",
                )
                .help("write `2>&1` last");
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
            ("x 2>&1 >f", "2:7"),
            ("x > f 2>&1; x 2>&1 >f | y; x 2>&1 >&3; y=$(x 2>&1 >f)", ""),
            ("x 2>&1 >> f || y", "2:7"),
        ] {
            let places: Vec<String> = found(&RULE, &format!("FROM debian:12\nRUN {script}\n"))
                .lines()
                .filter_map(|line| Some(line.split_once(' ')?.0.to_owned()))
                .collect();
            assert_eq!(places.join(" "), expected, "{script}");
        }
    }
}
