use crate::dockerfile::InstructionKind;
use crate::finding::Severity;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::{Diagnostics, Known};

declare! {
    /// ## What it does
    /// Reports a `WORKDIR` with a relative path.
    ///
    /// ## Why it is bad
    /// A relative path is appended to whatever the directory was before, often one that a base image set: where the
    /// files end up cannot be read from the line, and changes with the base image.
    ///
    /// A path that starts with a variable is not reported: what it is depends on the variable.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine:3.20
    /// WORKDIR app
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM alpine:3.20
    /// WORKDIR /app
    /// ```
    ///
    /// ## Fix safety
    /// Safe: the directory that results today is written out. There is a fix where it is known.
    ///
    /// ## References
    /// - <https://docs.docker.com/reference/build-checks/workdir-relative-path/>
    pub(super) static RULE = Rule {
        code: "DL3000",
        name: "workdir-not-absolute",
        aliases: &["WorkdirRelativePath"],
        severity: Severity::Error,
        enabled: true,
        category: Category::Correctness,
        summary: "the path of `WORKDIR` is relative",
        fix: Fixability::Sometimes(crate::edit::Safety::Safe),
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    for step in subject.model.steps() {
        let InstructionKind::Workdir(path) = step.kind() else {
            continue;
        };
        if is_absolute(&path.value) {
            continue;
        }
        let found = diagnostics
            .report(
                path.span,
                format!("`{}` is relative to the directory before", path.value),
            )
            .help("write the absolute path");
        if let Known::Yes(workdir) = step.after().workdir()
            && !step.is_onbuild()
        {
            let absolute = workdir.value.to_owned();
            found.fix(format!("write `{absolute}`"), [(path.span, absolute)]);
        }
    }
}

/// Unix and Windows paths, and those that start with a variable.
fn is_absolute(path: &str) -> bool {
    let path = path.trim_start_matches(['"', '\'']);
    let mut characters = path.chars();
    let drive = matches!(
        (characters.next(), characters.next()),
        (Some(letter), Some(':')) if letter.is_ascii_alphabetic()
    );
    drive || path.starts_with(['/', '\\', '$'])
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::{fixed, found};

    #[test]
    fn absolute_paths_of_every_kind_are_fine() {
        for path in ["/a", "\"/a b\"", "C:\\app", "c:/app", "$HOME/x", "${DIR}"] {
            assert_eq!(
                found(&RULE, &format!("FROM scratch\nWORKDIR {path}\n")),
                "",
                "{path}"
            );
        }
    }

    #[test]
    fn a_known_directory_is_written_out() {
        assert_eq!(
            found(&RULE, "FROM scratch\nWORKDIR /a\nWORKDIR b\n"),
            "3:9 `b` is relative to the directory before"
        );
        assert_eq!(
            fixed(&RULE, "FROM scratch\nWORKDIR /a\nWORKDIR b\n"),
            "FROM scratch\nWORKDIR /a\nWORKDIR /a/b\n"
        );
        assert_eq!(
            found(&RULE, "FROM scratch\nONBUILD WORKDIR b\n"),
            "2:17 `b` is relative to the directory before"
        );
    }
}
