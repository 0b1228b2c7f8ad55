use crate::edit::Safety;
use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};

declare! {
    /// ## What it does
    /// Reports a blank line inside an instruction that goes on over several lines.
    ///
    /// ## Why it is bad
    /// The blank line looks like the end of the instruction and is none: what follows still belongs to it. Builders warn
    /// of it, and announce that it will become an error.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine:3.20
    /// RUN echo one && \
    ///
    ///     echo two
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM alpine:3.20
    /// RUN echo one && \
    ///     # A comment may stand here.
    ///     echo two
    /// ```
    ///
    /// ## Fix safety
    /// Safe: the line is removed, as the builder does.
    ///
    /// ## References
    /// - <https://docs.docker.com/reference/build-checks/no-empty-continuation/>
    pub(super) static RULE = Rule {
        code: "NoEmptyContinuation",
        name: "blank-line-in-continuation",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Style,
        summary: "a blank line stands inside of an instruction",
        fix: Fixability::Always(Safety::Safe),
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    for line in &subject.model.file.blank_continuations {
        diagnostics
            .report(*line, "the instruction goes on after this blank line")
            .help("remove the line")
            .fix("remove the line", [(*line, String::new())]);
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::{fixed, found};

    #[test]
    fn blank_lines_elsewhere_are_fine() {
        for text in [
            "FROM a:1\n\nRUN a\n",
            "FROM a:1\nRUN <<E\na \\\n\nb\nE\n",
            "FROM a:1\nRUN a \\\n# c\n b\n",
        ] {
            assert_eq!(found(&RULE, text), "", "{text}");
        }
    }

    #[test]
    fn every_blank_line_goes() {
        assert_eq!(
            found(&RULE, "FROM a:1\nRUN a \\\n\n \t\n b\n"),
            "3:1 the instruction goes on after this blank line\n4:1 the instruction goes on after this blank line"
        );
        assert_eq!(
            fixed(&RULE, "FROM a:1\r\nRUN a \\\r\n\r\n \t\r\n b\r\n"),
            "FROM a:1\r\nRUN a \\\r\n b\r\n"
        );
    }
}
