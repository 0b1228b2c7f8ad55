//! What must stay as it is: words and values, which may run over lines.

use crate::dockerfile::{
    CommandLine, Dockerfile, FileTransfer, Flag, Heredoc, Instruction, InstructionKind,
};
use crate::shell::{self, CommandKind, List, RedirectionTarget, Word};
use crate::source::Span;

/// Outermost words and values, ascending, not overlapping.
pub(super) fn of(file: &Dockerfile) -> Vec<Span> {
    let mut atoms = Vec::new();
    for arg in &file.global_args {
        atoms.push(arg.name.span);
        atoms.extend(arg.default.as_ref().map(|default| default.span));
    }
    for stage in &file.stages {
        atoms.push(stage.base.span);
        atoms.extend(stage.name.iter().map(|name| name.span));
        atoms.extend(stage.platform.iter().map(|platform| platform.span));
        for own in &stage.instructions {
            instruction(own, &mut atoms);
        }
    }
    atoms.sort_unstable();
    let mut merged: Vec<Span> = Vec::with_capacity(atoms.len());
    for atom in atoms {
        match merged.last_mut() {
            Some(last) if atom.start < last.end => last.end = last.end.max(atom.end),
            _ => merged.push(atom),
        }
    }
    merged
}

/// From the first body to the last terminator of each instruction with here-documents.
pub(super) fn bodies(file: &Dockerfile) -> Vec<Span> {
    let instructions = file.stages.iter().flat_map(|stage| &stage.instructions);
    instructions
        .filter_map(|instruction| {
            let first = heredocs(instruction).first()?;
            Some(Span::new(first.span.start, instruction.span.end))
        })
        .collect()
}

fn heredocs(instruction: &Instruction) -> &[Heredoc] {
    match &instruction.kind {
        InstructionKind::Run(run) => &run.heredocs,
        InstructionKind::Copy(transfer) | InstructionKind::Add(transfer) => &transfer.heredocs,
        InstructionKind::Onbuild(onbuild) => onbuild.trigger.as_deref().map_or(&[], heredocs),
        _ => &[],
    }
}

fn instruction(instruction: &Instruction, atoms: &mut Vec<Span>) {
    use InstructionKind as Kind;
    match &instruction.kind {
        Kind::Add(copy) | Kind::Copy(copy) => transfer(copy, atoms),
        Kind::Arg(declarations) => {
            for arg in declarations {
                atoms.push(arg.name.span);
                atoms.extend(arg.default.as_ref().map(|default| default.span));
            }
        }
        Kind::Env(pairs) | Kind::Label(pairs) => {
            for pair in pairs {
                atoms.push(pair.key.span);
                atoms.push(pair.value.span);
            }
        }
        Kind::Cmd(line) | Kind::Entrypoint(line) => command(line, atoms),
        Kind::Healthcheck(Some(healthcheck)) => {
            flags(&healthcheck.flags, atoms);
            command(&healthcheck.command, atoms);
        }
        Kind::Run(run) => {
            flags(&run.flags, atoms);
            command(&run.command, atoms);
        }
        Kind::Expose(words) | Kind::Volume(words) => atoms.extend(words.iter().map(|w| w.span)),
        Kind::Maintainer(text)
        | Kind::Stopsignal(text)
        | Kind::User(text)
        | Kind::Workdir(text) => {
            atoms.push(text.span);
        }
        Kind::Onbuild(onbuild) => match &onbuild.trigger {
            Ok(trigger) => self::instruction(trigger, atoms),
            Err(_) => atoms.push(onbuild.text.span),
        },
        // An array of strings, whose places are not kept.
        Kind::Shell(_) => atoms.push(instruction.span),
        Kind::Healthcheck(None) => {}
    }
}

fn transfer(transfer: &FileTransfer, atoms: &mut Vec<Span>) {
    flags(&transfer.flags, atoms);
    atoms.extend(transfer.sources.iter().map(|source| source.span));
    atoms.push(transfer.destination.span);
}

fn flags(flags: &[Flag], atoms: &mut Vec<Span>) {
    for flag in flags {
        let end = flag
            .value
            .as_ref()
            .map_or(flag.name.span.end, |value| value.span.end);
        atoms.push(Span::new(flag.name.span.start, end));
    }
}

fn command(command: &CommandLine, atoms: &mut Vec<Span>) {
    match command {
        CommandLine::Exec(words) => atoms.extend(words.iter().map(|word| word.span)),
        CommandLine::Shell(text) => {
            // A text of one line has nothing to lay out.
            if text.pieces.len() < 2 {
                atoms.push(text.span);
                return;
            }
            // Lines that are joined without a blank between them stay so: `>` and its file, for one.
            for piece in text.pieces.iter().filter(|piece| piece.at() > 0) {
                let (at, start) = (piece.at(), piece.place());
                let blank = |at: usize| matches!(text.value.as_bytes().get(at), Some(b' ' | b'\t'));
                if !blank(at - 1) && !blank(at) {
                    atoms.push(Span::new(text.locate(at - 1), start + 1));
                }
            }
            let script = shell::parse(text);
            if script.errors.is_empty() {
                list(&script.list, atoms);
                // Joined to one line, a comment goes on to its end.
                atoms.extend(script.comments);
            } else {
                atoms.push(text.span);
            }
        }
    }
}

fn list(list: &List, atoms: &mut Vec<Span>) {
    for statement in &list.statements {
        let and_or = &statement.and_or;
        let pipelines = std::iter::once(&and_or.first).chain(and_or.rest.iter().map(|(_, p)| p));
        for command in pipelines.flat_map(|pipeline| &pipeline.commands) {
            for redirection in &command.redirections {
                // Between operator and word, white space does not count; the word does.
                match &redirection.target {
                    RedirectionTarget::Word(target) => word(target, atoms),
                    RedirectionTarget::HereDocument { .. } => atoms.push(redirection.span),
                }
            }
            kind(&command.kind, command.span, atoms);
        }
    }
}

fn kind(kind: &CommandKind, span: Span, atoms: &mut Vec<Span>) {
    match kind {
        CommandKind::Simple(simple) => {
            atoms.extend(simple.assignments.iter().map(|assignment| assignment.span));
            for own in &simple.words {
                word(own, atoms);
            }
        }
        CommandKind::Subshell(body) | CommandKind::Group(body) => list(body, atoms),
        CommandKind::If {
            branches,
            otherwise,
        } => {
            for (condition, then) in branches {
                list(condition, atoms);
                list(then, atoms);
            }
            if let Some(otherwise) = otherwise {
                list(otherwise, atoms);
            }
        }
        CommandKind::For { words, body, .. } => {
            for own in words.iter().flatten() {
                word(own, atoms);
            }
            list(body, atoms);
        }
        CommandKind::While {
            condition, body, ..
        } => {
            list(condition, atoms);
            list(body, atoms);
        }
        CommandKind::Case { subject, arms } => {
            word(subject, atoms);
            for arm in arms {
                for pattern in &arm.patterns {
                    word(pattern, atoms);
                }
                list(&arm.body, atoms);
            }
        }
        CommandKind::Function { body, .. } => self::kind(&body.kind, body.span, atoms),
        CommandKind::Test(_) | CommandKind::Arithmetic(_) => atoms.push(span),
    }
}

fn word(word: &Word, atoms: &mut Vec<Span>) {
    atoms.push(word.span);
}
