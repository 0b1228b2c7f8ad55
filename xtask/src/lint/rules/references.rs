//! Where texts of a Dockerfile read variables.

use std::ops::Range;

use crate::dockerfile::{CommandLine, FileTransfer, Flag, Heredoc, InstructionKind, KeyValue};
use crate::lint::{ShellKind, Step};
use crate::mapped_text::MappedText;
use crate::source::{Span, Spanned};
use crate::text_search::last_part;

/// `$NAME` or `${NAME…}` in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reference<'t> {
    /// The name.
    pub name: &'t str,
    /// What stands between the name and the closing brace.
    pub operation: &'t str,
    /// From the `$` to the last byte.
    pub range: Range<usize>,
}

/// A variable that an instruction reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Use<'m> {
    /// The name.
    pub name: &'m str,
    /// What stands between the name and the closing brace.
    pub operation: &'m str,
    /// The place in the file, as narrow as it is known.
    pub span: Span,
}

impl Use<'_> {
    /// It says itself what to take without a value: `${X:-y}`, `${X+y}`, `${X:?message}`.
    pub(super) fn has_alternative(&self) -> bool {
        has_alternative(self.operation)
    }
}

impl Reference<'_> {
    /// As [`Use::has_alternative`].
    pub(super) fn has_alternative(&self) -> bool {
        has_alternative(self.operation)
    }
}

fn has_alternative(operation: &str) -> bool {
    operation
        .trim_start_matches(':')
        .starts_with(['-', '+', '=', '?'])
}

/// The variables a text reads; what stands in single quotes or behind the escape character is none.
pub(super) fn references(text: &str, escape: char) -> Vec<Reference<'_>> {
    scan(text, escape, Quotes::Count)
}

/// How a text treats quotes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Quotes {
    Count,
    /// The body of a here-document.
    AreText,
}

fn scan(text: &str, escape: char, quotes: Quotes) -> Vec<Reference<'_>> {
    let mut found = Vec::new();
    if !text.contains('$') {
        return found;
    }
    let bytes = text.as_bytes();
    let is_special = |byte: &u8| matches!(byte, b'$' | b'"' | b'\'') || char::from(*byte) == escape;
    let mut in_double = false;
    let mut at = 0;
    while let Some(plain) = bytes[at..].iter().position(is_special) {
        at += plain;
        let next = at + 1;
        at = match bytes[at] {
            byte if char::from(byte) == escape => {
                next + text[next..].chars().next().map_or(0, char::len_utf8)
            }
            b'"' if quotes == Quotes::Count => {
                in_double = !in_double;
                next
            }
            b'\'' if quotes == Quotes::Count && !in_double => text[next..]
                .find('\'')
                .map_or(text.len(), |length| next + length + 1),
            b'$' if text[next..].starts_with('$') => next + 1,
            b'$' => {
                if let Some(reference) = reference(text, at) {
                    let after = reference.range.end;
                    // What an operation holds can have variables itself.
                    let resume = if reference.operation.contains('$') {
                        after - 1 - reference.operation.len()
                    } else {
                        after
                    };
                    found.push(reference);
                    resume
                } else {
                    next
                }
            }
            _ => next,
        };
    }
    found
}

/// The reference whose `$` stands at `at`.
fn reference(text: &str, at: usize) -> Option<Reference<'_>> {
    let rest = &text[at + 1..];
    let inside = rest.strip_prefix('{').unwrap_or(rest);
    let start = text.len() - inside.len();
    let length = name_length(inside)?;
    let name = &inside[..length];
    if inside.len() == rest.len() {
        return Some(Reference {
            name,
            operation: "",
            range: at..start + length,
        });
    }
    let mut depth = 1_usize;
    for (offset, c) in inside
        .char_indices()
        .skip_while(|(offset, _)| *offset < length)
    {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(Reference {
                name,
                operation: &inside[length..offset],
                range: at..start + offset + 1,
            });
        }
    }
    None
}

fn name_length(text: &str) -> Option<usize> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let length = text.find(|c| !is_name(c)).unwrap_or(text.len());
    let starts_well = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    (length > 0 && starts_well).then_some(length)
}

/// The variables that the builder replaces before it carries the step out.
pub(super) fn read_by_builder(step: Step<'_>) -> Vec<Use<'_>> {
    let mut reader = Reader {
        escape: step.stage.model.file.escape,
        uses: Vec::new(),
    };
    match step.kind() {
        InstructionKind::Add(transfer) | InstructionKind::Copy(transfer) => {
            reader.transfer(transfer);
        }
        InstructionKind::Arg(declarations) => {
            for default in declarations.iter().filter_map(|arg| arg.default.as_ref()) {
                reader.spanned(default);
            }
        }
        InstructionKind::Env(pairs) | InstructionKind::Label(pairs) => {
            for KeyValue { key, value } in pairs {
                reader.spanned(key);
                reader.spanned(value);
            }
        }
        InstructionKind::Expose(words) | InstructionKind::Volume(words) => {
            for word in words {
                reader.spanned(word);
            }
        }
        InstructionKind::Stopsignal(text)
        | InstructionKind::User(text)
        | InstructionKind::Workdir(text) => reader.spanned(text),
        InstructionKind::Run(run) => reader.flags(&run.flags),
        _ => {}
    }
    reader.uses
}

/// The variables that a shell replaces: of a `RUN` while building, of the other commands in the container.
pub(super) fn read_by_shell(step: Step<'_>) -> Vec<Use<'_>> {
    let mut reader = Reader {
        escape: '\\',
        uses: Vec::new(),
    };
    let (command, heredocs): (&CommandLine, &[Heredoc]) = match step.kind() {
        InstructionKind::Run(run) => (&run.command, &run.heredocs),
        InstructionKind::Cmd(command) | InstructionKind::Entrypoint(command) => (command, &[]),
        InstructionKind::Healthcheck(Some(healthcheck)) => (&healthcheck.command, &[]),
        _ => return Vec::new(),
    };
    match command {
        CommandLine::Shell(text) => {
            if matches!(
                step.before().shell_kind(),
                ShellKind::Cmd | ShellKind::PowerShell
            ) {
                return Vec::new();
            }
            reader.mapped(text, Quotes::Count);
            for heredoc in heredocs.iter().filter(|heredoc| heredoc.expand) {
                reader.mapped(&heredoc.content, Quotes::AreText);
            }
        }
        CommandLine::Exec(words) => {
            if let [shell, options @ .., script] = words.as_slice()
                && is_shell(&shell.value)
                && options.last().is_some_and(|last| last.value.ends_with('c'))
            {
                reader.spanned(script);
            }
        }
    }
    reader.uses
}

/// `/bin/bash`, `sh`.
pub(super) fn is_shell(program: &str) -> bool {
    let name = last_part(program);
    matches!(name, "sh" | "ash" | "bash" | "dash" | "ksh" | "zsh")
}

struct Reader<'m> {
    escape: char,
    uses: Vec<Use<'m>>,
}

impl<'m> Reader<'m> {
    fn transfer(&mut self, transfer: &'m FileTransfer) {
        self.flags(&transfer.flags);
        for word in transfer.sources.iter().chain([&transfer.destination]) {
            self.spanned(word);
        }
        for heredoc in transfer.heredocs.iter().filter(|heredoc| heredoc.expand) {
            self.mapped(&heredoc.content, Quotes::AreText);
        }
    }

    fn flags(&mut self, flags: &'m [Flag]) {
        // The builder looks up `--from` in the global scope.
        for flag in flags.iter().filter(|flag| flag.name.value != "from") {
            if let Some(value) = &flag.value {
                self.spanned(value);
            }
        }
    }

    fn spanned(&mut self, text: &'m Spanned<String>) {
        let exact = text.span.end - text.span.start == text.value.len();
        for reference in scan(&text.value, self.escape, Quotes::Count) {
            let span = if exact {
                let start = text.span.start;
                Span::new(start + reference.range.start, start + reference.range.end)
            } else {
                text.span
            };
            self.push(&reference, span);
        }
    }

    fn mapped(&mut self, text: &'m MappedText, quotes: Quotes) {
        for reference in scan(&text.value, self.escape, quotes) {
            self.push(&reference, text.span_of(&reference.range));
        }
    }

    fn push(&mut self, reference: &Reference<'m>, span: Span) {
        self.uses.push(Use {
            name: reference.name,
            operation: reference.operation,
            span,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::references;

    #[test]
    fn references_are_found_where_they_count() {
        let names = |text| {
            references(text, '\\')
                .iter()
                .map(|r| {
                    format!(
                        "{}{}@{}..{}",
                        r.name, r.operation, r.range.start, r.range.end
                    )
                })
                .collect::<Vec<_>>()
                .join(" ")
        };
        for (text, expected) in [
            ("a", ""),
            ("$A-${B}", "A@0..2 B@3..7"),
            ("'$A' \"'$B'\"", "B@7..9"),
            (r"\$A $$A $1 $", ""),
            ("${A:-${B}x} ${C", "A:-${B}x@0..11 B@5..9"),
            ("$(echo $A)é$Bé", "A@7..9 B@12..14"),
        ] {
            assert_eq!(names(text), expected, "{text}");
        }
    }
}
