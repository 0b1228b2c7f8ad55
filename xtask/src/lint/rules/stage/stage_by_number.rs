use crate::edit::Safety;
use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::copy::origin::{Origin, origins};

declare! {
    /// ## What it does
    /// Reports a `COPY --from` that names a stage by its number.
    ///
    /// ## Why it is bad
    /// Stages are counted from the top of the file. Who puts one in front, or takes one away, makes the number mean
    /// another one, and the build may go on with the wrong files. A name stays.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM golang:1.23 AS build
    /// RUN go build -o /app .
    ///
    /// FROM alpine:3.20
    /// COPY --from=0 /app /app
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
    ///
    /// ## Fix safety
    /// Safe: the name is that of the same stage. A stage without a name has to be given one by hand.
    pub(super) static RULE = Rule {
        code: "DX2203",
        name: "stage-by-number",
        aliases: &[],
        severity: Severity::Note,
        enabled: true,
        category: Category::Correctness,
        summary: "a stage is named by its number",
        fix: Fixability::Sometimes(Safety::Safe),
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    let file = &subject.model.file;
    for from in origins(subject.model) {
        let Origin::Stage(index) = from.origin else {
            continue;
        };
        if from.is_onbuild || from.is_mount || from.name.parse::<usize>() != Ok(index) {
            continue;
        }
        let stage = &file.stages[index];
        let line = file.source.line_column(stage.span.start).line;
        let found = diagnostics.report(
            from.place,
            format!("`{}` is the stage of line {line} only for now", from.name),
        );
        let Some(name) = stage.name.as_ref().map(|name| name.value.as_str()) else {
            found.help("give the stage a name with `AS`, and use that");
            continue;
        };
        let found = found.help(format!("write `{name}`"));
        let is_same = |other: &&str| other.eq_ignore_ascii_case(name);
        let names = file
            .stages
            .iter()
            .filter_map(|stage| Some(stage.name.as_ref()?.value.as_str()));
        if names.filter(is_same).count() == 1 {
            found.fix(format!("write `{name}`"), [(from.place, name.to_owned())]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::{fixed, found};

    #[test]
    fn names_images_and_what_is_no_number_of_a_stage_are_fine() {
        for text in [
            "FROM a:1 AS b\nFROM c:1\nCOPY --from=b /x /x\n",
            "FROM a:1\nFROM c:1\nCOPY --from=7 /x /x\n",
            "FROM a:1\nFROM c:1\nRUN --mount=from=0,target=/x true\n",
            "FROM a:1\nFROM c:1\nONBUILD COPY --from=0 /x /x\n",
        ] {
            assert_eq!(found(&RULE, text), "", "{text}");
        }
    }

    #[test]
    fn a_name_is_put_in_where_there_is_one() {
        let text = "FROM a:1 AS b\nFROM c:1\nFROM d:1\nCOPY --from=0 /x /x\nCOPY --from=1 /y /y\n";
        assert_eq!(
            found(&RULE, text),
            "4:13 `0` is the stage of line 1 only for now\n5:13 `1` is the stage of line 2 only for now"
        );
        assert_eq!(fixed(&RULE, text), text.replace("from=0", "from=b"));
        // The name means the last of its stages.
        let text = "FROM a:1 AS b\nFROM c:1 AS B\nFROM d:1\nCOPY --from=0 /x /x\n";
        assert_ne!(found(&RULE, text), "");
        assert_eq!(fixed(&RULE, text), text);
    }
}
