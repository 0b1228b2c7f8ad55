//! What is being tried at the moment: lines that change in place on a terminal, a line for each subject elsewhere.

use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use crate::cli::Common;
use crate::environment::Environment;
use crate::trial::{Outcome, Subject};

/// How often the spinner and the clock move.
const TICK: Duration = Duration::from_millis(120);

/// Shows subjects while they are tried.
pub(super) struct Progress<'a> {
    lines: Option<MultiProgress>,
    common: &'a Common,
    environment: &'a Environment,
}

/// One subject that is being tried.
pub(super) struct Task<'a> {
    progress: &'a Progress<'a>,
    name: String,
    line: Option<ProgressBar>,
    begin: Instant,
}

impl<'a> Progress<'a> {
    /// Nothing is shown to who asked to be left in peace.
    pub(super) fn new(common: &'a Common, environment: &'a Environment) -> Self {
        let draws = environment.stderr_is_terminal && !common.quiet && !common.verbose;
        Self {
            lines: draws.then(MultiProgress::new),
            common,
            environment,
        }
    }

    /// A subject begins.
    pub(super) fn begin(&'a self, name: &str) -> Task<'a> {
        let style = ProgressStyle::with_template("{spinner} {prefix} {elapsed:>4} {wide_msg}");
        let line = self.lines.as_ref().map(|lines| {
            let line = lines.add(ProgressBar::new_spinner());
            line.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
            line.set_prefix(name.to_owned());
            line.enable_steady_tick(TICK);
            line
        });
        Task {
            progress: self,
            name: name.to_owned(),
            line,
            begin: Instant::now(),
        }
    }
}

impl Task<'_> {
    /// What is done with it now.
    pub(super) fn step(&self, what: &str) {
        let seconds = self.begin.elapsed().as_secs_f64();
        match &self.line {
            Some(line) => line.set_message(what.to_owned()),
            None if self.progress.common.verbose => {
                self.say(&format!("{} [{seconds:.1} s] {what}", self.name));
            }
            None => {}
        }
    }

    /// It was tried.
    pub(super) fn end(self, subject: &Subject) {
        let count = |outcome: Outcome| {
            let verdicts = subject.verdicts.iter();
            verdicts
                .filter(|verdict| verdict.outcome == outcome)
                .count()
        };
        let outcome = match subject.outcome() {
            // What does not apply is no news beside what holds.
            Outcome::Skipped if count(Outcome::Passed) > 0 => Outcome::Passed,
            outcome => outcome,
        };
        let mut line = format!(
            "{}: {} in {:.1} s, {} passed",
            self.name,
            outcome.word(),
            self.begin.elapsed().as_secs_f64(),
            count(Outcome::Passed)
        );
        for outcome in [Outcome::Failed, Outcome::Unknown] {
            if count(outcome) > 0 {
                let part = format!(", {} {}", count(outcome), outcome.word());
                line.push_str(&part);
            }
        }
        self.say(&line);
    }

    fn say(&self, line: &str) {
        let say = || self.progress.common.note(self.progress.environment, line);
        match &self.progress.lines {
            Some(lines) => lines.suspend(say),
            None => say(),
        }
    }
}

impl Drop for Task<'_> {
    fn drop(&mut self) {
        if let Some(line) = &self.line {
            line.finish_and_clear();
        }
    }
}
