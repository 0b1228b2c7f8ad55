use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::shellcheck::scripts::no_operation_in_posix;

declare! {
    /// ## What it does
    /// Reports `${name/pattern/text}` in text that `sh` runs.
    ///
    /// ## Why it is bad
    /// In `sh`, which is `dash` on Debian and Ubuntu, it ends with “Bad substitution” and the build fails; it works
    /// only where `/bin/sh` happens to be another shell.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM debian:12
    /// RUN echo "${HOME/a/b}"
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM debian:12
    /// RUN echo "$HOME" | sed s/a/b/
    /// ```
    ///
    /// ## References
    /// - <https://www.shellcheck.net/wiki/SC3060>
    pub(super) static RULE = Rule {
        code: "SC3060",
        name: "string-replacement-in-sh",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Correctness,
        summary: "`${name/a/b}` in `sh`",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    no_operation_in_posix(subject, diagnostics, "string replacement", |operation| {
        operation.starts_with('/')
    });
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::found;

    #[test]
    fn what_is_reported_and_what_is_not() {
        for (script, expected) in [
            ("echo ${x/a/b} \"${x//a}\"", "2:10 2:20"),
            ("echo ${x%/a}", ""),
        ] {
            let places: Vec<String> = found(&RULE, &format!("FROM debian:12\nRUN {script}\n"))
                .lines()
                .filter_map(|line| Some(line.split_once(' ')?.0.to_owned()))
                .collect();
            assert_eq!(places.join(" "), expected, "{script}");
        }
    }
}
