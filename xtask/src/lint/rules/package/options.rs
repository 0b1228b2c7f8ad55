//! Options that a call of a package manager lacks.

use crate::lint::Step;
use crate::lint::packages::{Call, Manager};
use crate::lint::rules::commands::unix_runs_if_any_calls;
use crate::lint::rules::mending;
use crate::lint::{Diagnostic, Model};
use crate::shell::Connector;
use crate::source::Span;

/// The calls of some managers in all `RUN`s.
pub(super) fn calls<'m>(
    model: &'m Model,
    managers: &'static [Manager],
) -> impl Iterator<Item = (Step<'m>, Call<'m>)> {
    unix_runs_if_any_calls(model, managers)
        .flat_map(move |(step, _)| step.calls_of(managers).map(move |call| (step, call)))
}

/// From the program's name to the end of the verb: `apt-get -q install`.
pub(super) fn head(call: &Call<'_>) -> Span {
    let program = call.invocation.program_span;
    let end = call.last_verb().map_or(program.end, |verb| verb.span.end);
    Span::new(program.start, end.max(program.end))
}

/// How it is called, for messages: `apt-get install`.
pub(super) fn spoken(call: &Call<'_>) -> String {
    let mut text = call.invocation.program.to_string();
    for word in &call.verb {
        text.push(' ');
        text.push_str(&word.text);
    }
    text
}

/// Something answers its questions: `yes | apt-get install`.
pub(super) fn is_answered(call: &Call<'_>) -> bool {
    call.invocation.connector == Connector::Pipe
}

/// A fix that puts an option behind the verb.
pub(super) fn add<'d>(
    found: Diagnostic<'d>,
    step: Step<'_>,
    call: &Call<'_>,
    option: &str,
) -> Diagnostic<'d> {
    match call.last_verb() {
        Some(verb) if mending::is_open(step, call.invocation) => {
            found.fix(format!("add `{option}`"), mending::behind(verb, option))
        }
        _ => found,
    }
}
