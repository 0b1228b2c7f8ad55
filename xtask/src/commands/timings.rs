//! `--verbose`: what is done, and how long each part took.

use std::cell::Cell;
use std::time::Instant;

use crate::cli::Common;
use crate::environment::Environment;

/// Tells of each part when it ends; says nothing without `--verbose`.
pub(crate) struct Timings<'a> {
    common: &'a Common,
    environment: &'a Environment,
    since: Cell<Instant>,
}

impl<'a> Timings<'a> {
    /// The first part begins now.
    pub(crate) fn start(common: &'a Common, environment: &'a Environment) -> Self {
        Self {
            common,
            environment,
            since: Cell::new(Instant::now()),
        }
    }

    /// A part ended, and the next one begins.
    pub(crate) fn lap(&self, part: &str) {
        let took = self.since.replace(Instant::now()).elapsed();
        self.tell(&format!("{part}: {:.0} ms", took.as_secs_f64() * 1e3));
    }

    /// Says what is done.
    pub(crate) fn tell(&self, line: &str) {
        if self.common.verbose {
            self.common.note(self.environment, line);
        }
    }
}
