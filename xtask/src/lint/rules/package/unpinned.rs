//! What an installation names without a version; shared by the rule of each package manager.

use std::borrow::Cow;
use std::fmt::Write as _;

use crate::lint::packages::{self, Installation, Manager, Requirement, RequirementKind};
use crate::lint::rules::commands::unix_runs_if_any_calls;
use crate::lint::{Diagnostics, Known, Model, Step};
use crate::shell::{Argument, CommandKind};

/// How a manager's rule speaks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wording {
    pub(super) managers: &'static [Manager],
    /// An example of how a version is written: `apk add curl=<version>`.
    pub(super) help: &'static str,
}

/// Reports each installation once, at the first word that has no version.
pub(super) fn report(
    model: &Model,
    diagnostics: &mut Diagnostics<'_>,
    wording: Wording,
    is_exempt: fn(&Installation<'_>) -> bool,
) {
    let installations = unix_runs_if_any_calls(model, wording.managers).flat_map(|(step, _)| {
        let of_step = step.installations_of(wording.managers);
        of_step.map(move |it| (step, it))
    });
    for (step, installation) in installations {
        if is_exempt(&installation) {
            continue;
        }
        let mut names: Vec<Cow<'_, str>> = Vec::new();
        let mut first = None;
        for package in &installation.packages {
            let before = names.len();
            if package.kind == RequirementKind::Unknown && !is_partly_known(package.argument) {
                let found = unpinned_in_variable(step, installation.call.manager, package);
                names.extend(found.into_iter().map(Cow::Owned));
            } else if !package.pinned {
                names.push(package.name.value.clone());
            }
            if names.len() > before {
                first = first.or(Some(package.argument.span));
            }
        }
        if let Some(first) = first {
            let mut message = list(&names);
            message.push_str(if names.len() == 1 { " has" } else { " have" });
            message.push_str(" no version");
            diagnostics.report(first, message).help(wording.help);
        }
    }
}

/// "`a`, `b` and 3 more".
pub(super) fn list<S: AsRef<str>>(names: &[S]) -> String {
    const SHOWN: usize = 8;
    let mut text = String::with_capacity(128);
    for (index, name) in names.iter().take(SHOWN).enumerate() {
        text.push_str(if index == 0 { "`" } else { ", `" });
        text.push_str(name.as_ref());
        text.push('`');
    }
    if let more @ 1.. = names.len().saturating_sub(SHOWN) {
        // A text takes whatever is written.
        let _ = write!(text, " and {more} more");
    }
    text
}

/// The packages without a version in a variable's value, if it is known.
fn unpinned_in_variable(
    step: Step<'_>,
    manager: Manager,
    package: &Requirement<'_>,
) -> Vec<String> {
    let Some(value) = value(step, package.argument) else {
        return Vec::new();
    };
    value
        .split_whitespace()
        .filter_map(|word| {
            let argument = Argument {
                text: word.into(),
                literal: !word.contains(['$', '`']),
                quoted: false,
                span: package.argument.span,
            };
            let found = packages::requirement(manager, &argument)?;
            let is_bare = !found.pinned && found.kind != RequirementKind::Unknown;
            (is_bare && !word.starts_with('-')).then(|| found.name.value.into_owned())
        })
        .collect()
}

/// A variable stands in the middle of a name: `llvm-${VERSION}-dev`.
fn is_partly_known(word: &Argument) -> bool {
    let text = word.text.as_str();
    let is_letter = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    let rest = text.rsplit_once('}').map(|(_, rest)| rest);
    let is_plain = !text.contains(['`', '(', '=', '<', '>', '~']);
    is_plain
        && is_letter(text.chars().next())
        && rest.is_some_and(|it| is_letter(it.chars().last()))
}

/// The value of a word that is one variable: the script's own, or the build's.
fn value(step: Step<'_>, word: &Argument) -> Option<String> {
    let name = word.text.strip_prefix('$')?;
    let name = name
        .strip_prefix('{')
        .and_then(|name| name.strip_suffix('}'))
        .unwrap_or(name);
    if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
        return None;
    }
    let value =
        assigned(step, name).unwrap_or_else(|| step.before().expand(&format!("${{{name}}}")));
    match value {
        Known::Yes(value) => Some(value),
        Known::Unknown => None,
    }
}

/// What the script sets a variable to, if it does: unknown if only the shell knows, or if it does so several times.
fn assigned(step: Step<'_>, name: &str) -> Option<Known<String>> {
    let mut found = None;
    for script in step.scripts() {
        for statement in &script.list.statements {
            let pipelines = std::iter::once(&statement.and_or.first)
                .chain(statement.and_or.rest.iter().map(|(_, pipeline)| pipeline));
            for command in pipelines.flat_map(|pipeline| &pipeline.commands) {
                match &command.kind {
                    CommandKind::Simple(simple) => {
                        for assignment in simple.assignments.iter().filter(|it| it.name == name) {
                            let is_first = found.is_none() && !assignment.append;
                            let value = assignment.value.literal().filter(|_| is_first);
                            found = Some(value.map_or(Known::Unknown, Known::Yes));
                        }
                    }
                    CommandKind::For { variable, .. } if variable == name => {
                        found = Some(Known::Unknown);
                    }
                    _ => {}
                }
            }
        }
    }
    found
}
