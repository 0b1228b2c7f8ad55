use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::shellcheck::scripts::each_node;
use crate::shell::{Node, WordPartKind, WordPlace};

declare! {
    /// ## What it does
    /// Reports `for x in $(ls …)`.
    ///
    /// ## Why it is bad
    /// Names with blanks or pattern characters fall apart.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM debian:12
    /// RUN for f in $(ls /conf); do cat "/conf/$f"; done
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM debian:12
    /// RUN for f in /conf/*; do cat "$f"; done
    /// ```
    ///
    /// ## References
    /// - <https://www.shellcheck.net/wiki/SC2045>
    pub(super) static RULE = Rule {
        code: "SC2045",
        name: "loop-over-ls",
        aliases: &[],
        severity: Severity::Error,
        enabled: true,
        category: Category::Correctness,
        summary: "a loop over the output of `ls`",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    each_node(subject, |_, node| {
        if let Node::Word(word, WordPlace::LoopItem) = node
            && let [part] = word.parts.as_slice()
            && let WordPartKind::CommandSubstitution { list, .. } = &part.kind
            && list
                .only()
                .and_then(|command| command.simple()?.name())
                .as_deref()
                == Some("ls")
        {
            diagnostics
                .report(
                    word.span,
                    "names with blanks fall apart in a loop over `ls`",
                )
                .help("loop over a pattern");
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
            ("for i in $(ls -l x); do a; done", "2:14"),
            ("for i in $(cat x) `a`; do a; done", ""),
        ] {
            let places: Vec<String> = found(&RULE, &format!("FROM debian:12\nRUN {script}\n"))
                .lines()
                .filter_map(|line| Some(line.split_once(' ')?.0.to_owned()))
                .collect();
            assert_eq!(places.join(" "), expected, "{script}");
        }
    }
}
