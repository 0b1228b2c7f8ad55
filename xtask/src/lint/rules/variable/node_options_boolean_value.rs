use crate::dockerfile::InstructionKind;
use crate::edit::Safety;
use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::variable::node_flags::switch_with_value;
use crate::source::Span;

declare! {
    /// ## What it does
    /// Reports `--switch=false` and `--switch=true` for options of Node.js that take no value, in `NODE_OPTIONS` and where `node`
    /// is started.
    ///
    /// ## Why it is bad
    /// Node.js ignores the value: `--enable-source-maps=false` turns source maps on. What turns a switch off is
    /// `--no-enable-source-maps`.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM node:20-alpine
    /// ENV NODE_OPTIONS="--max-old-space-size=512 --enable-source-maps=false"
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM node:20-alpine
    /// ENV NODE_OPTIONS="--max-old-space-size=512 --no-enable-source-maps"
    /// ```
    ///
    /// ## Fix safety
    /// Unsafe: the switch is written as its value says, which is not what happens today.
    pub(super) static RULE = Rule {
        code: "DX1104",
        name: "node-options-boolean-value",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Correctness,
        summary: "a switch of Node.js is given a value, which it ignores",
        fix: Fixability::Always(Safety::Unsafe),
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    let text = subject.model.file.source.text();
    for step in subject.model.steps() {
        match step.kind() {
            InstructionKind::Env(pairs) => {
                for pair in pairs.iter().filter(|pair| pair.key.value == "NODE_OPTIONS") {
                    check_words(text, pair.value.span, diagnostics);
                }
            }
            InstructionKind::Arg(declarations) => {
                for declaration in declarations {
                    if let Some(default) = &declaration.default
                        && declaration.name.value == "NODE_OPTIONS"
                    {
                        check_words(text, default.span, diagnostics);
                    }
                }
            }
            _ => {
                let node = step.invocations().iter().filter(|i| i.is("node"));
                for argument in node.flat_map(|i| i.arguments.iter().take_while(|a| a.is_option()))
                {
                    check_words(text, argument.span, diagnostics);
                }
            }
        }
    }
}

fn check_words(text: &str, span: Span, diagnostics: &mut Diagnostics<'_>) {
    let written = span.of(text);
    let ends_word = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '\\');
    for (at, _) in written.match_indices("--") {
        if !written[..at].is_empty() && !written[..at].ends_with(ends_word) {
            continue;
        }
        let word = written[at..].split(ends_word).next().unwrap_or_default();
        let Some(switch) = switch_with_value(word) else {
            continue;
        };
        let (state, right) = if switch.is_off {
            ("on", format!("--no-{}", switch.name))
        } else {
            ("on anyway", format!("--{}", switch.name))
        };
        let place = Span::new(span.start + at, span.start + at + word.len());
        diagnostics
            .report(
                place,
                format!(
                    "`{word}` turns `{}` {state}: the value is ignored",
                    switch.name
                ),
            )
            .help(format!("write `{right}`"))
            .unsafe_fix(format!("write `{right}`"), [(place, right)]);
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::{fixed, found};

    #[test]
    fn values_of_switches() {
        let text = "FROM x\nENV A=1 \\\n  NODE_OPTIONS='--warnings=true --preserve-symlinks=0'\n";
        assert_eq!(
            found(&RULE, text),
            "3:17 `--warnings=true` turns `warnings` on anyway: the value is ignored\n3:33 `--preserve-symlinks=0` turns `preserve-symlinks` on: the value is ignored"
        );
        assert!(fixed(&RULE, text).ends_with("NODE_OPTIONS='--warnings --no-preserve-symlinks'\n"));
    }

    #[test]
    fn options_with_values_and_other_variables_are_fine() {
        for text in [
            "FROM x\nENV NODE_OPTIONS=--max-old-space-size=1\n",
            "FROM x\nENV OTHER=--warnings=false\n",
            "FROM x\nENV NODE_OPTIONS=--no-warnings\n",
            "FROM x\nARG NODE_OPTIONS\n",
        ] {
            assert_eq!(found(&RULE, text), "", "{text}");
        }
    }
}
