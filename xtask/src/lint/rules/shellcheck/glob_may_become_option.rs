use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::shellcheck::scripts::{each_program, is};
use crate::shell::{WordPart, WordPartKind};
use crate::source::Span;

declare! {
    /// ## What it does
    /// Reports arguments that start with `*` or `?`.
    ///
    /// ## Why it is bad
    /// A file named `-rf` becomes an option of the program.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM debian:12
    /// RUN cd /data && rm *.tmp
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM debian:12
    /// RUN cd /data && rm ./*.tmp
    /// ```
    ///
    /// ## Fix safety
    /// Unsafe: the program sees the names with `./` in front.
    ///
    /// ## References
    /// - <https://www.shellcheck.net/wiki/SC2035>
    pub(super) static RULE = Rule {
        code: "SC2035",
        name: "glob-may-become-option",
        aliases: &[],
        severity: Severity::Note,
        enabled: true,
        category: Category::Correctness,
        summary: "a pattern without a path may become an option",
        fix: Fixability::Sometimes(crate::edit::Safety::Unsafe),
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    each_program(subject, |name, simple, _| {
        if matches!(name, "echo" | "printf" | "[") {
            return;
        }
        for word in &simple.words[1..] {
            if is(word, "--") {
                return;
            }
            if let Some(WordPart {
                kind: WordPartKind::Literal(text),
                span,
            }) = word.parts.first()
                && text.starts_with(['*', '?'])
            {
                let first = Span::new(span.start, span.start + 1);
                let found = diagnostics
                    .report(
                        first,
                        "a file whose name starts with `-` becomes an option here",
                    )
                    .help("write `./` in front");
                // `find -name ./*` would look for something else.
                if matches!(
                    name,
                    "rm" | "ls" | "cp" | "mv" | "tar" | "chmod" | "chown" | "dpkg" | "cat" | "wc"
                ) {
                    found.unsafe_fix(
                        "write `./` in front",
                        [(Span::new(span.start, span.start), "./".to_owned())],
                    );
                }
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
        for (script, expected) in [
            ("ls *.c ?b", "2:8 2:12"),
            ("rm -f -- *", ""),
            ("echo *; rm a* /x/* '*'; for i in *; do :; done", ""),
            ("find . -name *.c", "2:18"),
            ("mv */a b", "2:8"),
        ] {
            let places: Vec<String> = found(&RULE, &format!("FROM debian:12\nRUN {script}\n"))
                .lines()
                .filter_map(|line| Some(line.split_once(' ')?.0.to_owned()))
                .collect();
            assert_eq!(places.join(" "), expected, "{script}");
        }
    }
}
