use crate::dockerfile::PLATFORM_ARGS;
use crate::edit::Safety;
use crate::finding::Severity;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::declarations::{elsewhere, may_come_with_base};
use crate::lint::rules::lines::inserted_before;
use crate::lint::rules::mentions::{mentions, mentions_bare};
use crate::lint::rules::references::{Use, read_by_builder, read_by_shell};
use crate::lint::{Diagnostics, Model, Step};
use crate::text_search::Part;

static STARTS_OF_PLATFORM_ARGS: [Part; 2] = [Part::new("TARGET"), Part::new("BUILD")];

declare! {
    /// ## What it does
    /// Reports a variable that a stage reads although its `ARG` stands before the first `FROM`, or in a stage that this one does
    /// not start from; likewise `TARGETARCH` and its kin without an `ARG` of their own. Looked at are all instructions that
    /// expand variables and the text of `RUN`.
    ///
    /// ## Why it is bad
    /// An `ARG` holds from its line to the end of its stage, and in stages that start from it. Elsewhere the variable is empty,
    /// without an error: `EXPOSE` exposes nothing, a path loses a part, a download asks for no version.
    ///
    /// `${NAME:-default}` says itself what to take, and is fine.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine:3.20 AS build
    /// ARG PORT=3001
    /// RUN echo "$PORT" > /port
    ///
    /// FROM alpine:3.20
    /// COPY --from=build /port /port
    /// EXPOSE ${PORT}
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM alpine:3.20 AS build
    /// ARG PORT=3001
    /// RUN echo "$PORT" > /port
    ///
    /// FROM alpine:3.20
    /// COPY --from=build /port /port
    /// ARG PORT=3001
    /// EXPOSE ${PORT}
    /// ```
    ///
    /// ## Fix safety
    /// Unsafe: an `ARG` is inserted before the first instruction that reads the variable, with the default it has in the other
    /// stage. The variable then has a value where it was empty before.
    ///
    /// ## References
    /// - <https://docs.docker.com/build/building/variables/#scoping>
    pub(super) static RULE = Rule {
        code: "DX1101",
        name: "arg-out-of-stage",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Correctness,
        summary: "a build argument is read where its `ARG` does not reach",
        fix: Fixability::Sometimes(Safety::Unsafe),
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    if !declares_elsewhere(subject.model) {
        return;
    }
    for stage in subject.model.stages() {
        let mut reported: Vec<&str> = Vec::new();
        for step in stage.steps() {
            let mut in_step: Vec<&str> = Vec::new();
            for read in reads(step) {
                if in_step.contains(&read.name) || !check_use(step, &read, &reported, diagnostics) {
                    continue;
                }
                in_step.push(read.name);
                reported.push(read.name);
            }
        }
    }
}

/// Whether a stage can lack something that is declared outside of it: in another stage, before all of them, by the builder.
fn declares_elsewhere(model: &Model) -> bool {
    let text = model.file.source.text();
    model.file.stages.len() > 1
        || !model.file.global_args.is_empty()
        || STARTS_OF_PLATFORM_ARGS
            .iter()
            .any(|start| start.is_in(text))
            && PLATFORM_ARGS.iter().any(|name| mentions(text, name))
}

/// What the builder expands, and what the shell of a `RUN` does.
fn reads(step: Step<'_>) -> Vec<Use<'_>> {
    let mut reads = read_by_builder(step);
    if step.run().is_some() {
        let mut by_shell = read_by_shell(step);
        if !by_shell.is_empty() {
            let text = step
                .instruction()
                .span
                .of(step.stage.model.file.source.text());
            // The script sets it, or may get it from a file that it reads.
            by_shell.retain(|read| !mentions_bare(text, read.name));
            if step
                .invocations()
                .iter()
                .any(|i| i.is_any(&[".", "source", "eval"]))
            {
                by_shell.clear();
            }
        }
        reads.append(&mut by_shell);
    }
    reads
}

fn check_use(
    step: Step<'_>,
    read: &Use<'_>,
    reported: &[&str],
    diagnostics: &mut Diagnostics<'_>,
) -> bool {
    let moment = step.before();
    if read.has_alternative() || moment.variable(read.name).is_some() {
        return false;
    }
    let Some(elsewhere) = elsewhere(step.stage, read.name) else {
        return false;
    };
    if !moment.base_is_known() && may_come_with_base(step.stage, read.name) {
        return false;
    }
    let found = diagnostics
        .report(
            read.span,
            format!(
                "`{}` is empty here: it is declared {}",
                read.name,
                elsewhere.place()
            ),
        )
        .help(format!("declare it in this stage: `ARG {}`", read.name));
    if !step.is_onbuild() && !reported.contains(&read.name) {
        found.unsafe_fix(
            format!("insert `ARG {}`", read.name),
            [inserted_before(
                step.stage.model,
                step.written(),
                "ARG",
                &elsewhere.declaration(read.name),
            )],
        );
    }
    true
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::{fixed, found};

    #[test]
    fn the_port_of_another_stage() {
        let text = "ARG BASE_IMAGE=ghcr.io/x/base:latest\nFROM ${BASE_IMAGE} AS base\nARG SERVICE_PORT=3001\nFROM ${BASE_IMAGE} AS production\nENV PORT=${SERVICE_PORT}\nEXPOSE ${SERVICE_PORT}\n";
        assert_eq!(
            found(&RULE, text),
            "5:10 `SERVICE_PORT` is empty here: it is declared in stage `base` only\n6:8 `SERVICE_PORT` is empty here: it is declared in stage `base` only"
        );
        assert!(fixed(&RULE, text).ends_with(
            "production\nARG SERVICE_PORT=3001\nENV PORT=${SERVICE_PORT}\nEXPOSE ${SERVICE_PORT}\n"
        ));
    }

    #[test]
    fn global_and_platform_arguments_need_a_declaration() {
        let text = "arg V=1\r\nfrom alpine:3.20\r\n  run curl x-$V-$TARGETARCH\r\n";
        assert_eq!(
            found(&RULE, text),
            "3:14 `V` is empty here: it is declared before the first `FROM` only\n3:17 `TARGETARCH` is empty here: it is declared by the builder, for stages that ask for it"
        );
        assert_eq!(
            fixed(&RULE, text),
            "arg V=1\r\nfrom alpine:3.20\r\n  arg V\r\n  arg TARGETARCH\r\n  run curl x-$V-$TARGETARCH\r\n"
        );
    }

    #[test]
    fn values_that_arrive_are_fine() {
        for text in [
            "FROM alpine:3.20 AS a\nARG X=1\nFROM a\nRUN echo $X\n",
            "ARG X=1\nFROM alpine:3.20\nRUN echo ${X:-2}\n",
            "ARG X=1\nFROM alpine:3.20\nRUN X=2 && echo $X\n",
            "ARG X=1\nFROM alpine:3.20\nRUN . /env && echo $X\n",
            "ARG X=1\nFROM alpine:3.20\nRUN echo '$X' \\$X\n",
            "ARG X=1\nFROM alpine:3.20\nRUN [\"echo\", \"$X\"]\n",
            "ARG X=1\nFROM alpine:3.20\nENV X=2\nRUN echo $X\n",
            "ARG FOO_VERSION=1\nFROM example.com/foo:$FOO_VERSION\nRUN echo $FOO_VERSION\n",
            "FROM alpine:3.20\nRUN echo $NOBODY\n",
        ] {
            assert_eq!(found(&RULE, text), "", "{text}");
        }
    }
}
