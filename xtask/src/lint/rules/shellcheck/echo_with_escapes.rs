use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::shellcheck::scripts::each_program;
use crate::shell::{Word, WordPart, WordPartKind};

declare! {
    /// ## What it does
    /// Reports `echo` with text that has `\n`, `\t` and their like.
    ///
    /// ## Why it is bad
    /// Whether `echo` expands them depends on the shell: `dash` does, `bash` does not.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM debian:12
    /// RUN echo 'a\nb' > /list
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM debian:12
    /// RUN printf 'a\nb\n' > /list
    /// ```
    ///
    /// ## References
    /// - <https://www.shellcheck.net/wiki/SC2028>
    pub(super) static RULE = Rule {
        code: "SC2028",
        name: "echo-with-escapes",
        aliases: &[],
        severity: Severity::Note,
        enabled: true,
        category: Category::Correctness,
        summary: "`echo` with escapes like `\\n`",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    each_program(subject, |name, simple, _| {
        let options = |word: &Word| {
            word.literal()
                .is_some_and(|text| text.starts_with('-') && text.contains('e'))
        };
        if name != "echo" || simple.words.get(1).is_some_and(options) {
            return;
        }
        for word in &simple.words[1..] {
            if word.parts.iter().any(has_escape) {
                diagnostics
                    .report(word.span, "`echo` may or may not expand the escapes")
                    .help("use `printf`");
            }
        }
    });
}

fn has_escape(part: &WordPart) -> bool {
    match &part.kind {
        WordPartKind::Literal(text) | WordPartKind::SingleQuoted(text) => {
            let escapes = text.split('\\').skip(1);
            escapes.into_iter().any(|rest| {
                rest.starts_with(['a', 'b', 'e', 'f', 'n', 'r', 't', 'v', 'x'])
                    || rest.starts_with(|c: char| c.is_ascii_digit())
            })
        }
        WordPartKind::DoubleQuoted(parts) => parts.iter().any(has_escape),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::found;

    #[test]
    fn what_is_reported_and_what_is_not() {
        for (script, expected) in [
            ("echo 'a\\nb' \"c\\t\"", "2:10 2:17"),
            ("echo -e 'a\\n'", ""),
            ("echo 'a\\dx' \"\\c\" a", ""),
            ("printf 'a\\n'", ""),
        ] {
            let places: Vec<String> = found(&RULE, &format!("FROM debian:12\nRUN {script}\n"))
                .lines()
                .filter_map(|line| Some(line.split_once(' ')?.0.to_owned()))
                .collect();
            assert_eq!(places.join(" "), expected, "{script}");
        }
    }
}
