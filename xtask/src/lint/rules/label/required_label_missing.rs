use std::collections::BTreeSet;

use super::labels::key;
use crate::dockerfile::InstructionKind;
use crate::finding::Severity;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::{Diagnostics, Parent, StageModel};

declare! {
    /// ## What it does
    /// Reports a label of the schema that the last stage has not, neither itself nor from the stages and the images of
    /// this repository it starts from. Without a schema nothing is reported.
    ///
    /// ## Why it is bad
    /// Labels are how an image in a registry is traced to its source, owner and license. One that is missing is noticed
    /// when it is needed.
    ///
    /// ## Example
    /// ```toml
    /// [label-schema]
    /// "org.opencontainers.image.source" = "url"
    /// ```
    /// ```dockerfile
    /// FROM alpine:3.20
    /// ```
    ///
    /// ## Use instead
    /// ```toml
    /// [label-schema]
    /// "org.opencontainers.image.source" = "url"
    /// ```
    /// ```dockerfile
    /// FROM alpine:3.20
    /// LABEL org.opencontainers.image.source="https://example.com/app"
    /// ```
    ///
    /// ## Options
    /// `label-schema`: names of labels, each with the kind of its value.
    pub(super) static RULE = Rule {
        code: "DL3049",
        name: "required-label-missing",
        aliases: &[],
        severity: Severity::Note,
        enabled: true,
        category: Category::Style,
        summary: "a label that the schema requires is missing",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    let schema = &subject.options.label_schema;
    let Some(last) = subject.model.final_stage().filter(|_| !schema.is_empty()) else {
        return;
    };
    let present = inherited(last);
    for required in schema
        .keys()
        .filter(|required| !present.contains(required.as_str()))
    {
        diagnostics
            .report(
                last.stage().base.span,
                format!("the image has no label `{required}`"),
            )
            .help(format!("add `LABEL {required}=…`"));
    }
}

/// The labels of a stage and of all it starts from.
fn inherited(mut stage: StageModel<'_>) -> BTreeSet<&str> {
    let mut present = BTreeSet::new();
    loop {
        for step in stage.steps() {
            if let InstructionKind::Label(pairs) = &step.written().kind {
                present.extend(pairs.iter().map(key));
            }
        }
        stage = match stage.parent() {
            Parent::Stage(index) => StageModel {
                index: *index,
                ..stage
            },
            Parent::Own { model, stage } => StageModel {
                model,
                index: *stage,
            },
            Parent::Scratch | Parent::Image(_) => return present,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::{Repository, found};

    fn with_schema(dockerfile: &str) -> String {
        Repository::new(dockerfile)
            .options("[label-schema]\na = 'text'\nb = ''\n")
            .found(&RULE)
    }

    #[test]
    fn labels_are_inherited_within_the_file() {
        assert_eq!(found(&RULE, "FROM a:1\n"), "");
        assert_eq!(
            with_schema("FROM x:1 AS p\nLABEL a=1\nFROM p\nLABEL \"b\"=2\n"),
            ""
        );
        assert_eq!(
            with_schema("FROM x:1\nLABEL a=1\nFROM --platform=$BUILDPLATFORM y:1\nLABEL b=1\n"),
            "3:32 the image has no label `a`"
        );
    }
}
