use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::shellcheck::scripts::each_script;
use crate::shell::{Node, Script, Word};
use crate::source::Span;

declare! {
    /// ## What it does
    /// Reports `cd`, `pushd` and `popd` whose status nobody looks at.
    ///
    /// ## Why it is bad
    /// If the folder is missing, the commands that follow run in the wrong one, and `rm` with them.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM debian:12
    /// RUN cd /src; make
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM debian:12
    /// RUN cd /src && make
    /// ```
    ///
    /// ## Fix safety
    /// Unsafe: a build that went on in the wrong folder until now stops.
    ///
    /// ## References
    /// - <https://www.shellcheck.net/wiki/SC2164>
    pub(super) static RULE = Rule {
        code: "SC2164",
        name: "unchecked-cd",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Correctness,
        summary: "nobody sees whether `cd` failed",
        fix: Fixability::Sometimes(crate::edit::Safety::Unsafe),
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    each_script(subject, |step, _, script| {
        let shell = step.before().shell();
        let by_shell = shell.value.iter().skip(1).any(|word| is_errexit(word));
        let mut stops: Option<bool> = by_shell.then_some(true);
        script.visit(&mut |node| {
            let Node::Command(command, place) = node else {
                return;
            };
            let Some(simple) = command.simple() else {
                return;
            };
            let words: Vec<Option<String>> = simple.words.iter().map(Word::literal).collect();
            let mut names = words
                .iter()
                .map(Option::as_deref)
                .skip_while(|word| *word == Some("builtin"));
            let Some(Some(name @ ("cd" | "pushd" | "popd"))) = names.next() else {
                return;
            };
            let is_sure = matches!(names.next(), Some(Some("/" | "." | ".." | "../..")));
            if place.checked || is_sure || *stops.get_or_insert_with(|| sets_errexit(script)) {
                return;
            }
            let found = diagnostics
                .report(command.span, format!("nobody sees whether `{name}` failed"))
                .help(format!("write `&&`, or `{name} … || exit`"));
            if place.alone {
                let end = command.span.end;
                found.unsafe_fix(
                    "exit if it fails",
                    [(Span::new(end, end), " || exit".to_owned())],
                );
            }
        });
    });
}

fn is_errexit(word: &str) -> bool {
    word == "errexit"
        || word
            .strip_prefix('-')
            .is_some_and(|letters| !letters.starts_with('-') && letters.contains('e'))
}

/// `set -e` stands somewhere in it.
fn sets_errexit(script: &Script) -> bool {
    let mut sets = false;
    script.visit(&mut |node| {
        if let Node::Command(command, _) = node
            && let Some(simple) = command.simple()
            && simple.name().as_deref() == Some("set")
        {
            let mut words = simple.words.iter().skip(1).filter_map(Word::literal);
            sets |= words.any(|word| is_errexit(&word));
        }
    });
    sets
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::found;

    #[test]
    fn what_is_reported_and_what_is_not() {
        for (script, expected) in [
            ("cd x; a", "2:5"),
            (
                "cd x && a; cd /; cd ..; if cd x; then a; fi; { cd x; a; } && b",
                "",
            ),
            ("set -ex; cd x; a", ""),
            ("a && cd x", "2:10"),
            ("! cd x", "2:7"),
            ("(cd x; a)", "2:6"),
            ("popd", "2:5"),
        ] {
            let places: Vec<String> = found(&RULE, &format!("FROM debian:12\nRUN {script}\n"))
                .lines()
                .filter_map(|line| Some(line.split_once(' ')?.0.to_owned()))
                .collect();
            assert_eq!(places.join(" "), expected, "{script}");
        }
    }
}
