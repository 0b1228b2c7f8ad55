use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::shellcheck::scripts::{each_posix_node, is, not_in_posix};
use crate::shell::Node;

declare! {
    /// ## What it does
    /// Reports `set -o pipefail` and other options POSIX does not name, in text that `sh` runs.
    ///
    /// ## Why it is bad
    /// In `sh`, which is `dash` on Debian and Ubuntu, `set: Illegal option -o pipefail` ends the build.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM debian:12
    /// RUN set -o pipefail && curl https://example.com | tar x
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM debian:12
    /// SHELL ["/bin/bash", "-o", "pipefail", "-c"]
    /// RUN curl https://example.com | tar x
    /// ```
    ///
    /// ## References
    /// - <https://www.shellcheck.net/wiki/SC3040>
    pub(super) static RULE = Rule {
        code: "SC3040",
        name: "set-option-in-sh",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Correctness,
        summary: "`set -o` with an option `sh` does not have",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    each_posix_node(subject, |node| {
        if let Node::Command(command, _) = node
            && let Some(simple) = command.simple()
            && simple.words.first().is_some_and(|word| is(word, "set"))
        {
            let mut names = false;
            for word in &simple.words[1..] {
                let Some(text) = word.literal() else { return };
                if std::mem::take(&mut names) {
                    if !POSIX.contains(&text.as_str()) {
                        not_in_posix(diagnostics, word.span, &format!("the option `{text}`"));
                    }
                } else if text == "--" || !text.starts_with(['-', '+']) {
                    return;
                } else {
                    names = text.ends_with('o');
                }
            }
        }
    });
}

/// What `set -o` takes everywhere.
const POSIX: [&str; 13] = [
    "allexport",
    "errexit",
    "ignoreeof",
    "monitor",
    "noclobber",
    "noexec",
    "noglob",
    "nolog",
    "notify",
    "nounset",
    "verbose",
    "vi",
    "xtrace",
];

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::found;

    #[test]
    fn what_is_reported_and_what_is_not() {
        for (script, expected) in [
            ("set -euxo pipefail", "2:15"),
            ("set +o pipefail; set -o posix", "2:12 2:29"),
            ("set -o errexit; set -- -o pipefail", ""),
        ] {
            let places: Vec<String> = found(&RULE, &format!("FROM debian:12\nRUN {script}\n"))
                .lines()
                .filter_map(|line| Some(line.split_once(' ')?.0.to_owned()))
                .collect();
            assert_eq!(places.join(" "), expected, "{script}");
        }
    }
}
