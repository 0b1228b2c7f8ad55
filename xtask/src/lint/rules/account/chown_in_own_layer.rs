use crate::dockerfile::FileTransfer;
use crate::edit::Safety;
use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::account::names::{is_number, split};
use crate::lint::{Known, Step};
use crate::shell::{Argument, Invocation};
use crate::source::Span;

declare! {
    /// ## What it does
    /// Reports `RUN chown -R` of what an earlier `COPY` or `ADD` of the same stage brought.
    ///
    /// ## Why it is bad
    /// A layer holds whole files. Changing their owner stores all of them a second time: an image with 300 MB of modules grows
    /// to 600 MB. `COPY --chown` sets the owner at once.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM node:20-alpine
    /// COPY app /srv/app
    /// RUN chown -R node:node /srv/app
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM node:20-alpine
    /// COPY --chown=node:node app /srv/app
    /// ```
    ///
    /// ## Fix safety
    /// Unsafe: `--chown` is added to the copies; the `chown` stays, as it may concern other files too, and then has nothing left
    /// to change. Take it away if it is not needed.
    pub(super) static RULE = Rule {
        code: "DX1005",
        name: "chown-in-own-layer",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Size,
        summary: "`RUN chown` stores files again that were just copied",
        fix: Fixability::Sometimes(Safety::Unsafe),
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    for step in subject.model.steps() {
        if step.run().is_none() || step.is_onbuild() {
            continue;
        }
        for invocation in step.invocations() {
            if invocation.is("chown") && invocation.has_option(&["-R", "--recursive"]) {
                check_command(step, invocation, diagnostics);
            }
        }
    }
}

fn check_command(step: Step<'_>, invocation: &Invocation, diagnostics: &mut Diagnostics<'_>) {
    let operands: Vec<&Argument> = invocation.operands(&["--from"]).collect();
    let Some((owner, paths)) = operands.split_first() else {
        return;
    };
    let Known::Yes(workdir) = step.before().workdir() else {
        return;
    };
    let paths: Vec<String> = paths
        .iter()
        .filter(|path| path.literal)
        .map(|path| absolute(&path.text, workdir.value))
        .collect();
    let copies: Vec<Step<'_>> = step
        .stage
        .steps()
        .take(step.index)
        .filter(|copy| brings(*copy, &paths))
        .collect();
    if copies.is_empty() {
        return;
    }
    let lines = if copies.len() == 1 {
        "a copy"
    } else {
        "copies"
    };
    let found = diagnostics
        .report(
            invocation.program_span,
            format!("`chown -R` stores the files of {lines} above a second time"),
        )
        .help("set the owner with `COPY --chown`");
    let user = split(&owner.text).0;
    let can_be_set =
        |copy: &Step<'_>| is_number(user) || copy.before().has_user(user) == Known::Yes(true);
    if owner.literal && copies.iter().all(can_be_set) {
        let edits: Vec<_> = copies
            .iter()
            .map(|copy| {
                let at = copy.instruction().keyword.span.end;
                (Span::new(at, at), format!(" --chown={}", owner.text))
            })
            .collect();
        found.unsafe_fix("set the owner while copying", edits);
    }
}

/// It copies to one of the folders, and leaves the owner to root.
fn brings(copy: Step<'_>, folders: &[String]) -> bool {
    let Some(transfer) = copy.copy().or(copy.add()).filter(|_| !copy.is_onbuild()) else {
        return false;
    };
    if transfer.flag("chown").is_some() {
        return false;
    }
    destination(copy, transfer).is_some_and(|destination| {
        folders.iter().any(|folder| {
            destination == *folder
                || destination
                    .strip_prefix(folder.as_str())
                    .is_some_and(|rest| rest.starts_with('/'))
        })
    })
}

fn destination(step: Step<'_>, transfer: &FileTransfer) -> Option<String> {
    let Known::Yes(workdir) = step.before().workdir() else {
        return None;
    };
    let Known::Yes(destination) = step.before().expand(&transfer.destination.value) else {
        return None;
    };
    Some(absolute(&destination, workdir.value))
}

/// A path without `.`, and without a slash at its end.
fn absolute(path: &str, workdir: &str) -> String {
    let joined = if path.starts_with('/') {
        path.to_owned()
    } else {
        format!("{workdir}/{path}")
    };
    let mut result = String::new();
    for part in joined
        .split('/')
        .filter(|part| !part.is_empty() && *part != ".")
    {
        result.push('/');
        result.push_str(part);
    }
    result
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::{fixed, found};

    #[test]
    fn owners_of_copies_are_set_while_copying() {
        let text = "FROM node:20-alpine\nWORKDIR /app\nCOPY a ./a\nCOPY b /opt/\nCOPY . .\nRUN x && chown -R node /app\n";
        assert_eq!(
            found(&RULE, text),
            "6:10 `chown -R` stores the files of copies above a second time"
        );
        assert!(
            fixed(&RULE, text)
                .contains("COPY --chown=node a ./a\nCOPY b /opt/\nCOPY --chown=node . .\n")
        );
    }

    #[test]
    fn other_folders_other_stages_and_single_files_are_fine() {
        for text in [
            "FROM alpine:3.20\nCOPY a /a\nRUN chown -R 1:1 /b\n",
            "FROM alpine:3.20\nCOPY a /ab\nRUN chown -R 1:1 /a\n",
            "FROM alpine:3.20\nCOPY a /a\nRUN chown 1:1 /a\n",
            "FROM alpine:3.20\nCOPY --chown=1:1 a /a\nRUN chown -R 1:1 /a\n",
            "FROM alpine:3.20\nRUN chown -R 1:1 /a\nCOPY a /a\n",
        ] {
            assert_eq!(found(&RULE, text), "", "{text}");
        }
    }
}
