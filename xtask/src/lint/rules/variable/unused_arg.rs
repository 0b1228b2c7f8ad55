use std::cell::LazyCell;

use crate::dockerfile::{ArgDeclaration, Base, InstructionKind};
use crate::edit::Safety;
use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::lines::removed;
use crate::lint::rules::mentions::{LastMentions, Mentions, Names, mentions};
use crate::lint::rules::references::is_shell;
use crate::lint::rules::variable::well_known::may_be_read_by_programs;
use crate::lint::{Model, StageModel, Step};

declare! {
    /// ## What it does
    /// Reports an `ARG` that no later instruction of its stage, or of a stage that starts from it, names; and one before the first
    /// `FROM` that no `FROM`, no default and no stage names.
    ///
    /// ## Why it is bad
    /// Whoever builds with it believes that it does something. In a stage it also throws away the cache of every `RUN` below
    /// whenever its value changes.
    ///
    /// Programs that a `RUN` starts see it in their environment. Where a `RUN` follows, well-known names (`NODE_ENV`, `CGO_ENABLED`,
    /// `VITE_…`) are therefore not reported, nor is anything where it starts a script or `make`; of other names the message says that a program might read them.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine:3.20
    /// ARG CHANNEL=stable
    /// COPY server /srv/
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM alpine:3.20
    /// ARG CHANNEL=stable
    /// COPY server-${CHANNEL} /srv/
    /// ```
    ///
    /// ## Fix safety
    /// Unsafe: the line is taken away where no `RUN` follows. A build that passes the argument is then warned.
    pub(super) static RULE = Rule {
        code: "DX1106",
        name: "unused-arg",
        aliases: &[],
        severity: Severity::Note,
        enabled: true,
        category: Category::Correctness,
        summary: "nothing reads a build argument",
        fix: Fixability::Sometimes(Safety::Unsafe),
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    let model = subject.model;
    let names = LazyCell::new(|| Names::declared(model));
    let words = LazyCell::new(|| LastMentions::of(model.file.source.text(), &names));
    for declaration in &model.file.global_args {
        check_global(model, &words, declaration, diagnostics);
    }
    let readers: Vec<_> = model
        .stages()
        .map(|stage| {
            let names = &names;
            LazyCell::new(move || Readers::of(stage, names))
        })
        .collect();
    for stage in model.stages() {
        let heirs = LazyCell::new(|| heirs(model, stage.index));
        for step in stage.steps() {
            let InstructionKind::Arg(declarations) = step.kind() else {
                continue;
            };
            if step.is_onbuild() {
                continue;
            }
            let heirs: Vec<&Readers<'_>> = heirs
                .iter()
                .map(|heir| LazyCell::force(&readers[*heir]))
                .collect();
            for declaration in declarations {
                let siblings = declarations.len();
                let own = &readers[stage.index];
                check_in_stage(step, declaration, siblings, (own, &heirs), diagnostics);
            }
        }
    }
}

/// What may read a variable in a stage.
struct Readers<'m> {
    mentions: Mentions<'m>,
    steps: usize,
    last_run: Option<usize>,
    last_script: Option<usize>,
}

impl<'m> Readers<'m> {
    fn of(stage: StageModel<'m>, names: &Names<'_>) -> Self {
        let last = |is_meant: fn(Step<'_>) -> bool| {
            let step = stage.steps().rev().find(|step| is_meant(*step))?;
            Some(step.index)
        };
        Self {
            mentions: Mentions::of(stage, names),
            steps: stage.stage().instructions.len(),
            last_run: last(|step| step.run().is_some()),
            last_script: last(runs_script),
        }
    }
}

fn is_for_the_builder(name: &str) -> bool {
    name.starts_with("BUILDKIT_")
        || name == "SOURCE_DATE_EPOCH"
        || name.to_ascii_lowercase().ends_with("_proxy")
}

fn check_global(
    model: &Model,
    words: &LastMentions<'_>,
    declaration: &ArgDeclaration,
    diagnostics: &mut Diagnostics<'_>,
) {
    let name = &declaration.name;
    if model.file.stages.is_empty()
        || is_for_the_builder(&name.value)
        || words.any_from(name.span.end, &name.value)
    {
        return;
    }
    diagnostics
        .report(name.span, format!("nothing reads `{}`", name.value))
        .help("use it in a `FROM` or a stage, or take it away");
}

fn check_in_stage(
    step: Step<'_>,
    declaration: &ArgDeclaration,
    siblings: usize,
    (own, heirs): (&Readers<'_>, &[&Readers<'_>]),
    diagnostics: &mut Diagnostics<'_>,
) {
    let name = &declaration.name.value;
    let model = step.stage.model;
    if is_for_the_builder(name) {
        return;
    }
    let text = model.file.source.text();
    let rest = &text[declaration.name.span.end..step.written().span.end];
    if mentions(rest, name)
        || own.mentions.any(step.index + 1..own.steps, name)
        || heirs
            .iter()
            .any(|heir| heir.mentions.any(0..heir.steps, name))
    {
        return;
    }
    let run_follows =
        own.last_run > Some(step.index) || heirs.iter().any(|heir| heir.last_run.is_some());
    let script_follows =
        own.last_script > Some(step.index) || heirs.iter().any(|heir| heir.last_script.is_some());
    if script_follows || run_follows && may_be_read_by_programs(name) {
        return;
    }
    let message = if run_follows {
        format!("nothing here reads `{name}`; only a program that a `RUN` below starts could")
    } else {
        format!("nothing reads `{name}`")
    };
    let found = diagnostics
        .report(declaration.name.span, message)
        .help("use it, or take it away");
    if !run_follows && siblings == 1 {
        found.unsafe_fix("take it away", [removed(model, step.written())]);
    }
}

/// A `RUN` of a script or a makefile of the repository, which may read any variable.
fn runs_script(step: Step<'_>) -> bool {
    let text = step.stage.model.file.source.text();
    let is_script =
        |word: &str| word.contains('/') && !word.starts_with("/usr/") && !word.starts_with("/bin/");
    step.run().is_some()
        && step.invocations().iter().any(|invocation| {
            is_script(invocation.program_span.of(text))
                || invocation.is_any(&["make", "cmake", "ninja", ".", "source"])
                || (is_shell(&invocation.program) && !invocation.arguments.is_empty())
        })
}

/// The stages that start from a stage, directly or not.
fn heirs(model: &Model, stage: usize) -> Vec<usize> {
    let bases = &model.graph.bases;
    let mut is_heir = vec![false; bases.len()];
    for (index, base) in bases.iter().enumerate() {
        is_heir[index] =
            matches!(base, Base::Stage(parent) if *parent == stage || is_heir[*parent]);
    }
    (0..bases.len()).filter(|index| is_heir[*index]).collect()
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::{fixed, found};

    #[test]
    fn arguments_that_nothing_reads() {
        let text = "ARG X\nFROM a AS b\nARG SERVICE_NAME=api\nRUN npx nx build api\nFROM a\nARG Y=1\nENV SERVICE_NAME=api\n";
        assert_eq!(
            found(&RULE, text),
            "1:5 nothing reads `X`\n3:5 nothing here reads `SERVICE_NAME`; only a program that a `RUN` below starts could\n6:5 nothing reads `Y`"
        );
        assert!(fixed(&RULE, "FROM a\nARG Y=1\nCMD x\n").ends_with("FROM a\nCMD x\n"));
    }

    #[test]
    fn arguments_that_are_read_are_fine() {
        for text in [
            "ARG X\nFROM a:$X\n",
            "ARG X\nARG Z=$X\nFROM a:$Z\n",
            "FROM a AS b\nARG X\nFROM b AS c\nFROM c\nRUN echo $X\n",
            "FROM a\nARG NODE_ENV\nRUN npm ci\n",
            "FROM a\nARG X\nRUN make\n",
            "FROM a\nARG X\nRUN ./install.sh\n",
            "ARG BUILDKIT_SBOM_SCAN_STAGE=true\nFROM a\n",
        ] {
            assert_eq!(found(&RULE, text), "", "{text}");
        }
    }
}
