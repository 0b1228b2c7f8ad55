use crate::dockerfile::{CommandLine, InstructionKind};
use crate::edit::Safety;
use crate::finding::Severity;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::{Diagnostics, Parent};
use crate::mapped_text::MappedText;

/// Words that only a shell understands where a program is expected.
const SHELL_WORDS: [&str; 30] = [
    ".", ":", "alias", "break", "case", "cd", "continue", "eval", "exec", "exit", "export", "for",
    "function", "if", "local", "read", "readonly", "return", "set", "shift", "source", "time",
    "times", "trap", "type", "ulimit", "umask", "unset", "until", "while",
];

declare! {
    /// ## What it does
    /// Reports a `CMD` or `ENTRYPOINT` that is no JSON array, and a `HEALTHCHECK CMD` that could be one just as well.
    ///
    /// Nothing is reported where the file sets a `SHELL`: then the shell is meant. Unlike hadolint, a health check that
    /// needs a shell, as `… || exit 1` does, is not reported.
    ///
    /// ## Why it is bad
    /// The text is run by a shell, which becomes process 1. Depending on the shell, the program does not get the signal
    /// that is to stop it, and is killed after ten seconds. After a shell-form `ENTRYPOINT`, a `CMD` and the arguments of
    /// `docker run` are lost.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM node:22.11.0
    /// CMD node server.js
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM node:22.11.0
    /// CMD ["node", "server.js"]
    /// ```
    ///
    /// ## Fix safety
    /// Safe: the same program gets the same arguments. There is a fix for plain words; it is unsafe for a `CMD` beside an
    /// `ENTRYPOINT`, which gets other arguments then.
    ///
    /// ## References
    /// - <https://docs.docker.com/reference/build-checks/json-args-recommended/>
    pub(super) static RULE = Rule {
        code: "DL3025",
        name: "shell-form",
        aliases: &["JSONArgsRecommended"],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Correctness,
        summary: "`CMD` or `ENTRYPOINT` is no JSON array",
        fix: Fixability::Sometimes(Safety::Unsafe),
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    // Asked once: what a step inherits is searched through all the stages before it.
    let has = |is_meant: fn(&InstructionKind) -> bool| {
        let mut stages = subject.model.file.stages.iter();
        stages.any(|stage| {
            stage
                .instructions
                .iter()
                .any(|instruction| is_meant(&instruction.kind))
        })
    };
    let has_shell = has(|kind| matches!(kind, InstructionKind::Shell(_)));
    let is_own = |parent: &Parent| matches!(parent, Parent::Own { .. });
    let may_have_entrypoint = has(|kind| matches!(kind, InstructionKind::Entrypoint(_)))
        || subject.model.parents.iter().any(is_own);
    for step in subject.model.steps() {
        let (name, command) = match step.kind() {
            InstructionKind::Cmd(command) => ("CMD", command),
            InstructionKind::Entrypoint(command) => ("ENTRYPOINT", command),
            InstructionKind::Healthcheck(Some(healthcheck)) => {
                ("HEALTHCHECK", &healthcheck.command)
            }
            _ => continue,
        };
        let CommandLine::Shell(text) = command else {
            continue;
        };
        let array = json_array(text);
        if text.value.is_empty()
            || (name == "HEALTHCHECK" && array.is_none())
            || (has_shell && step.before().shell().span.is_some())
        {
            continue;
        }
        let found = diagnostics
            .report(text.span, format!("a shell runs this {name}"))
            .help("write a JSON array");
        let Some(array) = array else { continue };
        let message = format!("write `{array}`");
        let has_entrypoint = may_have_entrypoint && step.stage.end().entrypoint().is_some();
        if name == "CMD" && has_entrypoint {
            found.unsafe_fix(message, [(text.span, array)]);
        } else {
            found.fix(message, [(text.span, array)]);
        }
    }
}

/// The array that means the same, if the text is a program and arguments that a shell would leave as they are.
fn json_array(text: &MappedText) -> Option<String> {
    // What stands in several lines may have comments between them.
    if !text.pieces.is_empty() {
        return None;
    }
    let words: Vec<&str> = text
        .value
        .split_ascii_whitespace()
        .map(plain_word)
        .collect::<Option<_>>()?;
    let program = words.first()?;
    if SHELL_WORDS.contains(program) || program.contains('=') {
        return None;
    }
    let quoted: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
    Some(format!("[{}]", quoted.join(", ")))
}

/// A word without quotes, if neither a shell nor JSON sees more in it than its letters.
fn plain_word(word: &str) -> Option<&str> {
    let inner = ['"', '\'']
        .into_iter()
        .find_map(|quote| word.strip_prefix(quote)?.strip_suffix(quote))
        .unwrap_or(word);
    // A tilde counts at the beginning only, but who would rely on that.
    let is_plain = |c: char| c.is_alphanumeric() || "_@%+=:,./-".contains(c);
    (!inner.is_empty() && inner.chars().all(is_plain)).then_some(inner)
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::{fixed, found};

    #[test]
    fn arrays_and_shells_on_purpose_are_fine() {
        for text in [
            "CMD [\"a\"]",
            "CMD []",
            "HEALTHCHECK NONE",
            "HEALTHCHECK CMD curl -f http://localhost/ || exit 1",
            "HEALTHCHECK CMD curl http://localhost:$PORT/",
            "SHELL [\"/bin/bash\", \"-c\"]\nCMD a",
        ] {
            assert_eq!(found(&RULE, &format!("FROM a:1\n{text}\n")), "", "{text}");
        }
    }

    #[test]
    fn plain_words_become_an_array() {
        for (text, expected) in [
            (
                "CMD node 'server.js' --port=80",
                "CMD [\"node\", \"server.js\", \"--port=80\"]",
            ),
            ("entrypoint /a/b", "entrypoint [\"/a/b\"]"),
            (
                "HEALTHCHECK --retries=1 CMD a -b",
                "HEALTHCHECK --retries=1 CMD [\"a\", \"-b\"]",
            ),
            ("ONBUILD CMD a", "ONBUILD CMD [\"a\"]"),
            ("CMD a && b", "CMD a && b"),
            ("CMD exec a", "CMD exec a"),
            ("CMD A=b c", "CMD A=b c"),
            ("CMD a $B", "CMD a $B"),
            ("CMD a \"b c\"", "CMD a \"b c\""),
            ("CMD a \\\n  b", "CMD a \\\n  b"),
            ("CMD ['a']", "CMD ['a']"),
        ] {
            let text = format!("FROM a:1\n{text}\n");
            assert_ne!(found(&RULE, &text), "", "{text}");
            assert_eq!(fixed(&RULE, &text), format!("FROM a:1\n{expected}\n"));
        }
    }

    #[test]
    fn the_text_is_the_place() {
        assert_eq!(
            found(&RULE, "FROM a:1\nHEALTHCHECK --timeout=2s CMD x\nCMD y z\n"),
            "2:30 a shell runs this HEALTHCHECK\n3:5 a shell runs this CMD"
        );
    }
}
