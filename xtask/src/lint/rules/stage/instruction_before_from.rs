use crate::dockerfile::KEYWORDS;
use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};

declare! {
    /// ## What it does
    /// Reports an instruction other than `ARG` that stands before the first `FROM`.
    ///
    /// ## Why it is bad
    /// There is no stage yet that it could belong to: the build stops at it.
    ///
    /// ## Example
    /// ```dockerfile
    /// WORKDIR /app
    /// FROM alpine:3.20
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM alpine:3.20
    /// WORKDIR /app
    /// ```
    ///
    /// ## References
    /// - <https://docs.docker.com/reference/dockerfile/#from>
    pub(super) static RULE = Rule {
        code: "DL3061",
        name: "instruction-before-from",
        aliases: &[],
        severity: Severity::Error,
        enabled: true,
        category: Category::Correctness,
        summary: "an instruction other than `ARG` stands before the first `FROM`",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    let file = &subject.model.file;
    let text = file.source.text();
    let first = file
        .stages
        .first()
        .map_or(text.len(), |stage| stage.span.start);
    // The parser gives such an instruction up: it is in no stage, only among the errors.
    for error in file
        .errors
        .iter()
        .take_while(|error| error.span.start < first)
    {
        let written = error
            .span
            .of(text)
            .split_whitespace()
            .next()
            .unwrap_or_default();
        let keyword = written.to_ascii_uppercase();
        if KEYWORDS.contains(&keyword.as_str()) && keyword != "ARG" && keyword != "FROM" {
            diagnostics
                .report(
                    error.span,
                    format!("`{written}` stands before the first `FROM`"),
                )
                .help("move it into a stage");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::found;

    #[test]
    fn arguments_and_later_errors_are_not_meant() {
        for text in [
            "ARG A=1\nFROM $A\n",
            "ARG =\nFROM a:1\n",
            "FROM a:1\nRUN [1]\n",
            "",
            "frm a\n",
        ] {
            assert_eq!(found(&RULE, text), "", "{text}");
        }
    }

    #[test]
    fn each_one_is_reported_even_without_any_from() {
        assert_eq!(
            found(&RULE, "run a\nARG A\nLABEL a=b\n"),
            "1:1 `run` stands before the first `FROM`\n3:1 `LABEL` stands before the first `FROM`"
        );
    }
}
