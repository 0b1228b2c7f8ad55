//! A line of JSON per event, for programs.

use std::io::Write;

use serde_json::{Value, json};

use super::{Progress, put};
use crate::engine::events::{BuildEvent, LogChannel, Summary, Tally, Vertex};

/// Writes one object per line. `event` tells what it is: `step` (with `state`), `log`, `warning`, `message`, `error`.
/// A step that several targets share has a line for each, with the same `digest`.
pub struct JsonLines<'a> {
    out: Box<dyn Write + Send + 'a>,
}

impl<'a> JsonLines<'a> {
    /// Writes to `out`.
    #[must_use]
    pub fn new(out: Box<dyn Write + Send + 'a>) -> Self {
        Self { out }
    }

    fn step(&mut self, vertex: &Vertex, state: &str, more: &[(&str, Value)]) {
        let Some(position) = vertex.step() else {
            return;
        };
        let mut object = json!({
            "event": "step", "target": vertex.target, "state": state, "platform": vertex.platform,
            "stage": position.stage, "index": position.index, "total": position.total,
            "instruction": vertex.text, "digest": vertex.digest,
        });
        for (name, value) in more {
            object[*name] = value.clone();
        }
        self.line(&object);
    }

    fn line(&mut self, object: &Value) {
        put(&mut *self.out, &object.to_string());
    }
}

impl Progress for JsonLines<'_> {
    fn event(&mut self, event: &BuildEvent, _: &Tally) {
        match event {
            BuildEvent::Announced(vertex) => self.step(vertex, "announced", &[]),
            BuildEvent::Started(vertex, _) => self.step(vertex, "started", &[]),
            BuildEvent::Cached(vertex, _) => self.step(vertex, "cached", &[]),
            BuildEvent::Completed { vertex, duration, .. } => {
                self.step(vertex, "completed", &[("seconds", json!(duration.as_secs_f64()))]);
            }
            BuildEvent::Failed { vertex, error, .. } => self.step(vertex, "failed", &[("error", json!(error))]),
            BuildEvent::Canceled(vertex, _) => self.step(vertex, "canceled", &[]),
            BuildEvent::Log { vertex, channel, text } => {
                let channel = if *channel == LogChannel::Stderr { "stderr" } else { "stdout" };
                self.line(&json!({
                    "event": "log", "target": vertex.target, "digest": vertex.digest, "channel": channel, "text": text,
                }));
            }
            BuildEvent::Warning(warning) => self.line(&json!({
                "event": "warning", "target": warning.target, "text": warning.text, "url": warning.url,
                "file": warning.file, "lines": warning.lines,
            })),
            BuildEvent::Excerpt(excerpt) => self.line(&json!({
                "event": "excerpt", "file": excerpt.file, "lines": excerpt.lines, "text": excerpt.to_string(),
            })),
            BuildEvent::Error { target, text } => {
                self.line(&json!({"event": "error", "target": target, "text": text}));
            }
            BuildEvent::Message(text) => self.line(&json!({"event": "message", "text": text})),
            BuildEvent::Transfer { .. } => {}
        }
    }

    fn finish(&mut self, _: &Summary) {
        let _ = self.out.flush();
    }
}
