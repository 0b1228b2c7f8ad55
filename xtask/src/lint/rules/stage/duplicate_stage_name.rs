use foldhash::HashMap;

use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};

declare! {
    /// ## What it does
    /// Reports a stage whose name an earlier stage has already. Case does not matter, as it does not for the builder.
    ///
    /// ## Why it is bad
    /// Which of the two a `FROM`, a `COPY --from` or a `--target` means depends on where it stands: `FROM` takes the
    /// last one before it, the others the last one of the file.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM debian:12 AS build
    /// FROM golang:1.23 AS build
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM debian:12 AS build
    /// FROM golang:1.23 AS build-tools
    /// ```
    ///
    /// ## References
    /// - <https://docs.docker.com/reference/build-checks/duplicate-stage-name/>
    pub(super) static RULE = Rule {
        code: "DL3024",
        name: "duplicate-stage-name",
        aliases: &["DuplicateStageName"],
        severity: Severity::Error,
        enabled: true,
        category: Category::Correctness,
        summary: "two stages have the same name",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    let file = &subject.model.file;
    let mut seen = HashMap::default();
    for stage in &file.stages {
        let Some(name) = &stage.name else { continue };
        if let Some(first) = seen.insert(name.value.to_lowercase(), name.span.start) {
            let line = file.source.line_column(first).line;
            diagnostics
                .report(
                    name.span,
                    format!("line {line} names a stage `{}` already", name.value),
                )
                .help("give each stage a name of its own");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::found;

    #[test]
    fn names_compare_without_case() {
        assert_eq!(
            found(&RULE, "FROM a:1 AS b\nFROM b AS c\nFROM c\nFROM c\n"),
            ""
        );
        assert_eq!(
            found(&RULE, "FROM a:1 AS b\nFROM a:1 AS B\nFROM a:1 AS b\n"),
            "2:13 line 1 names a stage `B` already\n3:13 line 2 names a stage `b` already"
        );
    }
}
