use crate::dockerfile::InstructionKind;
use crate::edit::Safety;
use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::declarations::elsewhere;
use crate::lint::rules::lines::inserted_before;
use crate::lint::rules::mentions::mentions_bare;
use crate::lint::rules::references::{Use, read_by_shell};
use crate::lint::{Origin, Step};

declare! {
    /// ## What it does
    /// Reports a variable that the shell text of `CMD`, `ENTRYPOINT` or `HEALTHCHECK` reads, and that only an `ARG` declares.
    ///
    /// ## Why it is bad
    /// These texts are expanded in the container, long after the build: arguments of the build are gone by then. A probe of
    /// `http://localhost:${PORT}/` asks port 80, and the container is unhealthy for ever.
    ///
    /// A variable that no `ARG` names may be set when the container is started, and is not reported; nor is one that some `ENV`
    /// of the file sets.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine:3.20
    /// ARG PORT=8080
    /// HEALTHCHECK CMD wget -q -O /dev/null http://localhost:${PORT}/ || exit 1
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM alpine:3.20
    /// ARG PORT=8080
    /// ENV PORT=${PORT}
    /// HEALTHCHECK CMD wget -q -O /dev/null http://localhost:${PORT}/ || exit 1
    /// ```
    ///
    /// ## Fix safety
    /// Unsafe: an `ENV` keeps the argument's value in the image; where the stage does not see the argument, an `ARG` is inserted
    /// too.
    pub(super) static RULE = Rule {
        code: "DX1102",
        name: "runtime-variable-not-in-image",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Correctness,
        summary: "a command of the container reads a build argument",
        fix: Fixability::Sometimes(Safety::Unsafe),
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    for step in subject.model.steps() {
        let command = match step.kind() {
            InstructionKind::Cmd(_) => "CMD",
            InstructionKind::Entrypoint(_) => "ENTRYPOINT",
            InstructionKind::Healthcheck(Some(_)) => "HEALTHCHECK",
            _ => continue,
        };
        let mut seen: Vec<&str> = Vec::new();
        for read in read_by_shell(step) {
            if read.has_alternative() || seen.contains(&read.name) {
                continue;
            }
            seen.push(read.name);
            check_use(step, command, &read, diagnostics);
        }
    }
}

fn check_use(step: Step<'_>, command: &str, read: &Use<'_>, diagnostics: &mut Diagnostics<'_>) {
    let model = step.stage.model;
    let text = step.instruction().span.of(model.file.source.text());
    let in_scope = step.before().variable(read.name);
    let missing = match in_scope {
        Some(variable) => variable.origin == Origin::Arg && !variable.in_image,
        None => elsewhere(step.stage, read.name).is_some(),
    };
    if !missing || mentions_bare(text, read.name) || model.sets_variable(read.name) {
        return;
    }
    let found = diagnostics
        .report(
            read.span,
            format!(
                "`{}` is an argument of the build: the container that runs `{command}` does not have it",
                read.name
            ),
        )
        .help(format!("keep its value in the image: `ENV {0}=${{{0}}}`", read.name));
    if step.is_onbuild() {
        return;
    }
    let kept = format!("{0}=${{{0}}}", read.name);
    let (at, mut lines) = inserted_before(model, step.written(), "ENV", &kept);
    if let (None, Some(elsewhere)) = (in_scope, elsewhere(step.stage, read.name)) {
        let declaration = elsewhere.declaration(read.name);
        lines.insert_str(
            0,
            &inserted_before(model, step.written(), "ARG", &declaration).1,
        );
    }
    found.unsafe_fix(format!("insert `ENV {kept}`"), [(at, lines)]);
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::{fixed, found};

    #[test]
    fn the_probe_of_a_port_that_the_container_does_not_know() {
        let text = "FROM example.com/base AS base\nARG SERVICE_PORT=3001\nFROM example.com/base\nHEALTHCHECK --interval=15s \\\n  CMD curl -f http://localhost:${SERVICE_PORT}/health || exit 1\n";
        assert_eq!(
            found(&RULE, text),
            "5:32 `SERVICE_PORT` is an argument of the build: the container that runs `HEALTHCHECK` does not have it"
        );
        let fixed = fixed(&RULE, text);
        assert!(
            fixed.contains("ARG SERVICE_PORT=3001\nENV SERVICE_PORT=${SERVICE_PORT}\nHEALTHCHECK"),
            "{fixed}"
        );
    }

    #[test]
    fn variables_of_the_container_are_fine() {
        for text in [
            "FROM alpine:3.20\nCMD echo $HOME $ANY\n",
            "FROM alpine:3.20\nARG P=1\nENV P=$P\nCMD echo $P\n",
            "FROM alpine:3.20\nARG P=1\nCMD P=2; echo $P\n",
            "FROM alpine:3.20\nARG P=1\nCMD echo ${P:-3}\n",
            "FROM alpine:3.20\nARG P=1\nCMD [\"echo\", \"$P\"]\n",
            "FROM alpine:3.20\nARG P=1\nRUN echo $P\n",
        ] {
            assert_eq!(found(&RULE, text), "", "{text}");
        }
    }
}
