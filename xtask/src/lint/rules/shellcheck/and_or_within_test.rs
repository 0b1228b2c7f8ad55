use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::shellcheck::scripts::{each_program, is};

declare! {
    /// ## What it does
    /// Reports `[ p -a q ]` and `[ p -o q ]`.
    ///
    /// ## Why it is bad
    /// POSIX leaves open what they mean as soon as an operand looks like an operator.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM debian:12
    /// RUN if [ -f /a -a -f /b ]; then rm /a; fi
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM debian:12
    /// RUN if [ -f /a ] && [ -f /b ]; then rm /a; fi
    /// ```
    ///
    /// ## Fix safety
    /// Unsafe: `&&` and `||` around the test bind it differently.
    ///
    /// ## References
    /// - <https://www.shellcheck.net/wiki/SC2166>
    pub(super) static RULE = Rule {
        code: "SC2166",
        name: "and-or-within-test",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Correctness,
        summary: "`-a` or `-o` within `[ … ]`",
        fix: Fixability::Sometimes(crate::edit::Safety::Unsafe),
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    each_program(subject, |name, simple, _| {
        if name != "[" {
            return;
        }
        for triple in simple.words.windows(3).skip(1) {
            let Some(operator @ ("-a" | "-o")) =
                triple[1].literal().as_deref().map(|text| match text {
                    "-a" => "-a",
                    "-o" => "-o",
                    _ => "",
                })
            else {
                continue;
            };
            if is(&triple[0], "!") || is(&triple[0], "(") || triple[1].is_quoted() {
                continue;
            }
            let better = if operator == "-a" { "] && [" } else { "] || [" };
            let found = diagnostics
                .report(
                    triple[1].span,
                    format!("`{operator}` is not well defined within `[ … ]`"),
                )
                .help(format!("write `{better}`"));
            if simple
                .words
                .iter()
                .all(|word| !is(word, "!") && !is(word, "(") && !is(word, "\\("))
            {
                found.unsafe_fix(
                    format!("write `{better}`"),
                    [(triple[1].span, better.to_owned())],
                );
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
            ("[ -f a -a -f b ]", "2:12"),
            ("[ \"$x\" -o \"$y\" ]", "2:12"),
            ("[ -a x ]; test a -o b; [ ! -a x ]", ""),
        ] {
            let places: Vec<String> = found(&RULE, &format!("FROM debian:12\nRUN {script}\n"))
                .lines()
                .filter_map(|line| Some(line.split_once(' ')?.0.to_owned()))
                .collect();
            assert_eq!(places.join(" "), expected, "{script}");
        }
    }
}
