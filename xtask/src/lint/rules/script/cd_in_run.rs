use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::Step;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::commands::{is_shell_form, unix_runs};
use crate::lint::rules::lines::inserted_before;
use crate::lint::rules::mending::Edits;
use crate::shell::{Connector, Invocation};
use crate::source::Span;

declare! {
    /// ## What it does
    /// Reports `cd` in a `RUN`: once for each `RUN`, at the first one.
    ///
    /// ## Why it is bad
    /// The next instruction starts in the working directory again. `WORKDIR` says for good where the following
    /// instructions and the
    /// container are, creates the folder, and shows in the image's configuration.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM debian:12
    /// RUN cd /app && make
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM debian:12
    /// WORKDIR /app
    /// RUN make
    /// ```
    ///
    /// ## Fix safety
    /// Unsafe: later instructions and the container start in the folder too. There is a fix where the `RUN` starts with
    /// `cd /folder &&`.
    pub(super) static RULE = Rule {
        code: "DL3003",
        name: "cd-in-run",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Style,
        summary: "`cd` counts for one `RUN` only",
        fix: Fixability::Sometimes(crate::edit::Safety::Unsafe),
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    for (step, _) in unix_runs(subject.model) {
        let Some(cd) = step
            .invocations()
            .iter()
            .find(|it| it.is("cd") && !it.nested)
        else {
            continue;
        };
        let message = match cd.arguments.first() {
            Some(folder) if cd.arguments.len() == 1 => {
                format!("`cd {}` counts for this `RUN` only", folder.text)
            }
            _ => "`cd` counts for this `RUN` only".to_owned(),
        };
        let found = diagnostics
            .report(cd.span, message)
            .help("use `WORKDIR` for the instructions that follow");
        if let Some(edits) = as_workdir(step, cd) {
            found.unsafe_fix("set it with `WORKDIR`", edits);
        }
    }
}

/// `RUN cd /x && y` as `WORKDIR /x` and `RUN y`.
fn as_workdir(step: Step<'_>, cd: &Invocation) -> Option<Edits> {
    let [folder] = cd.arguments.as_slice() else {
        return None;
    };
    let is_plain = folder.literal && !folder.quoted && folder.text.starts_with('/');
    if !is_plain || folder.text.contains(['*', '?', '[', '\\']) || step.is_onbuild() {
        return None;
    }
    let run = step.run()?;
    if !is_shell_form(step) || !run.flags.is_empty() || !run.heredocs.is_empty() {
        return None;
    }
    let [script] = step.scripts() else {
        return None;
    };
    let first = script.list.statements.first()?;
    let (Connector::And, next) = first.and_or.rest.first()? else {
        return None;
    };
    if first.and_or.first.span != cd.span {
        return None;
    }
    let model = step.stage.model;
    let removed = Span::new(cd.span.start, next.span.start);
    if removed.of(model.file.source.text()).contains('#') {
        return None;
    }
    Some(vec![
        inserted_before(model, step.written(), "WORKDIR", &folder.text),
        (removed, String::new()),
    ])
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::{fixed, found};

    #[test]
    fn commands_that_stay_where_they_are() {
        for run in [
            "make -C /app",
            "echo cd /x",
            "git -C x pull",
            "sh -c 'cd /x && y'",
        ] {
            assert_eq!(
                found(&RULE, &format!("FROM debian:12\nRUN {run}\n")),
                "",
                "{run}"
            );
        }
    }

    #[test]
    fn once_for_each_run() {
        assert_eq!(
            found(
                &RULE,
                "FROM debian:12\nRUN a && cd b && cd c\nRUN (cd $X; y)\n"
            ),
            "2:10 `cd b` counts for this `RUN` only\n3:6 `cd $X` counts for this `RUN` only"
        );
    }

    #[test]
    fn the_folder_becomes_an_instruction() {
        for (before, after) in [
            (
                "run cd /a \\\n  && b \\\n  && c",
                "workdir /a\nrun b \\\n  && c",
            ),
            ("RUN cd /a; b", "RUN cd /a; b"),
            ("RUN cd a && b", "RUN cd a && b"),
            ("RUN cd /a || b", "RUN cd /a || b"),
            ("RUN x && cd /a && b", "RUN x && cd /a && b"),
            ("RUN cd /a \\\n # why\n && b", "RUN cd /a \\\n # why\n && b"),
        ] {
            assert_eq!(
                fixed(&RULE, &format!("FROM debian:12\n{before}\n")),
                format!("FROM debian:12\n{after}\n")
            );
        }
    }
}
