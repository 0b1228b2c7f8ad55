use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::shellcheck::scripts::{each_split_list, quotes_around};

declare! {
    /// ## What it does
    /// Reports `$@` and `${name[@]}` outside of double quotes.
    ///
    /// ## Why it is bad
    /// The arguments are split at blanks once more.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM debian:12
    /// RUN f() { ls $@; }; f "/a b"
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM debian:12
    /// RUN f() { ls "$@"; }; f "/a b"
    /// ```
    ///
    /// ## Fix safety
    /// Safe: each argument stays what it is.
    ///
    /// ## References
    /// - <https://www.shellcheck.net/wiki/SC2068>
    pub(super) static RULE = Rule {
        code: "SC2068",
        name: "unquoted-arguments",
        aliases: &[],
        severity: Severity::Error,
        enabled: true,
        category: Category::Correctness,
        summary: "`$@` outside of quotes",
        fix: Fixability::Always(crate::edit::Safety::Safe),
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    each_split_list(subject, '@', |span| {
        diagnostics
            .report(span, "the arguments are split at blanks once more")
            .help("quote it")
            .fix("quote it", quotes_around(span));
    });
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::found;

    #[test]
    fn what_is_reported_and_what_is_not() {
        for (script, expected) in [
            ("echo $@ \"$@\" ${@:2}", "2:10 2:18"),
            ("$@", "2:5"),
            ("x=$@; echo $*; [[ $@ ]]", ""),
        ] {
            let places: Vec<String> = found(&RULE, &format!("FROM debian:12\nRUN {script}\n"))
                .lines()
                .filter_map(|line| Some(line.split_once(' ')?.0.to_owned()))
                .collect();
            assert_eq!(places.join(" "), expected, "{script}");
        }
    }
}
