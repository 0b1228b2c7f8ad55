//! Packages and programs that a `RUN` brings or takes away.

use crate::lint::model::facts::Fact;
use crate::lint::model::knowledge::Package;
use crate::lint::model::{Known, Moment, Step};
use crate::shell::Invocation;
use crate::source::{Span, Spanned};

/// What a `RUN` installs and removes.
pub(super) fn changes(moment: Moment<'_>, step: Step<'_>, leave: &mut dyn FnMut(Span, Fact)) {
    for invocation in step.invocations() {
        if let Some(action) = Action::of(invocation) {
            action.packages(moment, invocation, leave);
        }
    }
    let text = step.instruction().span.of(step.stage.model.file.source.text());
    if ["/bin", "/usr/local", "install"].iter().any(|part| text.contains(part)) {
        leave(step.instruction().span, Fact::ProgramsMayGrow);
    }
}

#[derive(Clone, Copy)]
enum Kind {
    Install,
    Remove,
}

#[derive(Clone, Copy)]
struct Action {
    manager: &'static str,
    kind: Kind,
    value_options: &'static [&'static str],
}

impl Action {
    fn of(invocation: &Invocation) -> Option<Self> {
        let command = invocation.words().next()?.text.as_str();
        let (manager, value_options): (_, &[&str]) = match invocation.program.as_str() {
            "apk" => ("apk", &["-t", "--virtual", "-X", "--repository", "-p", "--root"]),
            "apt" | "apt-get" => ("apt", &["-t", "--target-release", "-o", "--option", "-c"]),
            _ => return None,
        };
        let kind = match command {
            "add" | "install" => Kind::Install,
            "del" | "remove" | "purge" => Kind::Remove,
            _ => return None,
        };
        Some(Self {
            manager,
            kind,
            value_options,
        })
    }

    fn packages(
        self,
        moment: Moment<'_>,
        invocation: &Invocation,
        leave: &mut dyn FnMut(Span, Fact),
    ) {
        for argument in invocation.operands(self.value_options).skip(1) {
            let Known::Yes(text) = moment.expand_argument(argument) else {
                leave(argument.span, Fact::ProgramsMayGrow);
                leave(argument.span, Fact::AccountsMayGrow);
                continue;
            };
            let end = text.find(['=', '<', '>', '~', '@']).unwrap_or(text.len());
            let (name, constraint) = text.split_at(end);
            let fact = match self.kind {
                Kind::Install => Fact::Package(Package {
                    manager: self.manager,
                    name: Spanned::new(name.to_owned(), argument.span),
                    constraint: (!constraint.is_empty()).then(|| constraint.to_owned()),
                }),
                Kind::Remove => Fact::PackageRemoved {
                    manager: self.manager,
                    name: name.to_owned(),
                },
            };
            leave(argument.span, fact);
        }
    }
}
