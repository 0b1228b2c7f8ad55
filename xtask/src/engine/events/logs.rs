//! What the steps printed: the end in memory, all of it in a file until the step is done.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::Write;

use camino::{Utf8Path, Utf8PathBuf};

use super::BuildEvent;
use crate::error::{Error, Result};

/// How much of each running step's log is kept in memory, in bytes.
const TAIL_BYTES: usize = 64 * 1024;

/// Keeps logs while steps run. Those of successful steps are forgotten, those of failed ones stay on disk.
#[derive(Debug, Default)]
pub struct LogStore {
    directory: Option<Utf8PathBuf>,
    running: HashMap<String, Running>,
    problem: Option<Error>,
}

#[derive(Debug, Default)]
struct Running {
    tail: String,
    cut: bool,
    file: Option<(File, Utf8PathBuf)>,
}

impl LogStore {
    /// Keeps tails only.
    #[must_use]
    pub fn in_memory() -> Self {
        Self::default()
    }

    /// Writes complete logs to `directory`, which is created.
    ///
    /// # Errors
    /// If it cannot be created.
    pub fn spooled(directory: &Utf8Path) -> Result<Self> {
        std::fs::create_dir_all(directory)
            .map_err(|e| Error::usage(format!("failed to create {directory}")).because(e))?;
        let mut logs = Self::default();
        logs.directory = Some(directory.to_owned());
        Ok(logs)
    }

    /// Follows an event.
    pub fn apply(&mut self, event: &BuildEvent) {
        match event {
            BuildEvent::Log { vertex, text, .. } => self.append(&vertex.digest, text),
            BuildEvent::Completed { vertex, .. } | BuildEvent::Cached(vertex, _) => {
                if let Some(running) = self.running.remove(&vertex.digest) {
                    running.discard();
                }
            }
            _ => {}
        }
    }

    /// The last lines a step printed, from a line's start if something was cut.
    #[must_use]
    pub fn tail(&self, digest: &str) -> &str {
        self.running.get(digest).map_or("", |running| {
            let whole = running.tail.as_str();
            match whole.find('\n') {
                Some(at) if running.cut => &whole[at + 1..],
                _ => whole,
            }
        })
    }

    /// The file with the complete log of a step, given its final name. `None` if it printed nothing.
    ///
    /// # Errors
    /// If a log could not be written; the tail is still there.
    pub fn keep(&mut self, digest: &str, name: &str) -> Result<Option<Utf8PathBuf>> {
        if let Some(problem) = self.problem.take() {
            return Err(problem);
        }
        let Some((_, from)) = self
            .running
            .get_mut(digest)
            .and_then(|running| running.file.take())
        else {
            return Ok(None);
        };
        let plain = |c: char| {
            if c.is_ascii_alphanumeric() || "-_.".contains(c) {
                c
            } else {
                '-'
            }
        };
        let to = from.with_file_name(format!(
            "{}.log",
            name.chars().map(plain).collect::<String>()
        ));
        std::fs::rename(&from, &to)
            .map_err(|e| Error::failed(format!("failed to rename {from} to {to}")).because(e))?;
        Ok(Some(to))
    }

    fn append(&mut self, digest: &str, text: &str) {
        let running = self.running.entry(digest.to_owned()).or_default();
        running.tail.push_str(text);
        if running.tail.len() > 2 * TAIL_BYTES {
            let mut cut = running.tail.len() - TAIL_BYTES;
            while !running.tail.is_char_boundary(cut) {
                cut += 1;
            }
            running.tail.drain(..cut);
            running.cut = true;
        }
        let Some(directory) = &self.directory else {
            return;
        };
        if self.problem.is_some() {
            return;
        }
        if let Err(error) = running.write(directory, digest, text) {
            self.problem = Some(
                Error::failed(format!("failed to write a build log to {directory}")).because(error),
            );
        }
    }
}

impl Running {
    fn write(&mut self, directory: &Utf8Path, digest: &str, text: &str) -> std::io::Result<()> {
        if self.file.is_none() {
            let short: String = digest
                .trim_start_matches("sha256:")
                .chars()
                .filter(char::is_ascii_alphanumeric)
                .take(16)
                .collect();
            let path = directory.join(format!(".{short}.part"));
            let file = OpenOptions::new()
                .create(true)
                .write(true)
                .truncate(true)
                .open(&path)?;
            self.file = Some((file, path));
        }
        match &mut self.file {
            Some((file, _)) => file.write_all(text.as_bytes()),
            None => Ok(()),
        }
    }

    fn discard(self) {
        if let Some((_, path)) = self.file {
            // A leftover in the target folder does no harm and is overwritten next time.
            let _ = std::fs::remove_file(path);
        }
    }
}

impl Drop for LogStore {
    fn drop(&mut self) {
        for (_, running) in self.running.drain() {
            running.discard();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::engine::events::{LogChannel, Timestamp, Vertex, VertexKind};

    fn vertex(digest: &str) -> Arc<Vertex> {
        Arc::new(Vertex {
            digest: digest.into(),
            target: None,
            platform: None,
            kind: VertexKind::Other,
            text: String::new(),
        })
    }

    fn log(digest: &str, text: &str) -> BuildEvent {
        BuildEvent::Log {
            vertex: vertex(digest),
            channel: LogChannel::Stdout,
            text: text.into(),
        }
    }

    #[test]
    fn a_huge_log_is_bounded_in_memory_and_complete_on_disk() {
        let folder = tempfile::tempdir().unwrap();
        let folder = Utf8Path::from_path(folder.path()).unwrap().join("logs");
        let mut logs = LogStore::spooled(&folder).unwrap();
        let line = "\u{e9}".repeat(100) + "\n";
        for _ in 0..2_000 {
            logs.apply(&log("sha256:aa", &line));
        }
        let tail = logs.tail("sha256:aa");
        assert!(
            tail.len() <= 2 * TAIL_BYTES && tail.len() > TAIL_BYTES / 2,
            "{}",
            tail.len()
        );
        assert!(tail.starts_with(&line) && tail.ends_with(&line));
        let kept = logs.keep("sha256:aa", "api build 1/2").unwrap().unwrap();
        assert_eq!(kept.file_name(), Some("api-build-1-2.log"));
        assert_eq!(
            std::fs::metadata(&kept).unwrap().len(),
            2_000 * line.len() as u64
        );
        drop(logs);
        assert!(kept.exists());
    }

    #[test]
    fn the_log_of_a_successful_step_is_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let folder = Utf8Path::from_path(folder.path()).unwrap();
        let mut logs = LogStore::spooled(folder).unwrap();
        logs.apply(&log("sha256:aa", "x"));
        logs.apply(&log("sha256:bb", "y"));
        assert_eq!(std::fs::read_dir(folder).unwrap().count(), 2);
        let at = Timestamp::parse("2026-01-01T00:00:00Z").unwrap();
        logs.apply(&BuildEvent::Completed {
            vertex: vertex("sha256:aa"),
            at,
            duration: std::time::Duration::ZERO,
        });
        assert_eq!((logs.tail("sha256:aa"), logs.tail("sha256:bb")), ("", "y"));
        drop(logs);
        assert_eq!(std::fs::read_dir(folder).unwrap().count(), 0);
    }
}
