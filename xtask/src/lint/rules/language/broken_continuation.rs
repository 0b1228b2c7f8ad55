use crate::dockerfile::{CommandLine, Run};
use crate::edit::Safety;
use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::source::{Span, touched_lines};

declare! {
    /// ## What it does
    /// Reports a line that ends in the escape character and blanks behind it, where the blanks keep it from going on:
    /// inside of a here-document that a shell runs, and before blanks other than spaces and tabs.
    ///
    /// ## Why it is bad
    /// It looks as if the next line belonged to this one. To a shell, `\` and a space is a space: the command ends
    /// here, and the next line is a command of its own.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM debian:12.7
    /// RUN <<EOF
    #[doc = " apt-get install -y \\ "]
    ///   curl
    /// EOF
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM debian:12.7
    /// RUN <<EOF
    /// apt-get install -y \
    ///   curl
    /// EOF
    /// ```
    ///
    /// ## Fix safety
    /// Unsafe: the lines become one, which they are not today.
    pub(super) static RULE = Rule {
        code: "DX1902",
        name: "broken-continuation",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Correctness,
        summary: "blanks behind the escape character end the line",
        fix: Fixability::Always(Safety::Unsafe),
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    let file = &subject.model.file;
    let text = file.source.text();
    let mut report = |blanks: Span| {
        diagnostics
            .report(
                blanks,
                "blanks behind the escape character end the line here",
            )
            .help("remove the blanks")
            .unsafe_fix("remove the blanks", [(blanks, String::new())]);
    };
    // What ends a line though it looks like a blank is rare.
    let is_rare = |byte: u8| byte >= 0x80 || matches!(byte, 0x0b | 0x0c);
    // Without a branch for each byte, many are looked at in one go.
    let has_rare = text.bytes().fold(false, |any, byte| any | is_rare(byte));
    for stage in file.stages.iter().filter(|_| has_rare) {
        for span in [stage.span].into_iter().chain(
            stage
                .instructions
                .iter()
                .map(|instruction| instruction.span),
        ) {
            // An instruction ends where it does because its last line does not go on.
            let line = touched_lines(text, Span::new(span.end, span.end));
            if let Some(blanks) = blanks_behind(line, file.escape, text)
                && blanks
                    .of(text)
                    .contains(|c: char| !matches!(c, ' ' | '\t' | '\r'))
            {
                report(blanks);
            }
        }
    }
    for step in subject.model.steps() {
        let Some(run) = step.run().filter(|run| is_script(run)) else {
            continue;
        };
        for heredoc in &run.heredocs {
            let mut start = heredoc.span.start;
            for line in heredoc.span.of(text).split_inclusive('\n') {
                let span = Span::new(start, start + line.trim_end_matches('\n').len());
                start += line.len();
                // The last line has none that it could go on in.
                if start < heredoc.span.end
                    && let Some(blanks) = blanks_behind(span, '\\', text)
                {
                    report(blanks);
                }
            }
        }
    }
}

/// Whether the here-document is what the shell runs, and no file that a command reads.
fn is_script(run: &Run) -> bool {
    let CommandLine::Shell(command) = &run.command else {
        return false;
    };
    let command = command.value.trim();
    let [heredoc] = run.heredocs.as_slice() else {
        return false;
    };
    let first = heredoc.content.value.lines().next().unwrap_or_default();
    let is_shell = !first.starts_with("#!") || first.ends_with("sh");
    command.starts_with("<<") && !command.contains(char::is_whitespace) && is_shell
}

/// The blanks behind an escape character that ends a line without them.
fn blanks_behind(line: Span, escape: char, text: &str) -> Option<Span> {
    let written = line.of(text);
    let content = written.trim_end();
    let blanks = written[content.len()..].trim_end_matches('\r');
    let before = content.strip_suffix(escape)?;
    (!blanks.is_empty() && !before.ends_with(escape) && !content.trim_start().starts_with('#'))
        .then(|| {
            Span::new(
                line.start + content.len(),
                line.start + content.len() + blanks.len(),
            )
        })
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::{fixed, found};

    #[test]
    fn lines_that_do_go_on_and_files_are_fine() {
        for text in [
            "FROM a:1\nRUN x \\ \t\n  y\n",
            "FROM a:1\nRUN <<E\nx \\\n y\nE\n",
            "FROM a:1\nRUN <<E\nx \\\\ \n# c \\ \nlast \\ \nE\n",
            "FROM a:1\nRUN cat <<E >/x\na \\ \nb\nE\n",
            "FROM a:1\nCOPY <<E /x\na \\ \nb\nE\n",
            "FROM a:1\nRUN <<E\n#!/usr/bin/perl\na \\ \nb\nE\n",
        ] {
            assert_eq!(found(&RULE, text), "", "{text}");
        }
    }

    #[test]
    fn blanks_that_end_the_line_are_removed() {
        assert_eq!(
            found(
                &RULE,
                "FROM a:1\nRUN <<-E\n\tx \\ \n\ty\n\tE\nRUN x \\\u{a0}\n"
            ),
            "3:5 blanks behind the escape character end the line here\n\
             6:8 blanks behind the escape character end the line here"
        );
        assert_eq!(
            fixed(&RULE, "FROM a:1\nRUN <<E\r\nx \\ \t\r\ny\r\nE\r\n"),
            "FROM a:1\nRUN <<E\r\nx \\\r\ny\r\nE\r\n"
        );
    }
}
