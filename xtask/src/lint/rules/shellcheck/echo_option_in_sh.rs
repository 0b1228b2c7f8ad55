use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::shellcheck::scripts::each_posix_node;
use crate::shell::Node;

declare! {
    /// ## What it does
    /// Reports `echo -n`, `echo -e` and their like in text that `sh` runs.
    ///
    /// ## Why it is bad
    /// POSIX leaves open what `echo` makes of its options: `dash` prints the `-e`, so a generated file starts with
    /// `-e `.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM debian:12
    /// RUN echo -e "a\tb" > /table
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM debian:12
    /// RUN printf "a\tb\n" > /table
    /// ```
    ///
    /// ## References
    /// - <https://www.shellcheck.net/wiki/SC3037>
    pub(super) static RULE = Rule {
        code: "SC3037",
        name: "echo-option-in-sh",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Correctness,
        summary: "`echo` with options in `sh`",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    each_posix_node(subject, |node| {
        if let Node::Command(command, _) = node
            && let Some(simple) = command.simple()
            && let [program, option, ..] = simple.words.as_slice()
            && let Some(text) = option.literal()
            && let Some(letters) = text.strip_prefix('-')
            && !letters.is_empty()
            && letters.bytes().all(|b| matches!(b, b'n' | b'e' | b'E'))
            && program
                .literal()
                .is_some_and(|name| name.rsplit('/').next() == Some("echo"))
        {
            diagnostics
                .report(
                    option.span,
                    format!("what `echo` makes of `{text}` is not defined in POSIX `sh`"),
                )
                .help("use `printf`");
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
            ("echo -n a", "2:10"),
            ("echo -ne a", "2:10"),
            ("/bin/echo -e a", "2:15"),
            ("echo - a -n", ""),
            ("echo -x", ""),
            ("sudo echo -e a", ""),
        ] {
            let places: Vec<String> = found(&RULE, &format!("FROM debian:12\nRUN {script}\n"))
                .lines()
                .filter_map(|line| Some(line.split_once(' ')?.0.to_owned()))
                .collect();
            assert_eq!(places.join(" "), expected, "{script}");
        }
    }
}
