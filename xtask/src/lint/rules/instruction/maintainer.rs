use crate::dockerfile::InstructionKind;
use crate::edit::Safety;
use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::lines::cased;
use crate::source::Span;

declare! {
    /// ## What it does
    /// Reports `MAINTAINER`.
    ///
    /// ## Why it is bad
    /// The instruction has been deprecated since 2016. What it says is in a field of the image that few tools show; a
    /// label can be read, searched and overridden like any other.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine:3.20
    /// MAINTAINER Jo Doe <jo@example.com>
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM alpine:3.20
    /// LABEL org.opencontainers.image.authors="Jo Doe <jo@example.com>"
    /// ```
    ///
    /// ## Fix safety
    /// Safe: the same text becomes the label that the OCI image specification has for it.
    ///
    /// ## References
    /// - <https://docs.docker.com/reference/build-checks/maintainer-deprecated/>
    pub(super) static RULE = Rule {
        code: "DL4000",
        name: "maintainer",
        aliases: &["MaintainerDeprecated"],
        severity: Severity::Error,
        enabled: true,
        category: Category::Style,
        summary: "`MAINTAINER` is deprecated",
        fix: Fixability::Always(Safety::Safe),
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    let escape = subject.model.file.escape;
    for step in subject.model.steps() {
        let InstructionKind::Maintainer(text) = step.kind() else {
            continue;
        };
        let keyword = &step.instruction().keyword;
        let label = format!(
            "{} org.opencontainers.image.authors={}",
            cased("LABEL", &keyword.value),
            quoted(&text.value, escape)
        );
        let whole = Span::new(keyword.span.start, text.span.end);
        diagnostics
            .report(keyword.span, "`MAINTAINER` is deprecated")
            .help("use the label `org.opencontainers.image.authors`")
            .fix("use a label", [(whole, label)]);
    }
}

/// The text in double quotes. Unlike a label, `MAINTAINER` knows neither variables nor escapes.
fn quoted(text: &str, escape: char) -> String {
    let inner = text
        .strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'));
    let mut result = String::from("\"");
    for c in inner.unwrap_or(text).chars() {
        if c == '"' || c == '$' || c == escape {
            result.push(escape);
        }
        result.push(c);
    }
    result.push('"');
    result
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::{fixed, found};

    #[test]
    fn labels_and_comments_are_fine() {
        assert_eq!(
            found(&RULE, "FROM a:1\n# MAINTAINER me\nLABEL maintainer=me\n"),
            ""
        );
        assert_eq!(
            found(&RULE, "FROM a:1\nMAINTAINER me\n"),
            "2:1 `MAINTAINER` is deprecated"
        );
    }

    #[test]
    fn the_text_stays_what_it_is() {
        for (text, expected) in [
            (
                "MAINTAINER Jo <j@x>",
                "LABEL org.opencontainers.image.authors=\"Jo <j@x>\"",
            ),
            (
                "maintainer \"Jo Doe\"",
                "label org.opencontainers.image.authors=\"Jo Doe\"",
            ),
            (
                "MAINTAINER a\"b\"$c",
                "LABEL org.opencontainers.image.authors=\"a\\\"b\\\"\\$c\"",
            ),
            (
                "MAINTAINER a, \\\n  b",
                "LABEL org.opencontainers.image.authors=\"a,   b\"",
            ),
        ] {
            assert_eq!(
                fixed(&RULE, &format!("FROM a:1\n{text}\nRUN x\n")),
                format!("FROM a:1\n{expected}\nRUN x\n")
            );
        }
    }
}
