use crate::edit::Safety;
use crate::finding::Severity;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::{Diagnostics, Known};

declare! {
    /// ## What it does
    /// Reports a `COPY` to a relative path in a stage that has no `WORKDIR`, neither of its own nor from what it starts
    /// from.
    ///
    /// Unlike hadolint, nothing is reported where the base image is not known: it may well have set one, as images of
    /// this repository that a stage starts from often do.
    ///
    /// ## Why it is bad
    /// Files end up in `/`, among the system's own folders. As soon as somebody adds a `WORKDIR` above, they move.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM scratch
    /// COPY server bin/server
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM scratch
    /// WORKDIR /app
    /// COPY server bin/server
    /// ```
    ///
    /// ## Fix safety
    /// Safe: the path that results today is written out. There is no fix for a path with variables.
    pub(super) static RULE = Rule {
        code: "DL3045",
        name: "relative-destination-without-workdir",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Correctness,
        summary: "files are copied to a relative path and no `WORKDIR` is set",
        fix: Fixability::Sometimes(Safety::Safe),
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    let text = subject.model.file.source.text();
    for step in subject.model.steps() {
        let Some(copy) = step.copy() else { continue };
        let destination = &copy.destination;
        if step.is_onbuild() || !is_relative(&destination.value) {
            continue;
        }
        let Known::Yes(workdir) = step.before().workdir() else {
            continue;
        };
        if workdir.stage.is_some() || workdir.value != "/" {
            continue;
        }
        let found = diagnostics
            .report(
                destination.span,
                format!(
                    "`{}` is relative, and no `WORKDIR` is set",
                    destination.value
                ),
            )
            .help("set a `WORKDIR` first, or write the absolute path");
        // A quoted path, or one of an array, is left to the author.
        if destination.span.of(text) == destination.value
            && !destination.value.contains(['$', '"', '\''])
        {
            let path = destination.value.trim_start_matches("./");
            let absolute = format!("/{}", if path == "." { "" } else { path });
            found.fix(
                format!("write `{absolute}`"),
                [(destination.span, absolute)],
            );
        }
    }
}

fn is_relative(path: &str) -> bool {
    let path = path.trim_start_matches(['"', '\'']);
    let mut characters = path.chars();
    let drive = matches!(
        (characters.next(), characters.next()),
        (Some(letter), Some(':')) if letter.is_ascii_alphabetic()
    );
    !drive && !path.starts_with(['/', '\\', '$'])
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::{fixed, found};

    #[test]
    fn a_workdir_anywhere_above_is_enough() {
        for text in [
            "FROM scratch\nWORKDIR /a\nCOPY a b\n",
            "FROM scratch AS p\nWORKDIR /a\nFROM p\nCOPY a .\n",
            "FROM scratch\nCOPY a /b\nCOPY a C:/b\nCOPY a $X/b\n",
            "FROM registry.example.com/unknown:1\nCOPY a b\n",
            "FROM scratch\nONBUILD COPY a b\n",
        ] {
            assert_eq!(found(&RULE, text), "", "{text}");
        }
    }

    #[test]
    fn the_path_that_results_is_written_out() {
        assert_eq!(
            found(&RULE, "FROM scratch\nCOPY a b\n"),
            "2:8 `b` is relative, and no `WORKDIR` is set"
        );
        assert_eq!(
            fixed(
                &RULE,
                "FROM scratch\nCOPY a ./b/\nCOPY a .\nCOPY a ./\nCOPY a b\n"
            ),
            "FROM scratch\nCOPY a /b/\nCOPY a /\nCOPY a /\nCOPY a /b\n"
        );
    }
}
