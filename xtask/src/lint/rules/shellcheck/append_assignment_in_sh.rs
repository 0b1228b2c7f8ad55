use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::shellcheck::scripts::{each_posix_node, not_in_posix};
use crate::shell::Node;

declare! {
    /// ## What it does
    /// Reports `name+=value` in text that `sh` runs.
    ///
    /// ## Why it is bad
    /// In `sh`, which is `dash` on Debian and Ubuntu, it is the name of a program that does not exist.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM debian:12
    /// RUN flags=-a; flags+=b; ls $flags
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM debian:12
    /// RUN flags=-a; flags=${flags}b; ls $flags
    /// ```
    ///
    /// ## References
    /// - <https://www.shellcheck.net/wiki/SC3024>
    pub(super) static RULE = Rule {
        code: "SC3024",
        name: "append-assignment-in-sh",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Correctness,
        summary: "`+=` in `sh`",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    each_posix_node(subject, |node| {
        if let Node::Command(command, _) = node
            && let Some(simple) = command.simple()
        {
            for assignment in simple.assignments.iter().filter(|a| a.append) {
                not_in_posix(diagnostics, assignment.span, "`+=`");
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
        for (script, expected) in [("x+=b", "2:5"), ("x=a+=b", "")] {
            let places: Vec<String> = found(&RULE, &format!("FROM debian:12\nRUN {script}\n"))
                .lines()
                .filter_map(|line| Some(line.split_once(' ')?.0.to_owned()))
                .collect();
            assert_eq!(places.join(" "), expected, "{script}");
        }
    }
}
