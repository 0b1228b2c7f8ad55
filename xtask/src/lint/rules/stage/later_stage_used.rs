use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::copy::origin::{Origin, origins};

declare! {
    /// ## What it does
    /// Reports a `COPY --from` or `RUN --mount=from` that names a stage further down in the file.
    ///
    /// ## Why it is bad
    /// A stage can only use what stands before it: the build fails, with a message about a circle or about an image that
    /// does not exist. Where several stages share a name, the last one of the file is meant, however near another is.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine:3.20
    /// COPY --from=build /app /app
    ///
    /// FROM golang:1.23 AS build
    /// RUN go build -o /app .
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM golang:1.23 AS build
    /// RUN go build -o /app .
    ///
    /// FROM alpine:3.20
    /// COPY --from=build /app /app
    /// ```
    pub(super) static RULE = Rule {
        code: "DX2202",
        name: "later-stage-used",
        aliases: &[],
        severity: Severity::Error,
        enabled: true,
        category: Category::Correctness,
        summary: "a stage takes files from one that stands after it",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    let file = &subject.model.file;
    for from in origins(subject.model) {
        if let Origin::Stage(index) = from.origin
            && index > from.stage
        {
            let line = file.source.line_column(file.stages[index].span.start).line;
            diagnostics
                .report(
                    from.place,
                    format!(
                        "the stage `{}` begins in line {line}, after this one",
                        from.name
                    ),
                )
                .help("move the stage up");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::found;

    #[test]
    fn earlier_stages_and_images_are_fine() {
        for text in [
            "FROM a:1 AS b\nFROM c:1\nCOPY --from=B /x /x\nRUN --mount=from=b,target=/b true\n",
            "FROM a:1\nCOPY --from=nginx:1 /x /x\nFROM b:1 AS c\n",
        ] {
            assert_eq!(found(&RULE, text), "", "{text}");
        }
    }

    #[test]
    fn the_last_stage_of_a_name_is_meant() {
        assert_eq!(
            found(
                &RULE,
                "FROM a:1 AS x\nFROM b:1\nCOPY --from=x /a /a\nFROM c:1 AS x\n"
            ),
            "3:13 the stage `x` begins in line 4, after this one"
        );
        assert_eq!(
            found(
                &RULE,
                "FROM b:1\nRUN --mount=type=bind,from=X,target=/x true\nFROM c:1 AS x\n"
            ),
            "2:28 the stage `X` begins in line 3, after this one"
        );
    }
}
