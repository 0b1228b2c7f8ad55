use crate::dockerfile::{InstructionKind, KeyValue};
use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::Step;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::references::mentions;

declare! {
    /// ## What it does
    /// Reports an `ENV` with a value of its own for a name that an `ARG` above declares and nothing has read yet.
    ///
    /// ## Why it is bad
    /// From that line on the `ENV` is in force: what is passed with `--build-arg` has no effect, and nobody is told. (The
    /// other way round, an `ARG` below the `ENV` is in force while building, and the image keeps the `ENV`.)
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine:3.20
    /// ARG CHANNEL=stable
    /// ENV CHANNEL=stable
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
        let InstructionKind::Env(pairs) = step.kind() else {
            continue;
        };
        if !step.is_onbuild() {
            for pair in pairs {
                check_env(step, pair, diagnostics);
            }
        }
    }
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
    }

    #[test]
    fn values_that_are_passed_on_are_fine() {
        for text in [
            "FROM x\nARG NAME=a\nENV NAME=$NAME\n",
            "FROM x\nARG NAME=a\nENV NAME=${NAME:-b}\n",
            "FROM x\nARG NAME=a\nRUN y\nENV NAME=z\n",
            // The other way round the argument is in force.
            "FROM x\nENV NAME=a\nARG NAME\nRUN y\n",
            "FROM x AS a\nARG NAME=a\nFROM x\nENV NAME=a\n",
        ] {
            assert_eq!(found(&RULE, text), "", "{text}");
        }
    }
}
