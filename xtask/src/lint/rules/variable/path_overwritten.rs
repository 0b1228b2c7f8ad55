use crate::dockerfile::InstructionKind;
use crate::edit::Safety;
use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::Parent;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::references::references;
use crate::source::Span;

declare! {
    /// ## What it does
    /// Reports an `ENV PATH` that neither takes the old value (`$PATH`) nor names the folders every image has its programs in.
    ///
    /// ## Why it is bad
    /// Programs of the base image, the shell included, are no longer found: the next `RUN` fails, or the container does.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine:3.20
    /// ENV PATH=/opt/tool/bin
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM alpine:3.20
    /// ENV PATH=/opt/tool/bin:$PATH
    /// ```
    ///
    /// ## Fix safety
    /// Unsafe: the old value is appended.
    pub(super) static RULE = Rule {
        code: "DX1109",
        name: "path-overwritten",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Correctness,
        summary: "`ENV PATH` drops the folders of the base image",
        fix: Fixability::Sometimes(Safety::Unsafe),
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    for step in subject.model.steps() {
        let InstructionKind::Env(pairs) = step.kind() else {
            continue;
        };
        for pair in pairs.iter().filter(|pair| pair.key.value == "PATH") {
            let value = &pair.value.value;
            let plain = value.trim_matches(['"', '\'']);
            let system = plain
                .split(':')
                .any(|folder| matches!(folder, "/bin" | "/usr/bin"));
            let is_windows = plain.contains([';', '\\', '%']);
            // What a variable holds is not known.
            let has_variable = !references(value, subject.model.file.escape).is_empty();
            if plain.is_empty() || system || is_windows || has_variable || starts_from_nothing(step)
            {
                continue;
            }
            let quoted = value.ends_with('\'');
            let at = pair.value.span.end - usize::from(value.ends_with('"'));
            let found = diagnostics
                .report(
                    pair.value.span,
                    format!("`PATH` is only `{plain}`: no other program is found"),
                )
                .help("append `:$PATH`");
            // Behind a quote that nothing closes, `$PATH` would be no variable.
            let is_plain = !plain.contains(['"', '\'']);
            let is_closed = ["", "\"", "'"].iter().any(|quote| {
                value.len() == plain.len() + 2 * quote.len()
                    && value.starts_with(quote)
                    && value.ends_with(quote)
            });
            if !is_plain || !is_closed {
                continue;
            }
            if quoted {
                found.unsafe_fix(
                    "append `$PATH`",
                    [(pair.value.span, format!("\"{plain}:$PATH\""))],
                );
            } else {
                found.unsafe_fix("append `$PATH`", [(Span::new(at, at), ":$PATH".to_owned())]);
            }
        }
    }
}

fn starts_from_nothing(step: crate::lint::Step<'_>) -> bool {
    matches!(step.stage.parent(), Parent::Scratch)
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::{fixed, found};

    #[test]
    fn the_old_folders_are_kept() {
        assert_eq!(
            found(&RULE, "FROM x\nENV A=b PATH='/a'\n"),
            "2:14 `PATH` is only `/a`: no other program is found"
        );
        assert_eq!(
            fixed(&RULE, "FROM x\nENV PATH \"/a\"\n"),
            "FROM x\nENV PATH \"/a:$PATH\"\n"
        );
        assert_eq!(
            fixed(&RULE, "FROM x\nENV PATH='/a'\n"),
            "FROM x\nENV PATH=\"/a:$PATH\"\n"
        );
        for value in [
            "/a:$PATH",
            "\"${PATH}:/a\"",
            "/usr/local/bin:/usr/bin:/bin",
            "$ALL",
            "C:\\\\a;b",
        ] {
            assert_eq!(
                found(&RULE, &format!("FROM x\nENV PATH={value}\n")),
                "",
                "{value}"
            );
        }
        assert_eq!(found(&RULE, "FROM scratch\nENV PATH=/a\n"), "");
    }

    #[test]
    fn nothing_is_appended_behind_an_open_quote() {
        for value in ["a 'b", "'/opt", "a'b'c"] {
            let text = format!("FROM a:1\nENV PATH {value}\n");
            assert_ne!(found(&RULE, &text), "", "{text}");
            assert_eq!(fixed(&RULE, &text), text);
        }
    }
}
