use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::shellcheck::scripts::each_node;
use crate::shell::{Node, WordPartKind};
use crate::source::Span;

declare! {
    /// ## What it does
    /// Reports command substitution that is written with backticks.
    ///
    /// ## Why it is bad
    /// Backticks cannot be nested without escapes, and backslashes in them mean something else than elsewhere.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM debian:12
    /// RUN echo "built on `date`" > /built
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM debian:12
    /// RUN echo "built on $(date)" > /built
    /// ```
    ///
    /// ## Fix safety
    /// Safe: the same command is run. There is a fix where nothing in it is escaped.
    ///
    /// ## References
    /// - <https://www.shellcheck.net/wiki/SC2006>
    pub(super) static RULE = Rule {
        code: "SC2006",
        name: "backticks",
        aliases: &[],
        severity: Severity::Style,
        enabled: true,
        category: Category::Style,
        summary: "backticks instead of `$(…)`",
        fix: Fixability::Sometimes(crate::edit::Safety::Safe),
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    let text = subject.model.file.source.text();
    each_node(subject, |_, node| {
        let Node::Part(part, _) = node else { return };
        let WordPartKind::CommandSubstitution {
            list,
            backticks: true,
        } = &part.kind
        else {
            return;
        };
        // A comment in backticks is a way to write comments between lines.
        if list.statements.is_empty() {
            return;
        }
        let Span { start, end } = part.span;
        let found = diagnostics
            .report(part.span, "backticks are the old way to write `$(…)`")
            .help("write `$(…)`");
        // Escapes would have to be taken apart, and `$((` means something else.
        let inner = text
            .get(start + 1..end.saturating_sub(1))
            .unwrap_or_default();
        if text[start..end].ends_with('`')
            && !inner.is_empty()
            && !inner.contains(['\\', '#'])
            && !inner.starts_with('(')
        {
            let edits = [
                (Span::new(start, start + 1), "$(".to_owned()),
                (Span::new(end - 1, end), ")".to_owned()),
            ];
            found.fix("write `$(…)`", edits);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::found;

    #[test]
    fn what_is_reported_and_what_is_not() {
        for (script, expected) in [("echo `a` \"`b`\"", "2:10 2:15"), ("echo '`a`' \\`", "")] {
            let places: Vec<String> = found(&RULE, &format!("FROM debian:12\nRUN {script}\n"))
                .lines()
                .filter_map(|line| Some(line.split_once(' ')?.0.to_owned()))
                .collect();
            assert_eq!(places.join(" "), expected, "{script}");
        }
    }
}
