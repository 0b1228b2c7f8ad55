use super::origin::{Origin, origins};
use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};

declare! {
    /// ## What it does
    /// Reports a `COPY --from` or `RUN --mount=from` that names the stage it stands in.
    ///
    /// ## Why it is bad
    /// A stage is not finished while its instructions run: the build fails. What is in the stage already can be copied
    /// with `cp`, or was meant to come from another stage.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM golang:1.23 AS build
    /// COPY --from=build /src/app /app
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM golang:1.23 AS build
    /// FROM alpine:3.20
    /// COPY --from=build /src/app /app
    /// ```
    pub(super) static RULE = Rule {
        code: "DL3023",
        name: "copy-from-itself",
        aliases: &[],
        severity: Severity::Error,
        enabled: true,
        category: Category::Correctness,
        summary: "a stage copies from itself",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    for from in origins(subject.model) {
        if from.origin == Origin::Stage(from.stage) {
            diagnostics
                .report(
                    from.place,
                    format!("`{}` is the stage this stands in", from.name),
                )
                .help("name an earlier stage");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::found;

    #[test]
    fn names_numbers_and_mounts_count() {
        assert_eq!(
            found(
                &RULE,
                "FROM a:1 AS b\nFROM c:1 AS d\nCOPY --from=0 /a /b\nCOPY --from=e /a /b\n"
            ),
            ""
        );
        assert_eq!(
            found(
                &RULE,
                "FROM a:1\nFROM c:1 AS d\nCOPY --from=D /a /b\nCOPY --from=1 /a /b\nRUN --mount=from=d true\n"
            ),
            "3:13 `D` is the stage this stands in\n4:13 `1` is the stage this stands in\n\
             5:18 `d` is the stage this stands in"
        );
    }
}
