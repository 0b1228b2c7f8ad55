//! One service on its own, whose image is exchanged.

use std::cell::RefCell;
use std::time::{Duration, Instant};

use super::super::Trial;
use super::variables;
use crate::commands::rollback::{Health, Target};
use crate::engine::containers::{Container, Session};
use crate::error::{Error, Result};
use crate::project::ImageDefinition;
use crate::trial::logs::clipped;

/// How often a container is asked for its health.
const POLL: Duration = Duration::from_millis(100);
/// Lines of its log that are told.
const TAIL: usize = 10;

/// A service that runs in a container; the next is started beside it, and takes its place once it is healthy.
pub(super) struct Stage<'s> {
    session: &'s Session<'s>,
    options: Vec<String>,
    patience: Duration,
    grace: Duration,
    running: RefCell<Option<(String, Container<'s>)>>,
    evidence: RefCell<Vec<String>>,
    log: RefCell<Vec<String>>,
}

impl<'s> Stage<'s> {
    pub(super) fn new(
        trial: &Trial<'_>,
        session: &'s Session<'s>,
        image: &ImageDefinition,
    ) -> Self {
        let limits = trial.project.manifest.test.of(&image.name).limits;
        let mut options = variables(trial, &image.name);
        options.push("--read-only".to_owned());
        let folders = limits.tmpfs.iter().flatten();
        options.extend(folders.map(|folder| format!("--tmpfs={folder}")));
        let seconds = |period: Option<crate::timestamp::Period>, otherwise: u64| {
            Duration::from_secs(period.map_or(otherwise, crate::timestamp::Period::seconds))
        };
        Self {
            session,
            options,
            patience: seconds(limits.healthy_within, 30),
            grace: seconds(limits.stops_within, 10),
            running: RefCell::new(None),
            evidence: RefCell::default(),
            log: RefCell::default(),
        }
    }

    /// What runs, by its digest.
    pub(super) fn current(&self) -> Option<String> {
        let running = self.running.borrow();
        running.as_ref().map(|(reference, _)| reference.clone())
    }

    /// The last answers of health checks that did not pass.
    pub(super) fn take_evidence(&self) -> Vec<String> {
        self.evidence.take()
    }

    /// The last lines of what did not become healthy.
    pub(super) fn log_tail(&self) -> Result<Vec<String>> {
        Ok(self.log.take())
    }

    /// Waits for a verdict of its health check.
    fn health(&self, container: &Container<'_>) -> Result<Health> {
        let begin = Instant::now();
        loop {
            self.session.means().interrupt.check()?;
            let state = container.state()?;
            let why = match state.health.as_deref() {
                Some("healthy") => return Ok(Health::Healthy),
                _ if !state.running => format!("it ended with {}", state.exit_code),
                Some("unhealthy") => "its health check says unhealthy".to_owned(),
                None => return Ok(Health::Untold("it has no health check".to_owned())),
                Some(_) if begin.elapsed() >= self.patience => {
                    format!("it is not healthy after {} s", self.patience.as_secs())
                }
                Some(_) => {
                    std::thread::sleep(POLL);
                    continue;
                }
            };
            let probes = state.probes.iter().rev().take(2).map(|probe| {
                let said = probe.output.lines().next().unwrap_or_default();
                format!(
                    "health check ended with {}: {}",
                    probe.exit_code,
                    clipped(said)
                )
            });
            self.evidence.borrow_mut().extend(probes);
            let logs = container.logs()?;
            let text = format!("{}\n{}", logs.text(), logs.error_text());
            let lines: Vec<&str> = text.lines().filter(|line| !line.is_empty()).collect();
            let tail = lines.iter().skip(lines.len().saturating_sub(TAIL));
            *self.log.borrow_mut() = tail.map(|line| clipped(line)).collect();
            return Ok(Health::Unhealthy(why));
        }
    }
}

impl Target for Stage<'_> {
    fn name(&self) -> &'static str {
        "containers"
    }

    fn running(&self, _: &str) -> Result<Option<String>> {
        Ok(self.current())
    }

    fn put(&self, _: &str, reference: &str) -> Result<Health> {
        // By digest, from the registry: nothing of the same name that is in the engine already counts.
        let mut options = vec!["--pull=always".to_owned()];
        options.extend_from_slice(&self.options);
        let container = match self.session.start(&options, reference, &[]) {
            Ok(container) => container,
            Err(error) => return not_started(error),
        };
        let health = self.health(&container)?;
        // What ran goes on until the new one is healthy, as it would behind a load balancer.
        if matches!(health, Health::Unhealthy(_)) {
            return Ok(health);
        }
        let before = self
            .running
            .replace(Some((reference.to_owned(), container)));
        if let Some((_, before)) = before {
            before.stop(self.grace).map_err(|error| {
                Error::failed("the version before could not be stopped").because(error)
            })?;
        }
        Ok(health)
    }
}

/// That the engine cannot start an image says something about the image.
fn not_started(error: Error) -> Result<Health> {
    let said = error.tool_output().unwrap_or_default();
    let why = said
        .lines()
        .find(|line| line.contains("Error response from daemon"));
    match why {
        Some(why) => Ok(Health::Unhealthy(clipped(why))),
        None => Err(error),
    }
}
