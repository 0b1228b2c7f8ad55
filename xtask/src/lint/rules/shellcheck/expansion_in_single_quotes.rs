use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::shellcheck::scripts::each_node;
use crate::shell::{Node, WordPartKind, WordPlace};
use crate::text_search::last_part;

declare! {
    /// ## What it does
    /// Reports `'…$name…'`, `'…$(…)…'` and backticks in single quotes, except for programs that expand them by
    /// themselves (`awk`, `sh -c`, `sed '$d'`, …).
    ///
    /// ## Why it is bad
    /// Single quotes keep the shell from expanding it: the file or message has the name instead of the value.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM debian:12
    /// RUN echo 'home is $HOME' > /home.txt
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM debian:12
    /// RUN echo "home is $HOME" > /home.txt
    /// ```
    ///
    /// ## References
    /// - <https://www.shellcheck.net/wiki/SC2016>
    pub(super) static RULE = Rule {
        code: "SC2016",
        name: "expansion-in-single-quotes",
        aliases: &[],
        severity: Severity::Note,
        enabled: true,
        category: Category::Correctness,
        summary: "a variable in single quotes is not expanded",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    let source = subject.model.file.source.text();
    each_node(subject, |_, node| {
        if let Node::Part(part, place) = node
            && let WordPartKind::SingleQuoted(text) = &part.kind
            && text.contains(['$', '`'])
            // `$'…'` is for escapes.
            && !part.span.of(source).starts_with('$')
            && !expands_by_itself(place.place)
            && has_expansion(text, program(place.place).as_deref() == Some("sed"))
        {
            diagnostics
                .report(part.span, "nothing is expanded in single quotes")
                .help("use double quotes if it is meant to be");
        }
    });
}

fn program(place: WordPlace<'_>) -> Option<String> {
    match place {
        WordPlace::Command(simple, _) => simple.name(),
        _ => None,
    }
}

/// The text is meant for somebody who expands it later.
fn expands_by_itself(place: WordPlace<'_>) -> bool {
    match place {
        WordPlace::Assignment(name) => {
            matches!(name, "PS1" | "PS2" | "PS3" | "PS4" | "PROMPT_COMMAND")
        }
        WordPlace::Command(simple, _) => {
            // `time` and `busybox` start what follows.
            let words = simple
                .words
                .iter()
                .map(|word| word.literal().unwrap_or_default());
            let mut names = words.skip_while(|word| matches!(word.as_str(), "time" | "busybox"));
            let program = names.next().unwrap_or_default();
            let program = last_part(&program);
            match program {
                "trap" | "sh" | "bash" | "dash" | "ash" | "ksh" | "zsh" | "ssh" | "eval"
                | "xprop" | "alias" | "sudo" | "doas" | "docker" | "podman" | "oc"
                | "dpkg-query" | "jq" | "rename" | "rg" | "unset" => true,
                "git" => names.next().as_deref() == Some("filter-branch"),
                "find" => names.any(|word| matches!(word.as_str(), "sh" | "bash" | "dash" | "ksh")),
                _ => program.ends_with("awk") || program.starts_with("perl"),
            }
        }
        _ => false,
    }
}

fn has_expansion(text: &str, is_sed: bool) -> bool {
    let bytes = text.as_bytes();
    let backticks = text
        .split('`')
        .skip(1)
        .step_by(2)
        .any(|inner| !inner.is_empty());
    (backticks && text.matches('`').count() > 1)
        || text.match_indices('$').any(|(at, _)| {
            let letter = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_alphabetic);
            match bytes.get(at + 1) {
                // The last line, for `sed`.
                Some(b'{' | b'd' | b'p' | b's' | b'a' | b'i' | b'c')
                    if is_sed && !letter(at + 2) =>
                {
                    false
                }
                Some(b'{' | b'(' | b'_') => true,
                Some(byte) => byte.is_ascii_alphanumeric(),
                None => false,
            }
        })
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::found;

    #[test]
    fn what_is_reported_and_what_is_not() {
        for (script, expected) in [
            ("echo '$HOME' '$(x)' '`x`'", "2:10 2:18 2:25"),
            (
                "awk '{print $1}' && sh -c '$x' && sed '$d' && echo '$' '$$'",
                "",
            ),
            ("sed 's/$x/y/'", "2:9"),
            ("x='$a' PS1='$b'", "2:7"),
            ("find . -exec sh -c 'a $1' \\;", ""),
            ("envsubst '$A' < x", "2:14"),
        ] {
            let places: Vec<String> = found(&RULE, &format!("FROM debian:12\nRUN {script}\n"))
                .lines()
                .filter_map(|line| Some(line.split_once(' ')?.0.to_owned()))
                .collect();
            assert_eq!(places.join(" "), expected, "{script}");
        }
    }
}
