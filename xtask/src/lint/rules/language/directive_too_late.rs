use crate::dockerfile::Dockerfile;
use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::source::Span;

declare! {
    /// ## What it does
    /// Reports a comment that reads like a directive (`# syntax=`, `# escape=`, `# check=`) and is none, because a
    /// comment, a blank line or an instruction stands before it.
    ///
    /// `# check=skip=…` right above an instruction is a directive for that instruction, and not reported.
    ///
    /// ## Why it is bad
    /// Directives count only at the very top of the file. Below a license header, the line is a comment: the file is
    /// built with another frontend, escape character or set of checks than it says.
    ///
    /// ## Example
    /// ```dockerfile
    /// # Copyright example.com
    /// # syntax=docker/dockerfile:1
    /// FROM alpine:3.20
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// # syntax=docker/dockerfile:1
    /// # Copyright example.com
    /// FROM alpine:3.20
    /// ```
    ///
    /// ## References
    /// - <https://docs.docker.com/reference/dockerfile/#parser-directives>
    pub(super) static RULE = Rule {
        code: "DX1901",
        name: "directive-too-late",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Correctness,
        summary: "a directive stands too late to be one",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    let file = &subject.model.file;
    let text = file.source.text();
    for comment in &file.comments {
        let words = comment.of(text).trim_start_matches('#').trim_start();
        // Most comments are sentences.
        let first = words.as_bytes().first().map(u8::to_ascii_lowercase);
        if !matches!(first, Some(b's' | b'e' | b'c')) {
            continue;
        }
        let Some((name, value)) = words.split_once('=') else {
            continue;
        };
        let name = name.trim();
        let Some(known) = ["syntax", "escape", "check"]
            .into_iter()
            .find(|known| name.eq_ignore_ascii_case(known))
        else {
            continue;
        };
        if !is_value(known, value.trim()) || counts(subject, known, *comment) {
            continue;
        }
        diagnostics
            .report(
                *comment,
                format!("`{known}` is no directive here, but a comment"),
            )
            .help("move it to the top of the file");
    }
}

/// Prose about a directive is no misplaced one.
fn is_value(name: &str, value: &str) -> bool {
    match name {
        "escape" => value == "\\" || value == "`",
        "check" => ["skip=", "error=", "experimental="]
            .iter()
            .any(|key| value.starts_with(key)),
        _ => !value.is_empty() && !value.contains(char::is_whitespace),
    }
}

/// Whether the comment is a directive in spite of its place.
fn counts(subject: &Subject<'_>, name: &str, comment: Span) -> bool {
    let file = &subject.model.file;
    let source = &file.source;
    match name {
        // It may follow a `#!` line.
        "syntax" => file.syntax.as_ref().is_some_and(|syntax| {
            comment.start <= syntax.span.start && syntax.span.end <= comment.end
        }),
        "check" => {
            let is_next = |start: usize| {
                source.line_column(start).line == source.line_column(comment.end).line + 1
            };
            comment.of(source.text()).contains("skip=")
                && next_instruction(file, comment.end).is_some_and(is_next)
        }
        _ => false,
    }
}

/// Where the first instruction after an offset begins.
fn next_instruction(file: &Dockerfile, offset: usize) -> Option<usize> {
    let next = file
        .stages
        .partition_point(|stage| stage.span.start < offset);
    let current = next
        .checked_sub(1)
        .map(|index| file.stages[index].instructions.as_slice());
    let within = current.and_then(|instructions| {
        instructions
            .get(instructions.partition_point(|instruction| instruction.span.start < offset))
    });
    let from = file.stages.get(next).map(|stage| stage.span.start);
    within.map(|instruction| instruction.span.start).or(from)
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::found;

    #[test]
    fn directives_in_their_place_and_prose_are_fine() {
        for text in [
            "# syntax=docker/dockerfile:1\n# escape=\\\n# check=skip=all\nFROM a:1\n",
            "#!/usr/bin/env dockerfile\n# syntax=docker/dockerfile:1\nFROM a:1\n",
            "FROM a:1\n# check=skip=JSONArgsRecommended\nCMD x\n",
            "FROM a:1\n# escape=backslash is the default\n# syntax = see the manual\nRUN <<E\n# syntax=x\nE\n",
        ] {
            assert_eq!(found(&RULE, text), "", "{text}");
        }
    }

    #[test]
    fn anything_before_it_makes_it_a_comment() {
        assert_eq!(
            found(
                &RULE,
                "\n#escape=`\nFROM a:1\n  # Check = skip=all\n\nRUN x\n"
            ),
            "2:1 `escape` is no directive here, but a comment\n4:3 `check` is no directive here, but a comment"
        );
    }
}
