use std::ops::Range;

use crate::dockerfile::InstructionKind;
use crate::edit::Safety;
use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::source::{Source, Span, Spanned, line_ending, line_start, whole_lines};

declare! {
    /// ## What it does
    /// Reports a comment right above an `ARG` or a named `FROM` that does not begin with the name of what is declared.
    ///
    /// It is off unless it is asked for, as it is in `BuildKit`.
    ///
    /// ## Why it is bad
    /// `docker build --call=outline` and `--call=targets` show such a comment as the description of the argument or the
    /// stage, provided that it begins with the name. Any other comment there is lost to them.
    ///
    /// ## Example
    /// ```dockerfile
    /// # Which version is built.
    /// ARG VERSION=1.0
    /// FROM alpine:3.20
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// # VERSION says which version is built.
    /// ARG VERSION=1.0
    /// FROM alpine:3.20
    /// ```
    ///
    /// ## Fix safety
    /// Safe: a blank line is put below the comment, which makes it an ordinary one.
    ///
    /// ## References
    /// - <https://docs.docker.com/reference/build-checks/invalid-definition-description/>
    pub(super) static RULE = Rule {
        code: "InvalidDefinitionDescription",
        name: "comment-no-description",
        aliases: &[],
        severity: Severity::Style,
        enabled: false,
        category: Category::Style,
        summary: "the comment above a declaration does not begin with its name",
        fix: Fixability::Always(Safety::Safe),
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    let file = &subject.model.file;
    let source = &file.source;
    let mut judge = |start: usize, names: &[&Spanned<String>]| {
        let Some(comment) = comment_above(source, &file.comments, start) else {
            return;
        };
        let written = comment.of(source.text());
        let first = written.trim_start_matches('#').split_whitespace().next();
        if first.is_none_or(|first| names.iter().any(|name| name.value == first)) {
            return;
        }
        let name = &names[0].value;
        let end = whole_lines(source.text(), comment).end;
        diagnostics
            .report(
                comment,
                format!("this does not describe `{name}`, whose name it does not begin with"),
            )
            .help(format!("begin with `{name}`, or leave a blank line below"))
            .fix(
                "add a blank line",
                [(Span::new(end, end), line_ending(source.text()).to_owned())],
            );
    };
    let globals: Vec<&Spanned<String>> = file
        .global_args
        .iter()
        .map(|argument| &argument.name)
        .collect();
    for names in by_line(source, &globals) {
        let start = line_start(source.text(), globals[names.start].span.start);
        judge(start, &globals[names]);
    }
    for stage in &file.stages {
        if let Some(name) = &stage.name {
            judge(stage.span.start, &[name]);
        }
        for instruction in &stage.instructions {
            if let InstructionKind::Arg(declarations) = &instruction.kind {
                let names: Vec<_> = declarations
                    .iter()
                    .map(|declaration| &declaration.name)
                    .collect();
                judge(instruction.span.start, &names);
            }
        }
    }
}

/// Names that stand in the same line belong to one `ARG`.
fn by_line(source: &Source, names: &[&Spanned<String>]) -> Vec<Range<usize>> {
    let line = |index: usize| source.line_column(names[index].span.start).line;
    let mut groups: Vec<Range<usize>> = Vec::new();
    for index in 0..names.len() {
        match groups.last_mut() {
            Some(group) if line(group.start) == line(index) => group.end = index + 1,
            _ => groups.push(index..index + 1),
        }
    }
    groups
}

/// The comment in the line before the one that `start` is in.
fn comment_above(source: &Source, comments: &[Span], start: usize) -> Option<Span> {
    let line = source.line_column(start).line;
    let before = comments.partition_point(|comment| comment.start < start);
    let comment = comments[..before].last()?;
    (source.line_column(comment.start).line + 1 == line).then_some(*comment)
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::{fixed, found};

    #[test]
    fn descriptions_and_comments_apart_are_fine() {
        for text in [
            "# build makes it\nFROM a:1 AS build\n",
            "# A comment.\n\nARG A\nFROM a:1\n",
            "# A comment.\nFROM a:1\n",
            "# syntax=docker/dockerfile:1\nARG A\nFROM a:1\n",
            "# b is one of two\nARG a b\nFROM a:1\n",
            "# A comment.\nRUN x\n",
        ] {
            assert_eq!(found(&RULE, text), "", "{text}");
        }
    }

    #[test]
    fn the_last_line_of_the_comment_counts() {
        assert_eq!(
            found(&RULE, "FROM a:1\n# X is one\n# and more\nARG X\n"),
            "3:1 this does not describe `X`, whose name it does not begin with"
        );
        assert_eq!(
            fixed(&RULE, "# c\r\nFROM a:1 AS b\r\n"),
            "# c\r\n\r\nFROM a:1 AS b\r\n"
        );
    }
}
