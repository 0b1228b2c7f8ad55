use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::shellcheck::scripts::each_split_list;

declare! {
    /// ## What it does
    /// Reports `$*` and `${name[*]}` outside of double quotes.
    ///
    /// ## Why it is bad
    /// The arguments are split at blanks once more.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM debian:12
    /// RUN f() { ls $*; }; f "/a b"
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM debian:12
    /// RUN f() { ls "$@"; }; f "/a b"
    /// ```
    ///
    /// ## References
    /// - <https://www.shellcheck.net/wiki/SC2048>
    pub(super) static RULE = Rule {
        code: "SC2048",
        name: "unquoted-star",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Correctness,
        summary: "`$*` outside of quotes",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    each_split_list(subject, '*', |span| {
        diagnostics
            .report(span, "the arguments are split at blanks once more")
            .help("write `\"$@\"`");
    });
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::found;

    #[test]
    fn what_is_reported_and_what_is_not() {
        for (script, expected) in [
            ("echo $* \"$*\" ${*}", "2:10 2:18"),
            ("for i in $*; do :; done", "2:14"),
            ("echo $@", ""),
        ] {
            let places: Vec<String> = found(&RULE, &format!("FROM debian:12\nRUN {script}\n"))
                .lines()
                .filter_map(|line| Some(line.split_once(' ')?.0.to_owned()))
                .collect();
            assert_eq!(places.join(" "), expected, "{script}");
        }
    }
}
