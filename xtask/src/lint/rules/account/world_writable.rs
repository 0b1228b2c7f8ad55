use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::source::Span;

declare! {
    /// ## What it does
    /// Reports `chmod 777`, `chmod 666`, `chmod o+w`, `chmod a+w` and the like, in `RUN` and as `--chmod`.
    ///
    /// ## Why it is bad
    /// Whoever gets into the container under any account can replace the program that the next start runs. The right is mostly
    /// given because the owner is wrong.
    ///
    /// A folder with the sticky bit (`1777`, as `/tmp` has it) is not reported.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine:3.20
    /// RUN mkdir /data && chmod 777 /data
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM alpine:3.20
    /// RUN adduser -D app && mkdir /data && chown app /data
    /// ```
    pub(super) static RULE = Rule {
        code: "DX1006",
        name: "world-writable",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Security,
        summary: "everyone may write to files of the image",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    for step in subject.model.steps() {
        if let Some(mode) = step.copy().or(step.add()).and_then(|t| t.flag("chmod")) {
            check_mode(&mode.value, mode.span, diagnostics);
        }
        if step.run().is_none() {
            continue;
        }
        for invocation in step.invocations() {
            let mode = match invocation.program.as_str() {
                "chmod" => invocation.operands(&[]).next(),
                "mkdir" | "install" => invocation
                    .option_value(&["-m", "--mode"])
                    .and_then(|mode| invocation.arguments.iter().find(|a| a.text.ends_with(mode))),
                _ => None,
            };
            if let Some(mode) = mode.filter(|mode| mode.literal) {
                let text = mode
                    .text
                    .trim_start_matches("--mode=")
                    .trim_start_matches("-m");
                check_mode(text, mode.span, diagnostics);
            }
        }
    }
}

fn check_mode(mode: &str, span: Span, diagnostics: &mut Diagnostics<'_>) {
    if lets_everyone_write(mode) {
        diagnostics
            .report(span, format!("`{mode}` lets every account write"))
            .help("give the files to the account that writes to them, with 755 or 644");
    }
}

fn lets_everyone_write(mode: &str) -> bool {
    if mode.bytes().all(|b| b.is_ascii_digit()) {
        let Ok(bits) = u32::from_str_radix(mode, 8) else {
            return false;
        };
        return mode.len() >= 3 && bits & 0o002 != 0 && bits & 0o1000 == 0;
    }
    let is_sticky = mode
        .split(',')
        .any(|clause| clause.contains(['+', '=']) && clause.ends_with('t'));
    !is_sticky
        && mode.split(',').any(|clause| {
            clause
                .find(['+', '='])
                .is_some_and(|at| clause[..at].contains(['o', 'a']) && clause[at..].contains('w'))
        })
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::found;

    #[test]
    fn modes_for_everyone() {
        for (text, column) in [
            ("RUN chmod -R 777 /a", 14),
            ("RUN chmod 0666 /a", 11),
            ("RUN chmod a+rwx /a", 11),
            ("RUN chmod u=rw,o=rw /a", 11),
            ("COPY --chmod=777 a b", 14),
        ] {
            let found = found(&RULE, &format!("FROM alpine:3.20\n{text}\n"));
            assert!(
                found.starts_with(&format!("2:{column} `")),
                "{text}: {found}"
            );
        }
    }

    #[test]
    fn modes_for_some() {
        for mode in [
            "755", "1777", "775", "+x", "u+w", "g+w", "a+rx", "a=rwx,+t", "$MODE", "a-w",
        ] {
            let text = format!("FROM alpine:3.20\nRUN chmod {mode} /a\n");
            assert_eq!(found(&RULE, &text), "", "{mode}");
        }
    }
}
