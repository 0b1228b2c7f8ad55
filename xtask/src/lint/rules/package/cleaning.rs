//! What package managers leave in a layer, and the commands that take it out again.

use super::options;
use crate::dockerfile::Base;
use crate::edit::Safety;
use crate::lint::packages::{Call, Manager};
use crate::lint::rules::commands::is_mounted;
use crate::lint::rules::mending;
use crate::lint::{Diagnostics, StageModel, Step};
use crate::shell::{Connector, Invocation};

/// What stays behind.
#[derive(Clone, Copy, Debug)]
pub(super) struct Remains {
    /// The folders, any of which holds them.
    pub(super) folders: &'static [&'static str],
    /// "its package lists".
    pub(super) what: &'static str,
    /// Takes them out: `rm -rf /var/lib/apt/lists/*`.
    pub(super) command: &'static str,
    /// Whether this is such a command, other than `rm` and `find` on the folders.
    pub(super) is_cleaner: fn(&Invocation) -> bool,
}

/// The files of a stage get into an image: it is the last one, or another one starts from it.
pub(super) fn is_kept(stage: StageModel<'_>) -> bool {
    stage.is_final()
        || stage
            .model
            .graph
            .bases
            .iter()
            .any(|base| matches!(base, Base::Stage(index) if *index == stage.index))
}

/// Reports the last of a `RUN`'s calls of some managers that leaves something nobody cleans up in the same `RUN`.
pub(super) fn report(
    step: Step<'_>,
    diagnostics: &mut Diagnostics<'_>,
    managers: &'static [Manager],
    leaves: fn(&Call<'_>) -> bool,
    remains: Remains,
) {
    let last = step.calls_of(managers).rev().find(leaves);
    let Some(call) = last else { return };
    let mounted = |folder: &&str| step.run().is_some_and(|run| is_mounted(run, folder));
    let is_clean = remains.folders.iter().any(mounted)
        || step
            .invocations()
            .iter()
            // What is cleaned before it comes in stays.
            .filter(|it| it.span.start > call.invocation.span.start)
            .any(|it| {
                (remains.is_cleaner)(it) || remains.folders.iter().any(|folder| removes(it, folder))
            });
    if is_clean {
        return;
    }
    let found = diagnostics
        .report(
            options::head(&call),
            format!(
                "`{}` leaves {} in the image",
                options::spoken(&call),
                remains.what
            ),
        )
        .help(format!("run `{}` in the same `RUN`", remains.command));
    // Whatever comes last of this manager: its files are needed until then.
    let last = step.calls().rfind(|it| it.manager == call.manager);
    let end = last.map_or(call.invocation, |last| last.invocation);
    if !can_follow(step, end) {
        return;
    }
    let message = format!("run `{}` behind it", remains.command);
    let edits = mending::then(step, end, remains.command);
    match safety(step, &call) {
        Safety::Safe => found.fix(message, edits),
        Safety::Unsafe => found.unsafe_fix(message, edits),
    };
}

/// Another command can be put behind this one with `&&`.
fn can_follow(step: Step<'_>, invocation: &Invocation) -> bool {
    mending::is_open(step, invocation)
        && invocation.depth == 0
        && !invocation.piped
        && invocation.connector != Connector::Pipe
        && invocation.connector != Connector::Or
}

/// A later `RUN` of the stage that uses the manager may rely on what is removed.
fn safety(step: Step<'_>, call: &Call<'_>) -> Safety {
    let is_used_later = step
        .stage
        .steps()
        .skip(step.index + 1)
        .flat_map(Step::calls)
        .find(|later| later.manager == call.manager)
        .is_some_and(|later| !later.is("update"));
    if is_used_later || !step.stage.is_final() {
        Safety::Unsafe
    } else {
        Safety::Safe
    }
}

/// `rm` or `find … -delete` on a folder, on what is in it, or on a folder around it.
pub(super) fn removes(invocation: &Invocation, folder: &str) -> bool {
    let hits = |text: &str| {
        if !text.starts_with('/') && !text.starts_with('~') {
            return false;
        }
        let mut text = text.trim_end_matches('/');
        // `/x/*` and `/x/*_*` empty the folder.
        if let Some((parent, last)) = text.rsplit_once('/')
            && last.contains('*')
        {
            text = parent;
        }
        folder
            .strip_prefix(text)
            .is_some_and(|rest| !text.is_empty() && (rest.is_empty() || rest.starts_with('/')))
    };
    match invocation.program.as_str() {
        "rm" => invocation.words().any(|word| {
            if word.text.contains('{') {
                alternatives(&word.text).iter().any(|text| hits(text))
            } else {
                hits(&word.text)
            }
        }),
        "find" => {
            let acts = |text: &str| matches!(text, "-delete" | "-exec" | "-execdir");
            invocation.arguments.iter().any(|it| acts(&it.text))
                && invocation.words().any(|word| hits(&word.text))
        }
        _ => false,
    }
}

/// `a{b,c}d` as `abd` and `acd`; the first group only.
fn alternatives(text: &str) -> Vec<String> {
    let group = text
        .split_once('{')
        .and_then(|(start, rest)| rest.split_once('}').map(|(group, end)| (start, group, end)));
    match group {
        Some((start, group, end)) => group
            .split(',')
            .map(|part| format!("{start}{part}{end}"))
            .collect(),
        None => vec![text.to_owned()],
    }
}

#[cfg(test)]
mod tests {
    use super::alternatives;

    #[test]
    fn braces_are_alternatives() {
        assert_eq!(alternatives("/var/{a,b}/c"), ["/var/a/c", "/var/b/c"]);
        assert_eq!(alternatives("/var/{a"), ["/var/{a"]);
    }
}
