//! What the first process of a container is.

use crate::dockerfile::{CommandLine, InstructionKind};
use crate::lint::{Inherited, StageModel, Step};
use crate::source::Span;
use crate::text_search::last_part;

/// The process with the number 1, as far as this stage decides it.
#[derive(Debug)]
pub(in crate::lint::rules) struct FirstProcess {
    /// The program without its folder.
    pub(in crate::lint::rules) program: String,
    /// It is given something to do.
    pub(in crate::lint::rules) has_arguments: bool,
    /// The word, or the instruction of this stage that decides.
    pub(in crate::lint::rules) span: Span,
    /// An init runs before it and passes signals on.
    pub(in crate::lint::rules) has_init: bool,
}

/// Programs that are made to be process 1.
const INITS: [&str; 10] = [
    "catatonit",
    "docker-init",
    "dumb-init",
    "init",
    "my_init",
    "s6-svscan",
    "runit",
    "supervisord",
    "systemd",
    "tini",
];

/// Programs that replace themselves with what follows.
const REPLACED: [&str; 7] = [
    "docker-entrypoint.sh",
    "env",
    "exec",
    "gosu",
    "nice",
    "su-exec",
    "setpriv",
];

struct Word<'m> {
    text: &'m str,
    span: Option<Span>,
}

/// The first process of a stage that has a `CMD` or `ENTRYPOINT` of its own. `None` where a script of unknown contents,
/// or a base image that is not known, decides.
pub(in crate::lint::rules) fn first_process(stage: StageModel<'_>) -> Option<FirstProcess> {
    let own = stage.steps().rfind(|step| {
        !step.is_onbuild()
            && matches!(
                step.kind(),
                InstructionKind::Cmd(_) | InstructionKind::Entrypoint(_)
            )
    })?;
    let end = stage.end();
    let entrypoint = end.entrypoint();
    if entrypoint.is_none() && !end.base_is_known() {
        return None;
    }
    let mut words = Vec::new();
    if entrypoint.is_none() {
        let of_base = end.base_image().and_then(|image| image.entrypoint);
        words.extend(
            of_base
                .unwrap_or_default()
                .iter()
                .map(|text| Word { text, span: None }),
        );
    }
    let of_base = words.len();
    for command in entrypoint.into_iter().chain(end.cmd()) {
        match command.value {
            CommandLine::Exec(strings) => {
                let is_own = is_own(stage, &command);
                words.extend(strings.iter().map(|word| Word {
                    text: &word.value,
                    span: is_own.then_some(word.span),
                }));
            }
            CommandLine::Shell(_) if words.len() == of_base => return of_shell(own),
            CommandLine::Shell(_) => break,
        }
    }
    of_words(&words, own)
}

fn is_own(stage: StageModel<'_>, command: &Inherited<'_, &CommandLine>) -> bool {
    command
        .stage
        .is_some_and(|from| from.index == stage.index && std::ptr::eq(from.model, stage.model))
}

/// A shell that has nothing left to do replaces itself with its last command.
fn of_shell(step: Step<'_>) -> Option<FirstProcess> {
    let last = step
        .invocations()
        .iter()
        .rfind(|invocation| invocation.depth == 0)?;
    Some(FirstProcess {
        program: last.program.to_string(),
        has_arguments: !last.arguments.is_empty(),
        span: last.program_span,
        has_init: last
            .through
            .iter()
            .any(|program| INITS.contains(&program.as_str()))
            || INITS.contains(&last.program.as_str()),
    })
}

fn of_words(words: &[Word<'_>], step: Step<'_>) -> Option<FirstProcess> {
    let mut has_init = false;
    let mut passed = false;
    for (at, word) in words.iter().enumerate() {
        let name = last_part(word.text);
        if INITS.contains(&name) {
            has_init = true;
        } else if REPLACED.contains(&name) {
            passed = true;
        } else if (has_init || passed) && (name.starts_with('-') || name.contains('=')) {
            // An option of the wrapper, or a variable for `env`.
        } else if has_extension(name, "sh") {
            return None;
        } else {
            return Some(FirstProcess {
                program: name.to_owned(),
                has_arguments: at + 1 < words.len(),
                span: word.span.unwrap_or(step.written().span),
                has_init,
            });
        }
    }
    None
}

fn has_extension(name: &str, extension: &str) -> bool {
    name.rsplit_once('.')
        .is_some_and(|(_, last)| last.eq_ignore_ascii_case(extension))
}
