use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::shellcheck::scripts::{each_program, has_pattern, quotes_around};

declare! {
    /// ## What it does
    /// Reports `find -name *.c` and its like with a pattern outside of quotes.
    ///
    /// ## Why it is bad
    /// The shell replaces the pattern if a name in the current folder matches, and `find` looks for that name alone,
    /// or fails.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM debian:12
    /// RUN find / -name *.pyc -delete
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM debian:12
    /// RUN find / -name '*.pyc' -delete
    /// ```
    ///
    /// ## Fix safety
    /// Unsafe: where a file of the current folder matches today, `find` looks for more than before.
    ///
    /// ## References
    /// - <https://www.shellcheck.net/wiki/SC2061>
    pub(super) static RULE = Rule {
        code: "SC2061",
        name: "unquoted-find-pattern",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Correctness,
        summary: "a pattern for `find` is not quoted",
        fix: Fixability::Sometimes(super::scripts::QUOTING),
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    each_program(subject, |name, simple, _| {
        if name != "find" {
            return;
        }
        for pair in simple.words.windows(2) {
            let Some(option) = pair[0].literal() else {
                continue;
            };
            if OPTIONS.contains(&option.as_str()) && has_pattern(&pair[1].parts) {
                let word = &pair[1];
                let found = diagnostics
                    .report(
                        word.span,
                        format!("the shell may replace the pattern before `find {option}` sees it"),
                    )
                    .help("quote it");
                if !word.is_quoted() {
                    found.unsafe_fix("quote it", quotes_around(word.span));
                }
            }
        }
    });
}

/// The options of `find` that take a pattern.
const OPTIONS: [&str; 10] = [
    "-name",
    "-iname",
    "-path",
    "-ipath",
    "-wholename",
    "-iwholename",
    "-lname",
    "-ilname",
    "-regex",
    "-iregex",
];

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::found;

    #[test]
    fn what_is_reported_and_what_is_not() {
        for (script, expected) in [
            ("find . -name *.c -iname x*", "2:18 2:29"),
            ("find . -name '*.c' -type f \\*", ""),
            ("echo -name *.c", ""),
        ] {
            let places: Vec<String> = found(&RULE, &format!("FROM debian:12\nRUN {script}\n"))
                .lines()
                .filter_map(|line| Some(line.split_once(' ')?.0.to_owned()))
                .collect();
            assert_eq!(places.join(" "), expected, "{script}");
        }
    }
}
