use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::shellcheck::scripts::each_node;
use crate::shell::{Node, WordPartKind, WordPlace};
use crate::source::Span;

declare! {
    /// ## What it does
    /// Reports patterns like `[aab]`: brackets match one character, not a word.
    ///
    /// ## Why it is bad
    /// `pip install uvicorn[standard]` is a pattern to the shell; it does what is meant only as long as no file
    /// matches.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM debian:12
    /// RUN pip install uvicorn[standard]
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM debian:12
    /// RUN pip install 'uvicorn[standard]'
    /// ```
    ///
    /// ## Fix safety
    /// Unsafe: it is no pattern any more.
    ///
    /// ## References
    /// - <https://www.shellcheck.net/wiki/SC2102>
    pub(super) static RULE = Rule {
        code: "SC2102",
        name: "repeated-character-in-range",
        aliases: &[],
        severity: Severity::Note,
        enabled: true,
        category: Category::Correctness,
        summary: "a range of characters names one twice",
        fix: Fixability::Sometimes(super::scripts::QUOTING),
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    each_node(subject, |_, node| {
        let Node::Word(word, WordPlace::Command(..) | WordPlace::LoopItem) = node else {
            return;
        };
        for part in &word.parts {
            let WordPartKind::Literal(text) = &part.kind else {
                continue;
            };
            let Some(open) = text.find('[') else { continue };
            let Some(close) = text[open..].find(']').map(|at| open + at) else {
                continue;
            };
            let inner = &text[open + 1..close];
            if inner.starts_with(':') || !is_repetitive(inner) {
                continue;
            }
            let found = diagnostics
                .report(
                    Span::new(part.span.start + open, part.span.start + close + 1),
                    format!("`[{inner}]` matches a single character"),
                )
                .help("quote it if it is text");
            if let [only] = word.parts.as_slice()
                && !text.contains(['*', '?', '~', '{', '\''])
            {
                let Span { start, end } = only.span;
                let edits = [
                    (Span::new(start, start), "'".to_owned()),
                    (Span::new(end, end), "'".to_owned()),
                ];
                found.unsafe_fix("quote it", edits);
            }
        }
    });
}

/// A character stands in it twice.
fn is_repetitive(range: &str) -> bool {
    range
        .char_indices()
        .any(|(at, c)| c != '-' && range[at + c.len_utf8()..].contains(c))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::found;

    #[test]
    fn what_is_reported_and_what_is_not() {
        for (script, expected) in [
            ("pip install foo[aa] foo[bar]", "2:20"),
            ("ls [a-z] [:alnum:] '[aa]'", ""),
            ("ls a[10-15]", "2:9"),
        ] {
            let places: Vec<String> = found(&RULE, &format!("FROM debian:12\nRUN {script}\n"))
                .lines()
                .filter_map(|line| Some(line.split_once(' ')?.0.to_owned()))
                .collect();
            assert_eq!(places.join(" "), expected, "{script}");
        }
    }
}
