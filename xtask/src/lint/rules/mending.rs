//! Edits of shell text and of instructions that keep their layout.

use crate::dockerfile::Instruction;
use crate::lint::rules::commands::is_shell_form;
use crate::lint::{Model, Step};
use crate::shell::{Argument, Connector, Invocation};
use crate::source::{Span, line_ending};

/// Replacements.
pub(super) type Edits = Vec<(Span, String)>;

/// Whether words can be put into a command as they are: it stands in shell text that is no quoted word itself.
pub(super) fn is_open(step: Step<'_>, invocation: &Invocation) -> bool {
    is_shell_form(step) && !invocation.nested
}

/// Puts words behind another one.
pub(super) fn behind(word: &Argument, words: &str) -> Edits {
    vec![(Span::new(word.span.end, word.span.end), format!(" {words}"))]
}

/// Takes a word out, with the blanks (and the continuation) in front of it.
pub(super) fn without(model: &Model, word: Span) -> (Span, String) {
    let text = model.file.source.text();
    let blank = |c: char| c == ' ' || c == '\t';
    let before = text[..word.start].trim_end_matches(blank);
    let continued = before
        .strip_suffix('\n')
        .map(|before| before.strip_suffix('\r').unwrap_or(before))
        .and_then(|before| before.strip_suffix(model.file.escape));
    let start = match continued {
        Some(before) => before.trim_end_matches(blank).len(),
        None => before.len(),
    };
    (Span::new(start, word.end), String::new())
}

/// Runs another command after this one if it succeeds, laid out as the instruction is.
pub(super) fn then(step: Step<'_>, invocation: &Invocation, command: &str) -> Edits {
    let model = step.stage.model;
    let text = model.file.source.text();
    let at = Span::new(invocation.span.end, invocation.span.end);
    let instruction = step.written();
    let layout = text[instruction.span.start..invocation.span.end]
        .split_once('\n')
        .and_then(|(_, more)| {
            more.lines()
                .rev()
                // Other white space is a part of a word for the shell.
                .map(|line| (line, line.trim_start_matches([' ', '\t'])))
                .find(|(_, rest)| !rest.is_empty() && !rest.starts_with('#'))
        });
    let in_heredoc = step
        .run()
        .is_some_and(|run| run.heredocs.iter().any(|it| it.span.start <= at.start));
    let insertion = match layout {
        Some((line, rest)) if !in_heredoc => {
            let indentation = &line[..line.len() - rest.len()];
            let (escape, newline) = (model.file.escape, line_ending(text));
            if rest.starts_with("&&") {
                format!(" {escape}{newline}{indentation}&& {command}")
            } else {
                format!(" && {escape}{newline}{indentation}{command}")
            }
        }
        _ => format!(" && {command}"),
    };
    vec![(at, insertion)]
}

/// Puts a flag behind an instruction's keyword.
pub(super) fn flag(instruction: &Instruction, flag: &str) -> (Span, String) {
    let at = instruction.keyword.span.end;
    (Span::new(at, at), format!(" {flag}"))
}

/// Takes a command out of a chain: it and the `&&` in front of it.
pub(super) fn without_command(step: Step<'_>, invocation: &Invocation) -> Option<(Span, String)> {
    let model = step.stage.model;
    let is_plain = is_open(step, invocation)
        && invocation.depth == 0
        && !invocation.piped
        && invocation.connector == Connector::And;
    if !is_plain {
        return None;
    }
    let before = step
        .invocations()
        .iter()
        .filter(|it| it.span.end <= invocation.span.start)
        .map(|it| it.span.end)
        .max()?;
    let text = model.file.source.text();
    let joint = text.get(before..invocation.span.start)?;
    let is_joint = joint
        .chars()
        .filter(|c| !c.is_whitespace() && *c != model.file.escape)
        .eq("&&".chars());
    is_joint.then(|| (Span::new(before, invocation.span.end), String::new()))
}
