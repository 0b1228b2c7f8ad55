use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::shellcheck::scripts::each_program;
use crate::shell::Word;
use crate::source::Span;

declare! {
    /// ## What it does
    /// Reports `read` without `-r`.
    ///
    /// ## Why it is bad
    /// A backslash in the input is taken for an escape and vanishes.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM debian:12
    /// RUN while read line; do echo "$line"; done < /list
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM debian:12
    /// RUN while read -r line; do echo "$line"; done < /list
    /// ```
    ///
    /// ## Fix safety
    /// Unsafe: escapes in the input stay as they are.
    ///
    /// ## References
    /// - <https://www.shellcheck.net/wiki/SC2162>
    pub(super) static RULE = Rule {
        code: "SC2162",
        name: "read-without-r",
        aliases: &[],
        severity: Severity::Note,
        enabled: true,
        category: Category::Correctness,
        summary: "`read` without `-r` swallows backslashes",
        fix: Fixability::Always(crate::edit::Safety::Unsafe),
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    each_program(subject, |name, simple, _| {
        let program = &simple.words[0];
        let raw = |word: &Word| {
            word.literal().is_some_and(|text| {
                text.starts_with('-') && !text.starts_with("--") && text.contains('r')
            })
        };
        if name == "read" && !simple.words[1..].iter().any(raw) {
            let end = program.span.end;
            diagnostics
                .report(program.span, "`read` takes backslashes away")
                .help("write `read -r`")
                .unsafe_fix("write `read -r`", [(Span::new(end, end), " -r".to_owned())]);
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
            ("read x", "2:5"),
            ("read -r x; read -ra y; echo read", ""),
            ("a | while read -p b c; do d; done", "2:15"),
        ] {
            let places: Vec<String> = found(&RULE, &format!("FROM debian:12\nRUN {script}\n"))
                .lines()
                .filter_map(|line| Some(line.split_once(' ')?.0.to_owned()))
                .collect();
            assert_eq!(places.join(" "), expected, "{script}");
        }
    }
}
