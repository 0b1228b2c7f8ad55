use crate::dockerfile::{InstructionKind, KeyValue};
use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::references::mentions;
use crate::lint::{Origin, Step};

declare! {
    /// ## What it does
    /// Reports an `ARG` whose name an `ENV` in force already has, and an `ENV` with a value of its own for a name that an `ARG`
    /// above declares and nothing has read yet.
    ///
    /// ## Why it is bad
    /// Of an `ENV` and an `ARG` of one name the `ENV` always wins: what is passed with `--build-arg` has no effect, and nobody is
    /// told.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine:3.20
    /// ENV CHANNEL=stable
    /// ARG CHANNEL
    /// RUN fetch --channel "$CHANNEL"
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM alpine:3.20
    /// ARG CHANNEL=stable
    /// ENV CHANNEL=${CHANNEL}
    /// RUN fetch --channel "$CHANNEL"
    /// ```
    pub(super) static RULE = Rule {
        code: "DX1107",
        name: "arg-shadowed-by-env",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Correctness,
        summary: "an `ENV` of the same name hides a build argument",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    for step in subject.model.steps() {
        match step.kind() {
            InstructionKind::Arg(declarations) if !step.is_onbuild() => {
                for declaration in declarations {
                    let name = &declaration.name;
                    let hides = step.before().variable(&name.value).is_some_and(|variable| {
                        matches!(variable.origin, Origin::Env | Origin::BaseImage)
                    });
                    if hides && !reads_itself(step, &name.value) {
                        diagnostics
                            .report(
                                name.span,
                                format!("an `ENV` above hides the argument `{}`", name.value),
                            )
                            .help("declare the argument before, and let `ENV` take its value");
                    }
                }
            }
            InstructionKind::Env(pairs) if !step.is_onbuild() => {
                for pair in pairs {
                    check_env(step, pair, diagnostics);
                }
            }
            _ => {}
        }
    }
}

/// `ENV X=…$X…` stands in the stage: the argument is only declared late on purpose, or again.
fn reads_itself(step: Step<'_>, name: &str) -> bool {
    step.stage.steps().take(step.index).any(|before| {
        matches!(before.kind(), InstructionKind::Env(pairs)
            if pairs.iter().any(|pair| pair.key.value == name && mentions(&pair.value.value, name)))
    })
}

fn check_env(step: Step<'_>, pair: &KeyValue, diagnostics: &mut Diagnostics<'_>) {
    let name = &pair.key.value;
    if mentions(&pair.value.value, name) {
        return;
    }
    let text = step.stage.model.file.source.text();
    let mut is_argument = false;
    for before in step.stage.steps().take(step.index) {
        let declares = matches!(before.kind(), InstructionKind::Arg(declarations)
            if declarations.iter().any(|declaration| declaration.name.value == *name));
        if declares {
            is_argument = true;
        } else if before.run().is_some() || mentions(before.written().span.of(text), name) {
            // It is read, or may be.
            is_argument = false;
        }
    }
    if is_argument {
        diagnostics
            .report(
                pair.key.span,
                format!("the argument `{name}` above has no effect: this value hides it"),
            )
            .help(format!(
                "write `ENV {name}=${{{name}}}`, or take the `ARG` away"
            ));
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::found;

    #[test]
    fn a_literal_hides_the_argument() {
        assert_eq!(
            found(&RULE, "FROM x\nARG NAME=a\nENV NAME=a\n"),
            "3:5 the argument `NAME` above has no effect: this value hides it"
        );
        assert_eq!(
            found(&RULE, "FROM x\nENV NAME=a\nARG NAME\n"),
            "3:5 an `ENV` above hides the argument `NAME`"
        );
    }

    #[test]
    fn values_that_are_passed_on_are_fine() {
        for text in [
            "FROM x\nARG NAME=a\nENV NAME=$NAME\n",
            "FROM x\nARG NAME=a\nENV NAME=${NAME:-b}\n",
            "FROM x\nARG NAME=a\nRUN y\nENV NAME=z\n",
            "FROM x AS a\nARG NAME=a\nFROM x\nENV NAME=a\n",
        ] {
            assert_eq!(found(&RULE, text), "", "{text}");
        }
    }
}
