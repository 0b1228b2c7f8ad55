//! What a build came to: numbers per target, and why it failed.

use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};

use super::{BuildEvent, BuildWarning, Excerpt, LogStore, Position, StepState, Tally};
use crate::error::{Error, Result};

/// What became of a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// All its steps are finished.
    Complete,
    /// One of its steps failed.
    Failed,
    /// It was not finished when the build ended.
    Stopped,
}

/// One target's numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetSummary {
    /// The target.
    pub target: String,
    /// Instructions that do work, those of linked targets too; `FROM` is not counted.
    pub steps: usize,
    /// Of them, those whose result was there already.
    pub steps_cached: usize,
    /// From the first start to the last end of anything it needed.
    pub elapsed: Duration,
    /// What became of it.
    pub outcome: Outcome,
}

/// Why a build failed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Failure {
    /// The target it happened in: of those sharing the step the one with the fewest steps.
    pub target: Option<String>,
    /// All targets that needed the step.
    pub shared_by: Vec<String>,
    /// Where the step stands; `None` if no step had started (a Dockerfile that cannot be read, a missing context).
    pub position: Option<Position>,
    /// The instruction with variables expanded; empty without a step.
    pub instruction: String,
    /// BuildKit's or buildx's message.
    pub error: String,
    /// The exit code of the program `RUN` started.
    pub exit_code: Option<i32>,
    /// The last part of what the step printed.
    pub log_tail: String,
    /// All it printed.
    pub log_file: Option<Utf8PathBuf>,
    /// The lines of the Dockerfile.
    pub excerpt: Option<Excerpt>,
}

impl Failure {
    /// As an error. `dockerfile` is the path of the Dockerfile, where the caller knows it.
    #[must_use]
    pub fn to_error(&self, dockerfile: Option<&Utf8Path>) -> Error {
        let place = self.excerpt.as_ref().map(|excerpt| {
            let file = dockerfile.map_or(excerpt.file.as_str(), Utf8Path::as_str);
            format!("{file}:{}", excerpt.lines.0)
        });
        let target = self
            .target
            .as_ref()
            .map_or_else(|| "the images".to_owned(), |t| format!("target {t}"));
        let at = place.map(|p| format!(" at {p}")).unwrap_or_default();
        let mut error = Error::failed(format!("failed to build {target}{at}"));
        error = match (&self.exit_code, &self.position) {
            (Some(code), Some(_)) => error.because(format!(
                "`{}` exited with {code}",
                shorten(&self.instruction)
            )),
            _ => error.because(&self.error),
        };
        if let Some(file) = &self.log_file {
            error = error.help(format!("the complete log of the step is in {file}"));
        }
        error
    }
}

/// On one line, at most 80 characters.
fn shorten(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match text.char_indices().nth(80) {
        Some((at, _)) => format!("{}…", text[..at].trim_end()),
        None => text,
    }
}

/// What a build came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// By name.
    pub targets: Vec<TargetSummary>,
    /// Steps of all targets, shared work counted once.
    pub steps: usize,
    /// Of them, those whose result was there already.
    pub steps_cached: usize,
    /// What build checks found, each once.
    pub warnings: Vec<BuildWarning>,
    /// Other lines of buildx.
    pub messages: Vec<String>,
    /// Why it failed; `None` if nothing did.
    pub failure: Option<Failure>,
}

impl Summary {
    /// Between 0 and 1; `None` if there were no steps.
    #[must_use]
    pub fn cache_hit_rate(&self) -> Option<f64> {
        (self.steps > 0).then(|| self.steps_cached as f64 / self.steps as f64)
    }

    /// One target's numbers.
    #[must_use]
    pub fn target(&self, name: &str) -> Option<&TargetSummary> {
        self.targets.iter().find(|t| t.target == name)
    }
}

/// How many lines of buildx are kept.
const MAX_MESSAGES: usize = 200;

/// Follows the events of one build to its end.
#[derive(Debug)]
pub struct Collector {
    tally: Tally,
    logs: LogStore,
    failed: Option<Failed>,
    excerpt: Option<Excerpt>,
    error: Option<(Option<String>, String)>,
    warnings: Vec<BuildWarning>,
    messages: Vec<String>,
}

#[derive(Debug)]
struct Failed {
    digest: String,
    position: Option<Position>,
    instruction: String,
    error: String,
    target: Option<String>,
}

impl Collector {
    /// For a bake of these targets. `logs` decides whether complete logs are kept on disk.
    pub fn new<S: Into<String>>(targets: impl IntoIterator<Item = S>, logs: LogStore) -> Self {
        Self {
            tally: Tally::new(targets),
            logs,
            failed: None,
            excerpt: None,
            error: None,
            warnings: Vec::new(),
            messages: Vec::new(),
        }
    }

    /// The count so far.
    #[must_use]
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// The count so far, to say what is expected.
    pub fn tally_mut(&mut self) -> &mut Tally {
        &mut self.tally
    }

    /// Follows an event.
    pub fn apply(&mut self, event: &BuildEvent) {
        self.tally.apply(event);
        self.logs.apply(event);
        match event {
            BuildEvent::Failed { vertex, error, .. } if self.failed.is_none() => {
                self.failed = Some(Failed {
                    digest: vertex.digest.clone(),
                    position: vertex.step().cloned(),
                    instruction: vertex.text.clone(),
                    error: error.clone(),
                    target: vertex.target.clone(),
                });
            }
            BuildEvent::Excerpt(excerpt) => self.excerpt = Some(excerpt.clone()),
            BuildEvent::Error { target, text } => {
                self.error
                    .get_or_insert_with(|| (target.clone(), text.clone()));
            }
            // Targets that share a Dockerfile report its warnings once each.
            BuildEvent::Warning(warning) => {
                let same = |w: &BuildWarning| {
                    w.text == warning.text && w.lines == warning.lines && w.file == warning.file
                };
                if !self.warnings.iter().any(same) {
                    self.warnings.push(warning.clone());
                }
            }
            BuildEvent::Message(message) if self.messages.len() < MAX_MESSAGES => {
                self.messages.push(message.clone());
            }
            _ => {}
        }
    }

    /// What it came to. After success, steps that were announced and never needed count as cached: a later step's
    /// result was there already.
    ///
    /// # Errors
    /// If the log of the failed step could not be written.
    pub fn finish(mut self) -> Result<Summary> {
        let failure = self.failure()?;
        let tally = &self.tally;
        let idle_is_cached = failure.is_none();
        let cached = |state: StepState| {
            state == StepState::Cached || (idle_is_cached && state == StepState::Announced)
        };
        let targets = tally
            .targets()
            .map(|name| {
                let progress = tally.progress(name);
                let idle = if idle_is_cached {
                    progress.total - progress.finished
                } else {
                    0
                };
                TargetSummary {
                    target: name.to_owned(),
                    steps: progress.total,
                    steps_cached: progress.cached + idle,
                    elapsed: tally.elapsed(name),
                    outcome: if progress.failed {
                        Outcome::Failed
                    } else if progress.finished + idle == progress.total && progress.total > 0
                        || idle_is_cached
                    {
                        Outcome::Complete
                    } else {
                        Outcome::Stopped
                    },
                }
            })
            .collect();
        let distinct = tally.distinct();
        Ok(Summary {
            targets,
            steps: distinct.len(),
            steps_cached: distinct.values().filter(|state| cached(**state)).count(),
            warnings: self.warnings,
            messages: self.messages,
            failure,
        })
    }

    fn failure(&mut self) -> Result<Option<Failure>> {
        let Some(failed) = self.failed.take() else {
            return Ok(self.error.take().map(|(target, error)| Failure {
                target,
                error,
                excerpt: self.excerpt.take(),
                ..Failure::default()
            }));
        };
        let shared_by: Vec<String> = self
            .tally
            .sharers(&failed.digest)
            .into_iter()
            .map(str::to_owned)
            .collect();
        let target = shared_by.first().cloned().or(failed.target);
        let log_tail = self.logs.tail(&failed.digest).to_owned();
        let name = [
            target.clone().unwrap_or_else(|| "build".to_owned()),
            failed
                .position
                .as_ref()
                .map(ToString::to_string)
                .unwrap_or_default(),
        ];
        let log_file = self.logs.keep(&failed.digest, name.join(" ").trim())?;
        Ok(Some(Failure {
            exit_code: exit_code(&failed.error),
            target,
            shared_by,
            position: failed.position,
            instruction: failed.instruction,
            error: failed.error,
            log_tail,
            log_file,
            excerpt: self.excerpt.take(),
        }))
    }
}

/// From `process "…" did not complete successfully: exit code: 3`.
fn exit_code(error: &str) -> Option<i32> {
    let (_, rest) = error.rsplit_once("exit code: ")?;
    let digits = rest
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(rest.len());
    rest[..digits].parse().ok()
}

#[cfg(test)]
mod tests;
