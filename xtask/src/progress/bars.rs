//! A line per target that changes in place, on a terminal.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::plain::warning_line;
use super::{Color, Progress, one_line, shown, write_failure};
use crate::engine::events::{BuildEvent, Outcome, Summary, Tally};

/// How often the spinner and the clock move.
const TICK: Duration = Duration::from_millis(120);

/// Draws through indicatif, which redraws at most 20 times a second and only what changed.
pub struct Bars<'a> {
    lines: MultiProgress,
    by_target: BTreeMap<String, ProgressBar>,
    running: ProgressStyle,
    ended: ProgressStyle,
    width: usize,
    color: Color,
    out: Box<dyn Write + Send + 'a>,
}

impl<'a> Bars<'a> {
    /// Draws on `draw`; what stays after the end is written to `out`.
    #[must_use]
    pub fn new(
        targets: &[String],
        color: Color,
        draw: ProgressDrawTarget,
        out: Box<dyn Write + Send + 'a>,
    ) -> Self {
        let style = |template: &str| {
            ProgressStyle::with_template(template)
                .unwrap_or_else(|_| ProgressStyle::default_spinner())
                .tick_strings(&["⠋", "⠙", "⠸", "⠴", "⠦", "⠇", " "])
        };
        let lines = MultiProgress::with_draw_target(draw);
        let width = targets.iter().map(|t| t.chars().count()).max().unwrap_or(0);
        Self {
            lines,
            by_target: BTreeMap::new(),
            running: style("{spinner} {prefix} {elapsed:>4} {wide_msg}"),
            ended: style("{prefix} {wide_msg}"),
            width,
            color,
            out,
        }
    }

    /// The line of a target; it appears with the first thing that happens.
    fn bar(&mut self, target: &str) -> ProgressBar {
        if let Some(bar) = self.by_target.get(target) {
            return bar.clone();
        }
        // Lines are sorted by name from the start, so that none of them ever moves past another.
        let at = self
            .by_target
            .keys()
            .take_while(|name| name.as_str() < target)
            .count();
        let bar = ProgressBar::no_length().with_style(self.running.clone());
        let bar = self.lines.insert(at, bar);
        bar.set_prefix(format!("{target:<width$}", width = self.width));
        bar.enable_steady_tick(TICK);
        self.by_target.insert(target.to_owned(), bar.clone());
        bar
    }

    fn update(&mut self, target: &str, tally: &Tally) {
        let progress = tally.progress(target);
        let current = tally
            .current(target)
            .map(|vertex| one_line(&vertex.text))
            .unwrap_or_default();
        // Until the Dockerfile is read nobody knows how many steps there are.
        let count = match progress.total {
            0 => String::new(),
            total => format!("{:>2}/{total}", progress.finished),
        };
        let message = format!("{count:<5}  {:<9}  {current}", cached(progress.cached));
        self.bar(target).set_message(message.trim_end().to_owned());
    }

    /// A line above the bars that stays.
    fn note(&self, text: &str) {
        // A terminal that is gone does not stop the build.
        let _ = self.lines.println(text);
    }
}

fn cached(steps: usize) -> String {
    if steps == 0 {
        String::new()
    } else {
        format!("{steps} cached")
    }
}

impl Progress for Bars<'_> {
    fn event(&mut self, event: &BuildEvent, tally: &Tally) {
        let vertex = match event {
            BuildEvent::Announced(vertex)
            | BuildEvent::Started(vertex, _)
            | BuildEvent::Cached(vertex, _)
            | BuildEvent::Canceled(vertex, _)
            | BuildEvent::Completed { vertex, .. }
            | BuildEvent::Failed { vertex, .. } => vertex,
            BuildEvent::Message(text) => return self.note(text),
            _ => return,
        };
        if let Some(target) = &vertex.target {
            self.update(target, tally);
        } else if vertex.step().is_some() {
            let targets: BTreeSet<&str> = tally.sharers(&vertex.digest).into_iter().collect();
            for target in targets {
                self.update(target, tally);
            }
        }
    }

    fn finish(&mut self, summary: &Summary) {
        for (name, bar) in &self.by_target {
            let Some(target) = summary.target(name) else {
                bar.abandon();
                continue;
            };
            let outcome = match target.outcome {
                Outcome::Failed => self.color.red("failed"),
                Outcome::Stopped => "stopped".to_owned(),
                Outcome::Complete if target.steps_cached == target.steps => {
                    self.color.dim("all cached")
                }
                Outcome::Complete => cached(target.steps_cached),
            };
            bar.set_style(self.ended.clone());
            let steps = format!("{:>2} steps  {:>7}", target.steps, shown(target.elapsed));
            bar.abandon_with_message(format!("{steps}  {outcome}").trim_end().to_owned());
        }
        for warning in &summary.warnings {
            self.note(&warning_line(warning));
        }
        write_failure(&mut *self.out, summary, self.color);
    }
}
