use crate::dockerfile::{ArgDeclaration, Base, InstructionKind};
use crate::edit::Safety;
use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::lines::removed;
use crate::lint::rules::references::{is_shell, mentions};
use crate::lint::rules::variable::well_known::may_be_read_by_programs;
use crate::lint::{Model, Step};

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
    for declaration in &model.file.global_args {
        check_global(model, declaration, diagnostics);
    }
    for step in model.steps() {
        let InstructionKind::Arg(declarations) = step.kind() else {
            continue;
        };
        if step.is_onbuild() {
            continue;
        }
        for declaration in declarations {
            check_in_stage(step, declaration, declarations.len(), diagnostics);
        }
    }
}

fn is_for_the_builder(name: &str) -> bool {
    name.starts_with("BUILDKIT_")
        || name == "SOURCE_DATE_EPOCH"
        || name.to_ascii_lowercase().ends_with("_proxy")
}

fn check_global(model: &Model, declaration: &ArgDeclaration, diagnostics: &mut Diagnostics<'_>) {
    let name = &declaration.name;
    let rest = &model.file.source.text()[name.span.end..];
    if model.file.stages.is_empty()
        || is_for_the_builder(&name.value)
        || mentions(rest, &name.value)
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
    diagnostics: &mut Diagnostics<'_>,
) {
    let name = &declaration.name.value;
    let model = step.stage.model;
    if is_for_the_builder(name) {
        return;
    }
    let text = model.file.source.text();
    let own = &text[declaration.name.span.end..step.written().span.end];
    if mentions(own, name) {
        return;
    }
    let mut run_follows = false;
    let mut script_follows = false;
    let heirs = heirs(model, step.stage.index);
    let later = step.stage.steps().skip(step.index + 1);
    let in_heirs = model
        .stages()
        .filter(|stage| heirs.contains(&stage.index))
        .flat_map(crate::lint::StageModel::steps);
    for reader in later.chain(in_heirs) {
        if mentions(reader.written().span.of(text), name) {
            return;
        }
        run_follows |= reader.run().is_some();
        script_follows |= runs_script(reader);
    }
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
    let mut heirs = Vec::new();
    for (index, base) in model.graph.bases.iter().enumerate() {
        if matches!(base, Base::Stage(parent) if *parent == stage || heirs.contains(parent)) {
            heirs.push(index);
        }
    }
    heirs
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
