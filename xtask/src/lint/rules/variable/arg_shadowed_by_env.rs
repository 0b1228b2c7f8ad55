use std::cell::LazyCell;

use foldhash::HashMap;

use crate::dockerfile::{InstructionKind, KeyValue};
use crate::finding::Severity;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::mentions::{Mentions, Names, mentions};
use crate::lint::{Diagnostics, StageModel};

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
    for stage in subject.model.stages() {
        check_stage(stage, diagnostics);
    }
}

fn check_stage(stage: StageModel<'_>, diagnostics: &mut Diagnostics<'_>) {
    let mentioned = LazyCell::new(|| Mentions::of(stage, &Names::declared(stage.model)));
    // The last `ARG` of each name, and the last `RUN`.
    let mut declared: HashMap<&str, usize> = HashMap::default();
    let mut last_run = None;
    for step in stage.steps() {
        match step.kind() {
            InstructionKind::Arg(declarations) => {
                let names = declarations.iter().map(|it| it.name.value.as_str());
                declared.extend(names.map(|name| (name, step.index)));
            }
            InstructionKind::Run(_) => last_run = Some(step.index),
            InstructionKind::Env(pairs) if !step.is_onbuild() => {
                for pair in pairs {
                    let name = pair.key.value.as_str();
                    let Some(&declaration) = declared.get(name) else {
                        continue;
                    };
                    // It is read, or may be.
                    let is_read = mentions(&pair.value.value, name)
                        || last_run > Some(declaration)
                        || mentioned.any(declaration + 1..step.index, name);
                    if !is_read {
                        report(pair, diagnostics);
                    }
                }
            }
            _ => {}
        }
    }
}

fn report(pair: &KeyValue, diagnostics: &mut Diagnostics<'_>) {
    let name = &pair.key.value;
    diagnostics
        .report(
            pair.key.span,
            format!("the argument `{name}` above has no effect: this value hides it"),
        )
        .help(format!(
            "write `ENV {name}=${{{name}}}`, or take the `ARG` away"
        ));
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
