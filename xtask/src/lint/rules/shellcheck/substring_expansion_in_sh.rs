use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::shellcheck::scripts::no_operation_in_posix;

declare! {
    /// ## What it does
    /// Reports `${name:offset:length}` in text that `sh` runs.
    ///
    /// ## Why it is bad
    /// In `sh`, which is `dash` on Debian and Ubuntu, it ends with “Bad substitution” and the build fails; it works
    /// only where `/bin/sh` happens to be another shell.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM debian:12
    /// RUN echo "${HOME:1}"
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM debian:12
    /// RUN echo "${HOME#/}"
    /// ```
    ///
    /// ## References
    /// - <https://www.shellcheck.net/wiki/SC3057>
    pub(super) static RULE = Rule {
        code: "SC3057",
        name: "substring-expansion-in-sh",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Correctness,
        summary: "`${name:1:2}` in `sh`",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    no_operation_in_posix(subject, diagnostics, "string indexing", |operation| {
        let rest = operation.strip_prefix(':');
        rest.is_some_and(|rest| !rest.starts_with(['-', '=', '?', '+']))
    });
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::found;

    #[test]
    fn what_is_reported_and_what_is_not() {
        for (script, expected) in [
            ("echo \"${x:1}\" ${x:0:1}", "2:11 2:19"),
            ("echo ${x:-1} ${x:+a} ${x:?b}", ""),
        ] {
            let places: Vec<String> = found(&RULE, &format!("FROM debian:12\nRUN {script}\n"))
                .lines()
                .filter_map(|line| Some(line.split_once(' ')?.0.to_owned()))
                .collect();
            assert_eq!(places.join(" "), expected, "{script}");
        }
    }
}
