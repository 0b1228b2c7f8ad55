//! A line per finished step, for logs and pipes.

use std::collections::HashSet;
use std::io::Write;

use super::{Color, Progress, put, shortened, shown, write_failure};
use crate::engine::events::{BuildEvent, StepState, Summary, Tally, Vertex};

/// Instructions are cut after this many characters.
const INSTRUCTION_WIDTH: usize = 100;

/// Writes lines such as `api-gateway  3/7  cached  COPY libs ./libs`. A step that several targets share gets one line,
/// under the target with the fewest steps.
pub struct Plain<'a> {
    width: usize,
    color: Color,
    written: HashSet<String>,
    out: Box<dyn Write + Send + 'a>,
}

impl<'a> Plain<'a> {
    /// Writes to `out`.
    #[must_use]
    pub fn new(targets: &[String], color: Color, out: Box<dyn Write + Send + 'a>) -> Self {
        let width = targets.iter().map(|t| t.chars().count()).max().unwrap_or(0);
        Self {
            width,
            color,
            written: HashSet::new(),
            out,
        }
    }

    fn step(&mut self, vertex: &Vertex, tally: &Tally, outcome: &str) {
        // A second digest of a step that was done under its first one is no news.
        let is_news = tally
            .step_of(vertex)
            .is_some_and(|step| step.digest() == vertex.digest);
        if !is_news || !self.written.insert(vertex.digest.clone()) {
            return;
        }
        let target = tally
            .sharers(&vertex.digest)
            .first()
            .map(|t| (*t).to_owned())
            .unwrap_or_default();
        let progress = tally.progress(&target);
        let count = format!("{}/{}", progress.finished, progress.total);
        let instruction = shortened(&vertex.text, INSTRUCTION_WIDTH);
        let line = format!(
            "{target:<width$}  {count:>5}  {outcome:<8}  {instruction}",
            width = self.width
        );
        let line = match tally
            .step_of(vertex)
            .map(crate::engine::events::Step::state)
        {
            Some(StepState::Failed) => self.color.red(&line),
            Some(StepState::Cached) => self.color.dim(&line),
            _ => line,
        };
        put(&mut *self.out, &line);
    }
}

impl Progress for Plain<'_> {
    fn event(&mut self, event: &BuildEvent, tally: &Tally) {
        match event {
            BuildEvent::Cached(vertex, _) => self.step(vertex, tally, "cached"),
            BuildEvent::Completed {
                vertex, duration, ..
            } => self.step(vertex, tally, &shown(*duration)),
            BuildEvent::Failed { vertex, .. } => self.step(vertex, tally, "failed"),
            BuildEvent::Canceled(vertex, _) => self.step(vertex, tally, "canceled"),
            BuildEvent::Message(text) => put(&mut *self.out, text),
            _ => {}
        }
    }

    fn finish(&mut self, summary: &Summary) {
        for warning in &summary.warnings {
            put(&mut *self.out, &warning_line(warning));
        }
        write_failure(&mut *self.out, summary, self.color);
    }
}

pub(super) fn warning_line(warning: &crate::engine::events::BuildWarning) -> String {
    let target = warning
        .target
        .as_ref()
        .map(|t| format!("{t}: "))
        .unwrap_or_default();
    format!("warning: {target}{}", warning.text)
}
