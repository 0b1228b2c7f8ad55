use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::shellcheck::scripts::no_operation_in_posix;

declare! {
    /// ## What it does
    /// Reports `${!name}` in text that `sh` runs.
    ///
    /// ## Why it is bad
    /// In `sh`, which is `dash` on Debian and Ubuntu, it ends with “Bad substitution” and the build fails; it works
    /// only where `/bin/sh` happens to be another shell.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM debian:12
    /// RUN name=HOME; echo "${!name}"
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM debian:12
    /// RUN echo "$HOME"
    /// ```
    ///
    /// ## References
    /// - <https://www.shellcheck.net/wiki/SC3053>
    pub(super) static RULE = Rule {
        code: "SC3053",
        name: "indirect-expansion-in-sh",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Correctness,
        summary: "`${!name}` in `sh`",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    no_operation_in_posix(subject, diagnostics, "indirect expansion", |operation| {
        operation.starts_with('!')
    });
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::found;

    #[test]
    fn what_is_reported_and_what_is_not() {
        for (script, expected) in [("echo \"${!x}\"", "2:11"), ("echo $!", "")] {
            let places: Vec<String> = found(&RULE, &format!("FROM debian:12\nRUN {script}\n"))
                .lines()
                .filter_map(|line| Some(line.split_once(' ')?.0.to_owned()))
                .collect();
            assert_eq!(places.join(" "), expected, "{script}");
        }
    }
}
