use crate::dockerfile::InstructionKind;
use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::declarations::{Elsewhere, elsewhere};

declare! {
    /// ## What it does
    /// Reports an `ENV` with the name of an `ARG` of another stage (or before the first `FROM`) and with its default as value.
    ///
    /// ## Why it is bad
    /// The two are meant to be one, but only the argument can be set: a build with another value compiles for one thing and
    /// labels the image with the other.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine:3.20 AS build
    /// ARG SERVICE=gateway
    /// RUN make "$SERVICE"
    ///
    /// FROM alpine:3.20
    /// ENV SERVICE=gateway
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// ARG SERVICE=gateway
    /// FROM alpine:3.20 AS build
    /// ARG SERVICE
    /// RUN make "$SERVICE"
    ///
    /// FROM alpine:3.20
    /// ARG SERVICE
    /// ENV SERVICE=${SERVICE}
    /// ```
    pub(super) static RULE = Rule {
        code: "DX1108",
        name: "env-repeats-arg",
        aliases: &[],
        severity: Severity::Note,
        enabled: true,
        category: Category::Correctness,
        summary: "an `ENV` repeats the default of a build argument",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    let file = &subject.model.file;
    if file.stages.len() < 2 && file.global_args.is_empty() {
        return;
    }
    for step in subject.model.steps() {
        let InstructionKind::Env(pairs) = step.kind() else {
            continue;
        };
        for pair in pairs {
            let name = &pair.key.value;
            let value = pair.value.value.trim_matches(['"', '\'']);
            if value.is_empty() || value.contains('$') || step.before().variable(name).is_some() {
                continue;
            }
            let Some(found) = elsewhere(step.stage, name) else {
                continue;
            };
            let (Elsewhere::Global(declaration) | Elsewhere::Stage(_, declaration)) = found else {
                continue;
            };
            let repeats = declaration
                .default
                .as_ref()
                .is_some_and(|default| default.value.trim_matches(['"', '\'']) == value);
            if repeats {
                diagnostics
                    .report(
                        pair.value.span,
                        format!(
                            "`{name}` repeats the default of the argument that is declared {}",
                            found.place()
                        ),
                    )
                    .help(format!(
                        "declare `ARG {name}` in this stage and write `ENV {name}=${{{name}}}`"
                    ));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::found;

    #[test]
    fn one_name_with_one_value_twice() {
        assert_eq!(
            found(
                &RULE,
                "FROM x AS base\nARG SERVICE_NAME=api\nFROM x\nENV SERVICE_NAME=\"api\"\n"
            ),
            "4:18 `SERVICE_NAME` repeats the default of the argument that is declared in stage `base` only"
        );
        for text in [
            "FROM x AS base\nARG A=api\nFROM x\nENV A=web\n",
            "FROM x AS base\nARG A=api\nFROM x\nENV B=api\n",
            "FROM x AS base\nARG A\nFROM x\nENV A=api\n",
            "FROM x AS base\nARG A=api\nFROM x\nARG A\nENV A=$A\n",
        ] {
            assert_eq!(found(&RULE, text), "", "{text}");
        }
    }
}
