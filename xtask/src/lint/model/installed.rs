//! Packages and programs that a `RUN` brings or takes away.

use crate::lint::model::facts::Fact;
use crate::lint::model::knowledge::Package;
use crate::lint::model::{Known, Moment, Step};
use crate::lint::packages::{self, Call, Installation, Manager, Requirement, RequirementKind};
use crate::source::{Span, Spanned};
use crate::text_search::Part;

/// What stands in a `RUN` that may bring programs.
static SIGNS_OF_PROGRAMS: [Part; 3] = [
    Part::new("/bin"),
    Part::new("/usr/local"),
    Part::new("install"),
];

/// What a `RUN` installs and removes.
pub(super) fn changes(moment: Moment<'_>, step: Step<'_>, leave: &mut dyn FnMut(Span, Fact)) {
    for call in step.calls() {
        if removes(&call) {
            remove(moment, &call, leave);
        } else if let Some(installation) = call.installation() {
            install(moment, &installation, leave);
        }
    }
    let instruction = step.instruction().span;
    let text = instruction.of(step.stage.model.file.source.text());
    let writes_programs = SIGNS_OF_PROGRAMS.iter().any(|sign| sign.is_in(text));
    // What a package manager installs is known by its packages.
    let only_packages = step.invocations().iter().all(|invocation| {
        packages::manager_of(invocation).is_some()
            || !invocation.span.of(text_of(step)).contains('/')
    });
    if writes_programs && !only_packages {
        leave(instruction, Fact::ProgramsMayGrow);
    }
}

fn text_of(step: Step<'_>) -> &str {
    step.stage.model.file.source.text()
}

/// Whether a manager brings what the whole system uses.
const fn is_of_system(manager: Manager) -> bool {
    matches!(
        manager,
        Manager::Apk
            | Manager::Apt
            | Manager::Dnf
            | Manager::Microdnf
            | Manager::Yum
            | Manager::Zypper
    )
}

fn install(moment: Moment<'_>, installation: &Installation<'_>, leave: &mut dyn FnMut(Span, Fact)) {
    let call = &installation.call;
    for package in &installation.packages {
        let span = package.argument.span;
        names(moment, package, &mut |name| {
            leave(
                span,
                Fact::Package(Package {
                    manager: call.manager.name(),
                    name: Spanned::new(name.into(), package.name.span),
                    constraint: package.constraint.as_deref().map(str::to_owned),
                }),
            );
        });
        if package.kind != RequirementKind::Package {
            leave(span, Fact::ProgramsMayGrow);
            if is_of_system(call.manager) {
                leave(span, Fact::AccountsMayGrow);
            }
        }
    }
    if installation.packages.is_empty() && !is_of_system(call.manager) {
        // A file says what: it may bring programs.
        leave(call.invocation.span, Fact::ProgramsMayGrow);
    }
}

/// The names of what is installed: a variable may hold several.
fn names(moment: Moment<'_>, package: &Requirement<'_>, take: &mut dyn FnMut(&str)) {
    match package.kind {
        RequirementKind::Package => take(&package.name.value),
        RequirementKind::Unknown => {
            let Known::Yes(text) = moment.expand_argument(package.argument) else {
                return;
            };
            for word in text.split_whitespace() {
                let end = word.find(['=', '<', '>', '~', '@']).filter(|at| *at > 0);
                take(&word[..end.unwrap_or(word.len())]);
            }
        }
        _ => {}
    }
}

fn removes(call: &Call<'_>) -> bool {
    call.is_any(&[
        "del",
        "remove",
        "purge",
        "erase",
        "uninstall",
        "autoremove",
        "rm",
    ])
}

fn remove(moment: Moment<'_>, call: &Call<'_>, leave: &mut dyn FnMut(Span, Fact)) {
    // A verb that the table does not know stands first among the words.
    for argument in &call.operands {
        let fact = match moment.expand_argument(argument) {
            Known::Yes(name) => Fact::PackageRemoved {
                manager: call.manager.name(),
                name,
            },
            Known::Unknown => continue,
        };
        leave(argument.span, fact);
    }
}
