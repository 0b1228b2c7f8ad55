//! The scripts these rules look at, and how they report.

use crate::edit::Safety;
use crate::lint::rule::Subject;
use crate::lint::{Diagnostics, ShellKind, Step};
use crate::shell::{Node, Script, SimpleCommand, Word, WordPart, WordPartKind, WordPlace};
use crate::source::Span;

/// The text of a `RUN` that a shell of the Unix family runs, with its here-documents.
pub(super) fn each_script<'m>(
    subject: &Subject<'m>,
    mut see: impl FnMut(Step<'m>, ShellKind, &'m Script),
) {
    for it in &subject.shell_text().scripts {
        see(it.step, it.shell, it.script);
    }
}

/// Every node of every script.
pub(super) fn each_node<'m>(subject: &Subject<'m>, mut see: impl FnMut(Step<'m>, Node<'m>)) {
    let text = subject.shell_text();
    for (script, node) in &text.nodes {
        see(text.scripts[*script].step, *node);
    }
}

/// Every node of every script that `sh` runs.
pub(super) fn each_posix_node<'m>(subject: &Subject<'m>, mut see: impl FnMut(Node<'m>)) {
    let text = subject.shell_text();
    for (script, node) in &text.nodes {
        if text.scripts[*script].shell == ShellKind::Posix {
            see(*node);
        }
    }
}

/// Every simple command with the name of its program.
pub(super) fn each_program<'m>(
    subject: &Subject<'m>,
    mut see: impl FnMut(&str, &'m SimpleCommand, Span),
) {
    for program in &subject.shell_text().programs {
        see(&program.name, program.command, program.span);
    }
}

/// Reports a place in `sh` text that only other shells understand.
pub(super) fn not_in_posix(diagnostics: &mut Diagnostics<'_>, span: Span, what: &str) {
    diagnostics
        .report(span, format!("{what} is not defined in POSIX `sh`"))
        .help("write it the portable way, or name a shell that has it with `SHELL`");
}

/// Reports every `${name…}` in `sh` text with an operation that only other shells have.
pub(super) fn no_operation_in_posix(
    subject: &Subject<'_>,
    diagnostics: &mut Diagnostics<'_>,
    what: &str,
    is_meant: fn(&str) -> bool,
) {
    each_posix_node(subject, |node| {
        if let Node::Part(part, _) = node
            && let WordPartKind::Parameter {
                operation: Some(operation),
                ..
            } = &part.kind
            && is_meant(operation)
        {
            not_in_posix(diagnostics, part.span, what);
        }
    });
}

/// Every list of all arguments (`$@`) or elements (`${name[@]}`) whose words the shell splits once more; `all` is the
/// `@`, or the `*`.
pub(super) fn each_split_list(subject: &Subject<'_>, all: char, mut see: impl FnMut(Span)) {
    let is_list = |name: &str, operation: Option<&str>| {
        let subscript = operation.and_then(|it| it.strip_prefix('[')?.strip_prefix(all));
        operation != Some("#")
            && (name.chars().eq([all]) || subscript.is_some_and(|it| it.starts_with(']')))
    };
    each_node(subject, |_, node| {
        if let Node::Part(part, around) = node
            && let WordPartKind::Parameter {
                name, operation, ..
            } = &part.kind
            && !around.quoted
            && !around.in_expansion
            && matches!(
                around.place,
                WordPlace::Command(..) | WordPlace::LoopItem | WordPlace::Redirection(_)
            )
            && is_list(name, operation.as_deref())
        {
            see(part.span);
        }
    });
}

/// Puts quotes around a part of a word.
pub(super) fn quotes_around(span: Span) -> [(Span, String); 2] {
    [
        (Span::new(span.start, span.start), "\"".to_owned()),
        (Span::new(span.end, span.end), "\"".to_owned()),
    ]
}

/// What quoting may change.
pub(super) const QUOTING: Safety = Safety::Unsafe;

/// A command's words as text, unless only the shell knows them.
pub(super) fn texts(command: &SimpleCommand) -> impl Iterator<Item = (&Word, Option<String>)> {
    command.words.iter().map(|word| (word, word.literal()))
}

/// Whether a word has this text.
pub(super) fn is(word: &Word, text: &str) -> bool {
    word.literal().as_deref() == Some(text)
}

/// The characters of a word that patterns are made of stand in it unquoted.
pub(super) fn has_pattern(parts: &[WordPart]) -> bool {
    parts.iter().any(|part| {
        matches!(&part.kind, WordPartKind::Literal(text) if text.contains(['*', '?']) || text.contains('[') && text.contains(']'))
    })
}
