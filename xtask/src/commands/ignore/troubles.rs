//! What could not be looked at.

use std::collections::BTreeMap;

use super::subjects::Subjects;
use crate::cli::Common;
use crate::context::ProblemKind;
use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::report::terminal;

impl Subjects {
    /// Tells what could not be looked at; whether there was anything.
    pub(in crate::commands) fn tell_troubles(
        &self,
        common: &Common,
        environment: &Environment,
    ) -> Result<bool> {
        let color = common.color.stderr(environment);
        let contexts = &self.contexts;
        let mut failed = false;
        for error in self.errors.iter().chain(&contexts.errors) {
            failed = true;
            environment.note(&terminal::error(error, color))?;
        }
        for error in self.syntax_errors() {
            failed = true;
            environment.note(&terminal::error(&error, color))?;
        }
        for problem in contexts.tree.problems() {
            let error = match problem.kind {
                ProblemKind::Vanished => {
                    common.note(
                        environment,
                        &format!("{} vanished while it was looked at", problem.path),
                    );
                    continue;
                }
                ProblemKind::Unreadable => Error::usage(format!(
                    "failed to look at {}",
                    problem.path
                ))
                .because(&problem.cause)
                .help("BuildKit stops there, too: leave it out with a pattern, or let it be read"),
                ProblemKind::NotUtf8 => Error::usage(format!("{} cannot be sent", problem.path))
                    .because(&problem.cause)
                    .help("rename it, or leave out the folder it lies in"),
            };
            failed = true;
            environment.note(&terminal::error(&error, color))?;
        }
        Ok(failed)
    }

    /// What `BuildKit` refuses the build for.
    fn syntax_errors(&self) -> Vec<Error> {
        let mut errors = BTreeMap::new();
        for (view, _) in self.by_view(true) {
            let Some(ignore) = &self.contexts.views[view].ignore else {
                continue;
            };
            for error in &ignore.errors {
                errors.insert(
                    (ignore.path(), error.span),
                    Error::usage(error.message.clone())
                        .help("BuildKit refuses the whole build for this line")
                        .at(ignore.source.location(error.span)),
                );
            }
        }
        errors.into_values().collect()
    }
}
