use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::shellcheck::scripts::{each_program, is, quotes_around};
use crate::shell::{Word, WordPart, WordPartKind};
use crate::source::Span;

declare! {
    /// ## What it does
    /// Reports `-n` in `[ … ]` with a word outside of quotes.
    ///
    /// ## Why it is bad
    /// If the value is empty, `[ -n ]` is left, which is true.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM debian:12
    /// ARG MODE
    /// RUN if [ -n $MODE ]; then touch /mode; fi
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM debian:12
    /// ARG MODE
    /// RUN if [ -n "$MODE" ]; then touch /mode; fi
    /// ```
    ///
    /// ## Fix safety
    /// Unsafe: the test can now be false, as it is meant to.
    ///
    /// ## References
    /// - <https://www.shellcheck.net/wiki/SC2070>
    pub(super) static RULE = Rule {
        code: "SC2070",
        name: "unquoted-test-of-length",
        aliases: &[],
        severity: Severity::Error,
        enabled: true,
        category: Category::Correctness,
        summary: "`[ -n $x ]` is always true",
        fix: Fixability::Always(crate::edit::Safety::Unsafe),
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    each_program(subject, |name, simple, _| {
        if name != "[" {
            return;
        }
        for pair in simple.words.windows(2) {
            let unquoted = |part: &WordPart| {
                matches!(
                    part.kind,
                    WordPartKind::Parameter { .. } | WordPartKind::CommandSubstitution { .. }
                )
            };
            if is(&pair[0], "-n") && pair[1].parts.iter().any(unquoted) {
                diagnostics
                    .report(
                        pair[1].span,
                        "`-n` with a word outside of quotes is true even if it is empty",
                    )
                    .help("quote it")
                    .fix("quote it", quoted(&pair[1]));
            }
        }
    });
}

fn quoted(word: &Word) -> Vec<(Span, String)> {
    let expansion = |part: &&WordPart| {
        matches!(
            part.kind,
            WordPartKind::Parameter { .. } | WordPartKind::CommandSubstitution { .. }
        )
    };
    word.parts
        .iter()
        .filter(expansion)
        .flat_map(|part| quotes_around(part.span))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::found;

    #[test]
    fn what_is_reported_and_what_is_not() {
        for (script, expected) in [
            ("[ -n $x ]", "2:10"),
            ("[ -n \"$x\" ]; [ -z $x ]; [[ -n $x ]]; test -n $x", ""),
            ("[ -n `a` ]", "2:10"),
        ] {
            let places: Vec<String> = found(&RULE, &format!("FROM debian:12\nRUN {script}\n"))
                .lines()
                .filter_map(|line| Some(line.split_once(' ')?.0.to_owned()))
                .collect();
            assert_eq!(places.join(" "), expected, "{script}");
        }
    }
}
