//! Lines of `--progress=rawjson` to events.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use super::excerpt::{ExcerptReader, Read};
use super::{BuildEvent, BuildWarning, LogChannel, Timestamp, Vertex, VertexKind, name, wire};

/// The longest piece of a line that is shown when it cannot be read.
const SHOWN_BYTES: usize = 200;

/// Reads what buildx prints, line by line, and remembers each vertex so that every change is told once.
#[derive(Debug, Default)]
pub struct Stream {
    targets: BTreeSet<String>,
    /// By digest and name: a shared vertex has one name per target.
    seen: HashMap<(String, String), Seen>,
    /// The first name under which a digest came.
    owners: HashMap<String, Arc<Vertex>>,
    excerpt: ExcerptReader,
}

#[derive(Debug)]
struct Seen {
    vertex: Arc<Vertex>,
    running_since: Option<Timestamp>,
    spent: Duration,
    closed: Option<Timestamp>,
    cached: bool,
    ended: bool,
}

impl Stream {
    /// For a bake of these targets; name the linked ones (`contexts = { x = "target:y" }`) too.
    pub fn new<S: Into<String>>(targets: impl IntoIterator<Item = S>) -> Self {
        Self {
            targets: targets.into_iter().map(Into::into).collect(),
            ..Self::default()
        }
    }

    /// What one line of standard error tells. Never fails: a line that cannot be read becomes a message.
    #[must_use]
    pub fn feed(&mut self, line: &str) -> Vec<BuildEvent> {
        if !line.starts_with('{') {
            return self.plain(line);
        }
        // An excerpt is printed in one go: a JSON line in between shows that it was none.
        let mut events: Vec<_> = self
            .excerpt
            .end()
            .iter()
            .filter_map(|held| message(held))
            .collect();
        match serde_json::from_str::<wire::Line>(line) {
            Ok(line) => self.update(line, &mut events),
            Err(error) => {
                let mut end = line.len().min(SHOWN_BYTES);
                while !line.is_char_boundary(end) {
                    end -= 1;
                }
                let shown = &line[..end];
                events.push(BuildEvent::Message(format!(
                    "unreadable progress line ({error}): {shown}"
                )));
            }
        }
        events
    }

    /// What was held back because it might have been the start of something.
    #[must_use]
    pub fn finish(&mut self) -> Vec<BuildEvent> {
        self.excerpt
            .end()
            .iter()
            .filter_map(|held| message(held))
            .collect()
    }

    fn plain(&mut self, line: &str) -> Vec<BuildEvent> {
        match self.excerpt.feed(line) {
            Read::Held => Vec::new(),
            Read::Done(excerpt) => vec![BuildEvent::Excerpt(excerpt)],
            Read::Plain(lines) => lines.iter().filter_map(|line| message(line)).collect(),
        }
    }

    fn update(&mut self, line: wire::Line, events: &mut Vec<BuildEvent>) {
        for vertex in line.vertexes.unwrap_or_default() {
            self.vertex(vertex, events);
        }
        for status in line.statuses.unwrap_or_default() {
            if let Some(vertex) = self.owners.get(&status.vertex) {
                events.push(BuildEvent::Transfer {
                    vertex: Arc::clone(vertex),
                    what: status.id,
                    current: u64::try_from(status.current).unwrap_or(0),
                    total: u64::try_from(status.total).unwrap_or(0),
                });
            }
        }
        for log in line.logs.unwrap_or_default() {
            let text = wire::decode(&log.data);
            if text.is_empty() {
                continue;
            }
            events.push(BuildEvent::Log {
                vertex: self.owner(&log.vertex),
                channel: if log.stream == 2 {
                    LogChannel::Stderr
                } else {
                    LogChannel::Stdout
                },
                text,
            });
        }
        for warning in line.warnings.unwrap_or_default() {
            events.push(BuildEvent::Warning(self.warning(warning)));
        }
    }

    /// The vertex a log belongs to; one that was never announced is kept under its digest.
    fn owner(&self, digest: &str) -> Arc<Vertex> {
        self.owners.get(digest).cloned().unwrap_or_else(|| {
            Arc::new(Vertex {
                digest: digest.to_owned(),
                target: None,
                platform: None,
                kind: VertexKind::Other,
                text: String::new(),
            })
        })
    }

    fn vertex(&mut self, raw: wire::Vertex, events: &mut Vec<BuildEvent>) {
        if raw.digest.is_empty() {
            return;
        }
        let started = raw.started.as_deref().and_then(Timestamp::parse);
        let completed = raw.completed.as_deref().and_then(Timestamp::parse);
        let key = (raw.digest, raw.name);
        let seen = match self.seen.entry(key) {
            std::collections::hash_map::Entry::Occupied(entry) => entry.into_mut(),
            std::collections::hash_map::Entry::Vacant(entry) => {
                let (digest, name) = entry.key();
                let name::Name {
                    target,
                    platform,
                    kind,
                    text,
                } = name::parse(name, &self.targets);
                let digest = digest.clone();
                let vertex = Arc::new(Vertex {
                    digest: digest.clone(),
                    target,
                    platform,
                    kind,
                    text,
                });
                self.owners
                    .entry(digest)
                    .or_insert_with(|| Arc::clone(&vertex));
                events.push(BuildEvent::Announced(Arc::clone(&vertex)));
                entry.insert(Seen {
                    vertex,
                    running_since: None,
                    spent: Duration::ZERO,
                    closed: None,
                    cached: false,
                    ended: false,
                })
            }
        };
        seen.update(started, completed, raw.cached, raw.error, events);
    }

    fn warning(&self, raw: wire::Warning) -> BuildWarning {
        let lines = raw.range.unwrap_or_default();
        let first = lines.iter().map(|r| r.start.line).min();
        let last = lines.iter().map(|r| r.end.line.max(r.start.line)).max();
        BuildWarning {
            target: self.owners.get(&raw.vertex).and_then(|v| v.target.clone()),
            text: wire::decode(&raw.short),
            details: raw
                .detail
                .unwrap_or_default()
                .iter()
                .map(|d| wire::decode(d))
                .collect(),
            url: Some(raw.url).filter(|url| !url.is_empty()),
            file: raw.source.map(|s| s.filename).filter(|f| !f.is_empty()),
            lines: first.zip(last).filter(|(first, _)| *first > 0),
        }
    }
}

impl Seen {
    fn update(
        &mut self,
        started: Option<Timestamp>,
        completed: Option<Timestamp>,
        cached: bool,
        error: String,
        events: &mut Vec<BuildEvent>,
    ) {
        let vertex = || Arc::clone(&self.vertex);
        if !error.is_empty() {
            if !std::mem::replace(&mut self.ended, true) {
                events.push(if is_cancel(&error) {
                    BuildEvent::Canceled(vertex(), completed)
                } else {
                    BuildEvent::Failed {
                        vertex: vertex(),
                        at: completed,
                        error,
                    }
                });
            }
            return;
        }
        if cached {
            if !std::mem::replace(&mut self.cached, true) {
                events.push(BuildEvent::Cached(vertex(), completed.or(started)));
            }
            return;
        }
        let Some(started) = started else { return };
        // A vertex may pause and start again, with a new start time.
        let reopened = self.running_since != Some(started);
        if reopened {
            events.push(BuildEvent::Started(vertex(), started));
        }
        if let Some(at) = completed
            && (reopened || self.closed.is_none())
        {
            self.spent += at.since(started);
            events.push(BuildEvent::Completed {
                vertex: vertex(),
                at,
                duration: self.spent,
            });
        }
        self.running_since = Some(started);
        if reopened || completed.is_some() {
            self.closed = completed;
        }
    }
}

/// BuildKit reports steps it stopped because of another's failure as failed, too.
fn is_cancel(error: &str) -> bool {
    error.ends_with("context canceled") || error.ends_with("Canceled")
}

/// A plain line: an error that may name its target, or a message.
fn message(line: &str) -> Option<BuildEvent> {
    let line = line.trim_end();
    if line.is_empty() {
        return None;
    }
    let Some(text) = line.strip_prefix("ERROR: ") else {
        return Some(BuildEvent::Message(line.to_owned()));
    };
    let named = text
        .strip_prefix("target ")
        .and_then(|rest| rest.split_once(": "))
        .filter(|(target, _)| !target.contains(' '));
    let (target, text) = match named {
        Some((target, text)) => (Some(target.to_owned()), text),
        None => (None, text),
    };
    Some(BuildEvent::Error {
        target,
        text: text.to_owned(),
    })
}

#[cfg(test)]
mod tests;
