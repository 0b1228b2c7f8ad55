//! What could not be looked at.

use std::collections::BTreeMap;

use super::answers::View;
use crate::context::ProblemKind;
use crate::error::{Error, Result};
use crate::report::terminal;

impl View<'_> {
    /// Tells what could not be looked at; whether there was anything.
    pub(super) fn tell_troubles(&self) -> Result<bool> {
        let color = self.common.color.stderr(self.environment);
        let contexts = &self.looked.contexts;
        let mut failed = false;
        for error in self.looked.errors.iter().chain(&contexts.errors) {
            failed = true;
            self.environment.note(&terminal::error(error, color))?;
        }
        for error in self.syntax_errors() {
            failed = true;
            self.environment.note(&terminal::error(&error, color))?;
        }
        for problem in contexts.tree.problems() {
            let error = match problem.kind {
                ProblemKind::Vanished => {
                    self.common.note(
                        self.environment,
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
            self.environment.note(&terminal::error(&error, color))?;
        }
        Ok(failed)
    }

    /// What `BuildKit` refuses the build for.
    fn syntax_errors(&self) -> Vec<Error> {
        let mut errors = BTreeMap::new();
        for (view, _) in self.looked.by_view(true) {
            let Some(ignore) = &self.looked.contexts.views[view].ignore else {
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
