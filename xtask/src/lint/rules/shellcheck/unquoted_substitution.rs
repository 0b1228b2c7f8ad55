use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::ShellKind;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::shellcheck::flow::{DECLARING, declaration};
use crate::lint::rules::shellcheck::scripts::{each_script, quotes_around};
use crate::shell::{List, Node, SimpleCommand, Word, WordPartKind, WordPlace};

declare! {
    /// ## What it does
    /// Reports `$(…)` outside of quotes, where the shell splits what it yields.
    ///
    /// ## Why it is bad
    /// The output is split at blanks, and patterns in it are replaced by names of files.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM debian:12
    /// RUN ln -s $(which python3) /usr/bin/python
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM debian:12
    /// RUN ln -s "$(which python3)" /usr/bin/python
    /// ```
    ///
    /// ## Fix safety
    /// Unsafe: where the output is meant to be several words, quoting makes it one.
    ///
    /// ## References
    /// - <https://www.shellcheck.net/wiki/SC2046>
    pub(super) static RULE = Rule {
        code: "SC2046",
        name: "unquoted-substitution",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Correctness,
        summary: "the output of a command is split into words",
        fix: Fixability::Always(super::scripts::QUOTING),
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    each_script(subject, |_, shell, script| {
        script.visit(&mut |node| {
            let Node::Part(part, around) = node else {
                return;
            };
            let WordPartKind::CommandSubstitution { list, .. } = &part.kind else {
                return;
            };
            if around.quoted || around.in_expansion || list.statements.is_empty() {
                return;
            }
            let splits = match around.place {
                WordPlace::Command(simple, at) => is_split(simple, at, around.word, shell),
                WordPlace::Redirection(operator) => operator != "<<<",
                _ => false,
            };
            if splits && !yields_numbers(list) {
                diagnostics
                    .report(part.span, "the output is split into words")
                    .help("quote it to keep it one word")
                    .unsafe_fix("quote it", quotes_around(part.span));
            }
        });
    });
}

/// The program's own word is meant to be split: `$(tool) argument`, `exec $(tool)`.
pub(super) fn is_split(simple: &SimpleCommand, at: usize, word: &Word, shell: ShellKind) -> bool {
    let alone = word.parts.len() == 1;
    if at == 0 {
        return !alone;
    }
    let Some(name) = simple.name() else {
        return true;
    };
    if name == "exec" && at == 1 && alone {
        return false;
    }
    // Bash takes `export a=$b` for the assignment it is.
    !(shell == ShellKind::Bash && DECLARING.contains(&name.as_str()) && declaration(word).is_some())
}

/// These only ever yield words that may stand alone.
fn yields_numbers(list: &List) -> bool {
    let name = list.only().and_then(|command| command.simple()?.name());
    matches!(name.as_deref(), Some("seq" | "pgrep"))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::found;

    #[test]
    fn what_is_reported_and_what_is_not() {
        for (script, expected) in [
            ("echo $(a) \"$(b)\" c`d`", "2:10 2:23"),
            (
                "x=$(a); for i in $(a); do :; done; $(a) b; exec $(a); case $(a) in b) ;; esac",
                "",
            ),
            ("make -j$(nproc) > $(b)", "2:12 2:23"),
            ("echo ${x:-$(a)} $(seq 3) $(pgrep x)", ""),
            ("export x=$(a)", "2:14"),
        ] {
            let places: Vec<String> = found(&RULE, &format!("FROM debian:12\nRUN {script}\n"))
                .lines()
                .filter_map(|line| Some(line.split_once(' ')?.0.to_owned()))
                .collect();
            assert_eq!(places.join(" "), expected, "{script}");
        }
    }
}
