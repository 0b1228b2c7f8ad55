use crate::dockerfile::Stage;
use crate::edit::Safety;
use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::lines::cased;
use crate::source::Span;

declare! {
    /// ## What it does
    /// Reports `FROM … as name` and `from … AS name`: the two keywords of one instruction in different case.
    ///
    /// ## Why it is bad
    /// Keywords stand out when they are written alike. Otherwise `as` reads as if it belonged to the names around it.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM golang:1.23 as build
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM golang:1.23 AS build
    /// ```
    ///
    /// ## Fix safety
    /// Safe: the case of a keyword means nothing.
    ///
    /// ## References
    /// - <https://docs.docker.com/reference/build-checks/from-as-casing/>
    pub(super) static RULE = Rule {
        code: "FromAsCasing",
        name: "as-in-other-case-than-from",
        aliases: &[],
        severity: Severity::Style,
        enabled: true,
        category: Category::Style,
        summary: "`as` is not written in the case of its `FROM`",
        fix: Fixability::Always(Safety::Safe),
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    let text = subject.model.file.source.text();
    for stage in &subject.model.file.stages {
        let from = Span::new(stage.span.start, stage.span.start + "FROM".len()).of(text);
        // A FROM of both cases is no model for anything.
        if from != "FROM" && from != "from" {
            continue;
        }
        let Some(place) = keyword_as(stage, text) else {
            continue;
        };
        let wanted = cased("AS", from);
        let written = place.of(text);
        if written != wanted {
            diagnostics
                .report(place, format!("`{written}` stands beside `{from}`"))
                .help(format!("write `{wanted}`"))
                .fix(format!("write `{wanted}`"), [(place, wanted)]);
        }
    }
}

/// The word between the base and the name.
fn keyword_as(stage: &Stage, text: &str) -> Option<Span> {
    let between = Span::new(stage.base.span.end, stage.name.as_ref()?.span.start);
    let at = between.of(text).to_ascii_lowercase().find("as")?;
    let span = Span::new(between.start + at, between.start + at + "AS".len());
    let is_word = between.of(text)[..at].ends_with(char::is_whitespace);
    is_word.then_some(span)
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::{fixed, found};

    #[test]
    fn both_in_one_case_are_fine() {
        for text in [
            "FROM a:1 AS b\n",
            "from a:1 as b\n",
            "FROM as:1\n",
            "From a:1 as b\n",
        ] {
            assert_eq!(found(&RULE, text), "", "{text}");
        }
    }

    #[test]
    fn from_is_the_model() {
        assert_eq!(
            found(&RULE, "FROM as:1 As as\n"),
            "1:11 `As` stands beside `FROM`"
        );
        assert_eq!(
            fixed(&RULE, "FROM a:1 \\\n  as as\n"),
            "FROM a:1 \\\n  AS as\n"
        );
        assert_eq!(fixed(&RULE, "from a:1 AS b\n"), "from a:1 as b\n");
    }
}
