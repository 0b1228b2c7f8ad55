use crate::dockerfile::InstructionKind;
use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::declarations::stage_name;
use crate::lint::{Known, Model, StageModel};

declare! {
    /// ## What it does
    /// Reports a `HEALTHCHECK` that two or more stages of the file inherit, and a final stage with a `CMD`, `ENTRYPOINT` or `EXPOSE`
    /// of its own whose `HEALTHCHECK` comes from another Dockerfile of the repository.
    ///
    /// ## Why it is bad
    /// A probe belongs to the program it asks. What inherits it answers at another port, or is a stage that only builds: its
    /// containers become unhealthy without anything being wrong. `HEALTHCHECK NONE` ends the inheritance.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine:3.20 AS base
    /// HEALTHCHECK CMD wget -q -O /dev/null http://localhost:3000/
    ///
    /// FROM base AS build
    /// RUN make
    ///
    /// FROM base AS production
    /// CMD ["server"]
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM alpine:3.20 AS base
    ///
    /// FROM base AS build
    /// RUN make
    ///
    /// FROM base AS production
    /// HEALTHCHECK CMD wget -q -O /dev/null http://localhost:3000/
    /// CMD ["server"]
    /// ```
    pub(super) static RULE = Rule {
        code: "DX1205",
        name: "healthcheck-inherited",
        aliases: &[],
        severity: Severity::Note,
        enabled: true,
        category: Category::Correctness,
        summary: "a `HEALTHCHECK` is inherited by stages that start something else",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    let model = subject.model;
    for stage in model.stages() {
        check_shared(model, stage, diagnostics);
    }
    if let Some(last) = model.final_stage() {
        check_foreign(model, last, diagnostics);
    }
}

/// The stage whose `HEALTHCHECK` is in force at the end of another.
fn source(stage: StageModel<'_>) -> Option<StageModel<'_>> {
    let Known::Yes(Some(inherited)) = stage.end().healthcheck() else {
        return None;
    };
    inherited.value?;
    inherited.stage
}

fn check_shared(model: &Model, stage: StageModel<'_>, diagnostics: &mut Diagnostics<'_>) {
    let Some(step) = stage.steps().rfind(|step| {
        !step.is_onbuild() && matches!(step.kind(), InstructionKind::Healthcheck(Some(_)))
    }) else {
        return;
    };
    let heirs: Vec<String> = model
        .stages()
        .filter(|heir| heir.index > stage.index)
        .filter(|heir| source(*heir).is_some_and(|from| is_same(from, stage)))
        .map(|heir| stage_name(heir.stage()))
        .collect();
    if heirs.len() < 2 {
        return;
    }
    diagnostics
        .report(
            step.instruction().keyword.span,
            format!("the stages {} inherit this `HEALTHCHECK`", heirs.join(", ")),
        )
        .help("move it to the stage whose program it asks");
}

fn check_foreign(model: &Model, last: StageModel<'_>, diagnostics: &mut Diagnostics<'_>) {
    let Some(from) = source(last).filter(|from| !std::ptr::eq(from.model, model)) else {
        return;
    };
    let starts = last.steps().any(|step| {
        matches!(
            step.kind(),
            InstructionKind::Cmd(_) | InstructionKind::Entrypoint(_) | InstructionKind::Expose(_)
        )
    });
    if starts {
        diagnostics
            .report(
                last.stage().base.span,
                format!(
                    "the `HEALTHCHECK` of {} holds here too",
                    from.model.file.source.path()
                ),
            )
            .help("give this image a `HEALTHCHECK` of its own, or `HEALTHCHECK NONE`");
    }
}

fn is_same(a: StageModel<'_>, b: StageModel<'_>) -> bool {
    a.index == b.index && std::ptr::eq(a.model, b.model)
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::found;

    #[test]
    fn shared_probes() {
        let text = "FROM node:20-alpine AS base\nHEALTHCHECK CMD curl -f http://localhost:3000/health || exit 1\nFROM base AS builder\nFROM base AS development\nFROM base\n";
        assert_eq!(
            found(&RULE, text),
            "2:1 the stages `builder`, `development`, 3 inherit this `HEALTHCHECK`"
        );
        for text in [
            "FROM a AS base\nHEALTHCHECK CMD x\nFROM base\n",
            "FROM a AS base\nHEALTHCHECK CMD x\nFROM base AS b\nHEALTHCHECK NONE\nFROM base\n",
            "FROM a AS base\nHEALTHCHECK NONE\nFROM base AS b\nFROM base\n",
        ] {
            assert_eq!(found(&RULE, text), "", "{text}");
        }
    }
}
