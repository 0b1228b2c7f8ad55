use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::shellcheck::flow::each_splitting_expansion;
use crate::lint::rules::shellcheck::scripts::{each_script, quotes_around};
use crate::lint::rules::shellcheck::unquoted_substitution::is_split;
use crate::shell::{WordPartKind, WordPlace};

declare! {
    /// ## What it does
    /// Reports variables outside of quotes, where the shell splits their value, unless it is surely one plain word.
    /// Variables of `ARG` and `ENV` are taken for plain.
    ///
    /// ## Why it is bad
    /// A value with a blank becomes several words, and patterns in it are replaced by names of files.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM debian:12
    /// RUN dir="$(mktemp -d)"; cd $dir && touch a
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM debian:12
    /// RUN dir="$(mktemp -d)"; cd "$dir" && touch a
    /// ```
    ///
    /// ## Fix safety
    /// Unsafe: where the value is meant to be several words, or none, quoting makes it one.
    ///
    /// ## References
    /// - <https://www.shellcheck.net/wiki/SC2086>
    pub(super) static RULE = Rule {
        code: "SC2086",
        name: "unquoted-variable",
        aliases: &[],
        severity: Severity::Note,
        enabled: true,
        category: Category::Correctness,
        summary: "the value of a variable is split into words",
        fix: Fixability::Always(super::scripts::QUOTING),
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    each_script(subject, |step, shell, script| {
        each_splitting_expansion(step, script, &mut |part, word, place| {
            let WordPartKind::Parameter {
                name, operation, ..
            } = &part.kind
            else {
                return;
            };
            let operation = operation.as_deref().unwrap_or_default();
            // The arguments have rules of their own.
            let is_list = name == "@" || operation.starts_with("[@]");
            if is_list || operation.starts_with(":+") || operation.starts_with('+') {
                return;
            }
            let splits = match place {
                WordPlace::Command(simple, at) => {
                    is_split(simple, at, word, shell)
                        || (at == 1 && simple.name().as_deref() == Some("exec"))
                }
                WordPlace::Redirection(operator) => operator != "<<<",
                _ => false,
            };
            if splits {
                diagnostics
                    .report(
                        part.span,
                        format!("the value of `{name}` is split into words"),
                    )
                    .help("quote it to keep it one word")
                    .unsafe_fix("quote it", quotes_around(part.span));
            }
        });
    });
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::found;

    #[test]
    fn what_is_reported_and_what_is_not() {
        for (script, expected) in [
            ("foo=abc; echo $foo", ""),
            ("foo=$(x); echo $foo \"$foo\" ${#foo} ${foo:+$bar}", "2:20"),
            ("for i in a b; do echo $i; done; $x y; x=$y", ""),
            ("for i in *.c; do echo $i; done", "2:27"),
            ("a && foo=abc && echo $foo", "2:26"),
            ("foo=$((1+2)); echo $foo $# $?", ""),
            ("echo $1 > $x", "2:10 2:15"),
            ("if a; then foo=a; else foo=b; fi; echo $foo", ""),
            (
                "case $x in a) ;; esac; [[ $x ]]; cat <<< $x; for i in $x; do :; done",
                "",
            ),
        ] {
            let places: Vec<String> = found(&RULE, &format!("FROM debian:12\nRUN {script}\n"))
                .lines()
                .filter_map(|line| Some(line.split_once(' ')?.0.to_owned()))
                .collect();
            assert_eq!(places.join(" "), expected, "{script}");
        }
    }
}
