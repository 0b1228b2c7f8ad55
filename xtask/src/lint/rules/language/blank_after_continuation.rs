use crate::dockerfile::{Heredoc, InstructionKind};
use crate::edit::Safety;
use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::source::Span;
use crate::text_search::Part;

/// What stands before a line break that a blank may stand before.
static ENDS_OF_LINES: [Part; 3] = [Part::new(" \n"), Part::new("\t\n"), Part::new("\r\n")];

declare! {
    /// ## What it does
    /// Reports spaces and tabs behind the escape character at the end of a line that goes on in the next one.
    ///
    /// ## Why it is bad
    /// The builder forgives them. A shell does not: the same lines, moved to a script or a here-document, are two
    /// commands. Nobody sees the difference.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine:3.20
    #[doc = " RUN apk add --no-cache \\ "]
    ///     curl
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM alpine:3.20
    /// RUN apk add --no-cache \
    ///     curl
    /// ```
    ///
    /// ## Fix safety
    /// Safe: the builder drops the blanks, too.
    pub(super) static RULE = Rule {
        code: "DX1903",
        name: "blank-after-continuation",
        aliases: &[],
        severity: Severity::Style,
        enabled: true,
        category: Category::Style,
        summary: "blanks stand behind the escape character",
        fix: Fixability::Always(Safety::Safe),
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    let file = &subject.model.file;
    if !has_blank_before_line_break(file.source.text()) {
        return;
    }
    for stage in &file.stages {
        report(subject, stage.span, diagnostics);
        for instruction in &stage.instructions {
            let heredocs: &[Heredoc] = match &instruction.kind {
                InstructionKind::Run(run) => &run.heredocs,
                InstructionKind::Copy(transfer) | InstructionKind::Add(transfer) => {
                    &transfer.heredocs
                }
                _ => &[],
            };
            let end = heredocs
                .first()
                .map_or(instruction.span.end, |heredoc| heredoc.span.start);
            report(subject, Span::new(instruction.span.start, end), diagnostics);
        }
    }
}

/// Whether any line ends in a blank: to look at each by itself is slow, and most files have none.
fn has_blank_before_line_break(text: &str) -> bool {
    if !ENDS_OF_LINES.iter().any(|end| end.is_in(text)) {
        return false;
    }
    let bytes = text.as_bytes();
    memchr::memchr_iter(b'\n', bytes).any(|at| {
        let line = bytes[..at].iter().rev();
        let mut last = line.skip_while(|byte| **byte == b'\r');
        matches!(last.next(), Some(b' ' | b'\t'))
    })
}

fn report(subject: &Subject<'_>, span: Span, diagnostics: &mut Diagnostics<'_>) {
    let file = &subject.model.file;
    let mut start = span.start;
    for line in span.of(file.source.text()).split_inclusive('\n') {
        let content = line.trim_end_matches(['\r', '\n']);
        if !content.ends_with([' ', '\t']) {
            start += line.len();
            continue;
        }
        let kept = content.trim_end_matches([' ', '\t']);
        let blanks = Span::new(start + kept.len(), start + content.len());
        let goes_on = line.ends_with('\n') && kept.ends_with(file.escape);
        if goes_on
            && !blanks.of(file.source.text()).is_empty()
            && !kept.trim_start().starts_with('#')
        {
            diagnostics
                .report(blanks, "blanks stand behind the escape character")
                .help("remove them")
                .fix("remove the blanks", [(blanks, String::new())]);
        }
        start += line.len();
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::{fixed, found};

    #[test]
    fn bodies_comments_and_last_lines_are_not_meant() {
        for text in [
            "FROM a:1\nRUN <<E\nx \\ \ny\nE\n",
            "FROM a:1\nRUN x \\\n# c \\ \n y\n",
            "FROM a:1\nRUN x \\ \n",
        ] {
            assert_eq!(found(&RULE, text), "", "{text}");
        }
    }

    #[test]
    fn only_the_blanks_go() {
        assert_eq!(
            fixed(
                &RULE,
                "# escape=`\nFROM a:1 `  \r\n  AS b\nRUN <<E cat ` \t\n >x\n` \nE\n"
            ),
            "# escape=`\nFROM a:1 `\r\n  AS b\nRUN <<E cat `\n >x\n` \nE\n"
        );
    }
}
