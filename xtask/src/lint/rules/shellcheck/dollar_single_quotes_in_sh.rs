use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::shellcheck::scripts::{each_posix_node, not_in_posix};
use crate::shell::{Node, WordPartKind};

declare! {
    /// ## What it does
    /// Reports `$'…'` in text that `sh` runs.
    ///
    /// ## Why it is bad
    /// In `sh`, which is `dash` on Debian and Ubuntu, the `$` is a character of its own and the escapes stay as they
    /// are written.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM debian:12
    /// RUN printf %s $'a\n' > /x
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM debian:12
    /// RUN printf 'a\n' > /x
    /// ```
    ///
    /// ## References
    /// - <https://www.shellcheck.net/wiki/SC3003>
    pub(super) static RULE = Rule {
        code: "SC3003",
        name: "dollar-single-quotes-in-sh",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Correctness,
        summary: "`$'…'` in `sh`",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    let text = subject.model.file.source.text();
    each_posix_node(subject, |node| {
        if let Node::Part(part, _) = node
            && matches!(part.kind, WordPartKind::SingleQuoted(_))
            && part.span.of(text).starts_with('$')
        {
            not_in_posix(diagnostics, part.span, "`$'…'`");
        }
    });
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::found;

    #[test]
    fn what_is_reported_and_what_is_not() {
        for (script, expected) in [("echo $'a'", "2:10"), ("echo '$a'", "")] {
            let places: Vec<String> = found(&RULE, &format!("FROM debian:12\nRUN {script}\n"))
                .lines()
                .filter_map(|line| Some(line.split_once(' ')?.0.to_owned()))
                .collect();
            assert_eq!(places.join(" "), expected, "{script}");
        }
    }
}
