use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};

declare! {
    /// ## What it does
    /// Reports `ONBUILD` in front of `ONBUILD`, `FROM` or `MAINTAINER`.
    ///
    /// ## Why it is bad
    /// These cannot be triggered: the build stops.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine:3.20
    /// ONBUILD FROM debian:12.7
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM alpine:3.20
    /// ONBUILD COPY . /app
    /// ```
    ///
    /// ## References
    /// - <https://docs.docker.com/reference/dockerfile/#onbuild>
    pub(super) static RULE = Rule {
        code: "DL3043",
        name: "onbuild-not-allowed",
        aliases: &[],
        severity: Severity::Error,
        enabled: true,
        category: Category::Correctness,
        summary: "`ONBUILD` triggers what cannot be triggered",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    let file = &subject.model.file;
    // The parser gives such an instruction up: it is in no stage, only among the errors.
    for error in &file.errors {
        let mut words = error.span.of(file.source.text()).split_whitespace();
        let is = |word: Option<&str>, keyword: &str| {
            word.is_some_and(|word| word.eq_ignore_ascii_case(keyword))
        };
        if !is(words.next(), "ONBUILD") {
            continue;
        }
        let trigger = words.next();
        if let Some(keyword) = ["ONBUILD", "FROM", "MAINTAINER"]
            .into_iter()
            .find(|keyword| is(trigger, keyword))
        {
            diagnostics
                .report(error.span, format!("`ONBUILD` cannot trigger `{keyword}`"))
                .help("trigger something else, or remove it");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::found;

    #[test]
    fn only_these_three_are_excluded() {
        assert_eq!(
            found(
                &RULE,
                "FROM a:1\nONBUILD RUN x\nONBUILD COPY\nONBUILD FRM x\n"
            ),
            ""
        );
        assert_eq!(
            found(
                &RULE,
                "FROM a:1\nonbuild onbuild RUN x\nONBUILD MAINTAINER me\n"
            ),
            "2:1 `ONBUILD` cannot trigger `ONBUILD`\n3:1 `ONBUILD` cannot trigger `MAINTAINER`"
        );
    }
}
