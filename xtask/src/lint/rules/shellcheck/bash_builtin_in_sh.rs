use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::shellcheck::scripts::{each_posix_node, not_in_posix};
use crate::shell::Node;

declare! {
    /// ## What it does
    /// Reports `pushd`, `declare`, `shopt` and other builtins of bash in text that `sh` runs.
    ///
    /// ## Why it is bad
    /// In `sh`, which is `dash` on Debian and Ubuntu, there is no such command.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM debian:12
    /// RUN pushd /src && make && popd
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM debian:12
    /// RUN cd /src && make
    /// ```
    ///
    /// ## References
    /// - <https://www.shellcheck.net/wiki/SC3044>
    pub(super) static RULE = Rule {
        code: "SC3044",
        name: "bash-builtin-in-sh",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Correctness,
        summary: "a builtin of bash in `sh`",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    each_posix_node(subject, |node| {
        if let Node::Command(command, _) = node
            && let Some(word) = command.simple().and_then(|simple| simple.words.first())
            && let Some(name) = word.literal()
            && BUILTINS.contains(&name.as_str())
        {
            not_in_posix(diagnostics, command.span, &format!("`{name}`"));
        }
    });
}

/// What bash has built in and POSIX does not name.
const BUILTINS: [&str; 18] = [
    "pushd",
    "popd",
    "dirs",
    "declare",
    "typeset",
    "shopt",
    "disown",
    "suspend",
    "caller",
    "compgen",
    "complete",
    "compopt",
    "mapfile",
    "readarray",
    "enable",
    "bind",
    "logout",
    "help",
];

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::found;

    #[test]
    fn what_is_reported_and_what_is_not() {
        for (script, expected) in [
            ("pushd a && b; popd", "2:5 2:19"),
            ("declare x > y", "2:5"),
            ("echo pushd; history", ""),
        ] {
            let places: Vec<String> = found(&RULE, &format!("FROM debian:12\nRUN {script}\n"))
                .lines()
                .filter_map(|line| Some(line.split_once(' ')?.0.to_owned()))
                .collect();
            assert_eq!(places.join(" "), expected, "{script}");
        }
    }
}
