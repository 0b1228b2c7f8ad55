//! Shows a build while it runs: bars on a terminal, plain lines elsewhere, JSON lines for programs, or nothing.

use std::io::Write;
use std::time::Duration;

use crate::engine::events::{BuildEvent, Failure, Summary, Tally};

mod bars;
mod json;
mod plain;

pub use bars::Bars;
pub use json::JsonLines;
pub use plain::Plain;

/// Follows a build.
pub trait Progress {
    /// Shows what happened. `tally` has it counted already.
    fn event(&mut self, event: &BuildEvent, tally: &Tally);

    /// Ends: nothing is drawn afterwards. Shows why the build failed, if it did.
    fn finish(&mut self, summary: &Summary);
}

/// What to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// A line per target that changes in place.
    Bars,
    /// A line per finished step.
    Plain,
    /// A line of JSON per event.
    Json,
    /// Only why a build failed.
    Quiet,
}

/// Whether to use color; `NO_COLOR` and `--color` are decided by the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Color {
    /// ANSI escape sequences.
    Ansi,
    /// None.
    None,
}

impl Color {
    fn red(self, text: &str) -> String {
        match self {
            Self::Ansi => format!("\x1b[31m{text}\x1b[0m"),
            Self::None => text.to_owned(),
        }
    }

    fn dim(self, text: &str) -> String {
        match self {
            Self::Ansi => format!("\x1b[2m{text}\x1b[0m"),
            Self::None => text.to_owned(),
        }
    }
}

/// The display of this style. All write to `out` except bars, which indicatif draws on standard error itself; give
/// them standard error as `out`, so that what stays comes to the same place.
#[must_use]
pub fn display<'a>(
    style: Style,
    color: Color,
    targets: &[String],
    out: Box<dyn Write + Send + 'a>,
) -> Box<dyn Progress + 'a> {
    match style {
        Style::Bars => Box::new(Bars::new(
            targets,
            color,
            indicatif::ProgressDrawTarget::stderr(),
            out,
        )),
        Style::Plain => Box::new(Plain::new(targets, color, out)),
        Style::Json => Box::new(JsonLines::new(out)),
        Style::Quiet => Box::new(Quiet { color, out }),
    }
}

/// Shows nothing but a failure.
struct Quiet<'a> {
    color: Color,
    out: Box<dyn Write + Send + 'a>,
}

impl Progress for Quiet<'_> {
    fn event(&mut self, _: &BuildEvent, _: &Tally) {}

    fn finish(&mut self, summary: &Summary) {
        write_failure(&mut *self.out, summary, self.color);
    }
}

/// Progress is a courtesy: where it cannot be written the build goes on.
fn put(out: &mut dyn Write, line: &str) {
    let _ = writeln!(out, "{line}");
}

fn write_failure(out: &mut dyn Write, summary: &Summary, color: Color) {
    if let Some(failure) = &summary.failure {
        put(out, failure_text(failure, color).trim_end());
    }
    let _ = out.flush();
}

/// The log of the step that failed, complete as far as it is known, and the lines of the Dockerfile.
fn failure_text(failure: &Failure, color: Color) -> String {
    use std::fmt::Write as _;
    let mut text = String::new();
    // Writing to a string cannot fail.
    let mut line = |part: &str| _ = writeln!(text, "{part}");
    if let Some(position) = &failure.position {
        let target = failure.target.as_deref().unwrap_or("build");
        line(&color.red(&format!(
            "{target}: step {position} failed: {}",
            one_line(&failure.instruction)
        )));
        let complete = failure
            .log_file
            .as_ref()
            .and_then(|file| std::fs::read(file).ok());
        let log = complete.map_or_else(
            || failure.log_tail.clone(),
            |bytes| String::from_utf8_lossy(&bytes).into_owned(),
        );
        for printed in log.lines() {
            line(&format!("  | {}", last_state(printed)));
        }
    }
    if let Some(excerpt) = &failure.excerpt {
        line(&format!("{}:{}", excerpt.file, excerpt.lines.0));
        line(excerpt.to_string().trim_end_matches('\n'));
    }
    line(&failure.error);
    text
}

/// What a terminal shows of a line that was overwritten with carriage returns, control characters taken out.
fn last_state(line: &str) -> String {
    let line = line.trim_end_matches('\r');
    let shown = line.rsplit('\r').next().unwrap_or(line);
    shown
        .chars()
        .filter(|c| !c.is_control() || *c == '\t')
        .collect()
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// At most `width` characters.
fn shortened(text: &str, width: usize) -> String {
    let text = one_line(text);
    match text.char_indices().nth(width) {
        Some(_) => {
            let cut = text
                .char_indices()
                .nth(width.saturating_sub(1))
                .map_or(0, |(at, _)| at);
            format!("{}…", text[..cut].trim_end())
        }
        None => text,
    }
}

/// `0.4s`, `12.3s`, `2m05s`.
fn shown(duration: Duration) -> String {
    let seconds = duration.as_secs();
    if seconds < 60 {
        format!("{:.1}s", duration.as_secs_f64())
    } else {
        format!("{}m{:02}s", seconds / 60, seconds % 60)
    }
}

#[cfg(test)]
mod tests;
