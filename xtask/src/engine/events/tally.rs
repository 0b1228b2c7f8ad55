//! Which steps of which target are done, as far as the events tell.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use super::{BuildEvent, Position, Timestamp, Vertex, VertexKind};

/// A step that should come, from reading the Dockerfile. Optional: BuildKit announces all steps of a target, but only
/// once everything it is linked to is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpectedStep {
    /// The stage, as BuildKit calls it.
    pub stage: Option<String>,
    /// From 1, counting `RUN`, `COPY`, `ADD` and `WORKDIR` of the stage.
    pub ordinal: u32,
    /// `RUN`, `COPY`, `ADD` or `WORKDIR`.
    pub keyword: String,
}

/// How far a step is. Ordered: where one step is reported under two digests, the greater state is the true one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StepState {
    /// Known, not started.
    Announced,
    /// The result was there already.
    Cached,
    /// Stopped because of something else.
    Canceled,
    /// Ran to its end.
    Done,
    /// Runs.
    Running,
    /// Failed.
    Failed,
}

/// What makes two reports of one target the same step.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StepKey {
    /// The platform, in multi-platform builds.
    pub platform: Option<String>,
    /// Stage and number.
    pub position: Position,
    /// The instruction.
    pub text: String,
}

/// A step of one target.
#[derive(Clone, Debug)]
pub struct Step {
    /// What tells it apart.
    pub key: StepKey,
    reports: Vec<Report>,
}

#[derive(Clone, Debug)]
struct Report {
    digest: String,
    state: StepState,
    duration: Duration,
}

impl Step {
    /// How far it is.
    #[must_use]
    pub fn state(&self) -> StepState {
        self.decisive().map_or(StepState::Announced, |r| r.state)
    }

    /// How long it ran.
    #[must_use]
    pub fn duration(&self) -> Duration {
        self.decisive().map_or(Duration::ZERO, |r| r.duration)
    }

    /// The digest that did the work, or would have.
    #[must_use]
    pub fn digest(&self) -> &str {
        self.decisive().map_or("", |r| r.digest.as_str())
    }

    /// The digest it was announced under. BuildKit merges steps that turn out to do the same only while they run, so
    /// this one is the same in a cold and in a warm build.
    #[must_use]
    pub fn announced_digest(&self) -> &str {
        self.reports.first().map_or("", |r| r.digest.as_str())
    }

    fn decisive(&self) -> Option<&Report> {
        // The first among equals, so that the answer does not change from event to event.
        self.reports.iter().rev().max_by_key(|r| r.state)
    }
}

/// How far a target is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Steps that are cached or done.
    pub finished: usize,
    /// All steps known or expected.
    pub total: usize,
    /// Of the finished ones, those whose result was there already.
    pub cached: usize,
    /// Whether a step failed.
    pub failed: bool,
}

#[derive(Clone, Debug, Default)]
struct Target {
    steps: Vec<Step>,
    /// Stages whose `FROM` counts as number 1.
    based: HashSet<(Option<String>, Option<String>)>,
    expected: Vec<ExpectedStep>,
    running: Vec<Arc<Vertex>>,
    first: Option<Timestamp>,
    last: Option<Timestamp>,
}

/// Keeps count of every target's steps.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    targets: BTreeMap<String, Target>,
    places: HashMap<(String, String), usize>,
}

impl Tally {
    /// Nothing has happened to these targets yet.
    pub fn new<S: Into<String>>(targets: impl IntoIterator<Item = S>) -> Self {
        Self {
            targets: targets
                .into_iter()
                .map(|name| (name.into(), Target::default()))
                .collect(),
            places: HashMap::new(),
        }
    }

    /// Says which steps a target should have.
    pub fn expect(&mut self, target: &str, steps: Vec<ExpectedStep>) {
        self.targets.entry(target.to_owned()).or_default().expected = steps;
    }

    /// Follows an event.
    pub fn apply(&mut self, event: &BuildEvent) {
        match event {
            BuildEvent::Announced(vertex) => self.set(vertex, StepState::Announced, None, None),
            BuildEvent::Started(vertex, at) => {
                self.set(vertex, StepState::Running, Some(*at), None);
            }
            BuildEvent::Cached(vertex, at) => self.set(vertex, StepState::Cached, *at, None),
            BuildEvent::Completed {
                vertex,
                at,
                duration,
            } => {
                self.set(vertex, StepState::Done, Some(*at), Some(*duration));
            }
            BuildEvent::Failed { vertex, at, .. } => self.set(vertex, StepState::Failed, *at, None),
            BuildEvent::Canceled(vertex, at) => self.set(vertex, StepState::Canceled, *at, None),
            _ => {}
        }
    }

    /// The targets, sorted by name.
    pub fn targets(&self) -> impl Iterator<Item = &str> {
        self.targets.keys().map(String::as_str)
    }

    /// The steps a target reported, in the order they were announced.
    #[must_use]
    pub fn steps(&self, target: &str) -> &[Step] {
        self.targets.get(target).map_or(&[], |t| &t.steps)
    }

    /// The step of `vertex`'s target that `vertex` reports on.
    #[must_use]
    pub fn step_of(&self, vertex: &Vertex) -> Option<&Step> {
        let target = target_of(vertex);
        let at = self
            .places
            .get(&(target.to_owned(), vertex.digest.clone()))?;
        self.targets.get(target)?.steps.get(*at)
    }

    /// How far a target is. A step it expects and did not report is looked up among the other targets' steps.
    #[must_use]
    pub fn progress(&self, name: &str) -> Progress {
        let Some(target) = self.targets.get(name) else {
            return Progress::default();
        };
        let unseen = target
            .expected
            .iter()
            .filter(|e| target.find(e).is_none())
            .map(|expected| {
                self.targets
                    .values()
                    .find_map(|other| other.find(expected))
                    .map_or(StepState::Announced, Step::state)
            });
        let mut progress = Progress::default();
        for state in target.steps.iter().map(Step::state).chain(unseen) {
            progress.total += 1;
            progress.finished += usize::from(matches!(state, StepState::Cached | StepState::Done));
            progress.cached += usize::from(state == StepState::Cached);
            progress.failed |= state == StepState::Failed;
        }
        progress
    }

    /// What a target does right now: an instruction if one runs, else BuildKit's own work.
    #[must_use]
    pub fn current(&self, target: &str) -> Option<&Vertex> {
        let running = &self.targets.get(target)?.running;
        running
            .iter()
            .rev()
            .find(|v| v.step().is_some())
            .or(running.last())
            .map(Arc::as_ref)
    }

    /// From the first start to the last end of anything a target needed.
    #[must_use]
    pub fn elapsed(&self, target: &str) -> Duration {
        let target = self.targets.get(target);
        target
            .and_then(|t| Some(t.last?.since(t.first?)))
            .unwrap_or_default()
    }

    /// The targets that need the work of this digest, those with the fewest steps first: a step of a shared base is
    /// first of all the base's.
    #[must_use]
    pub fn sharers(&self, digest: &str) -> Vec<&str> {
        let mut sharers: Vec<&str> = self
            .targets()
            .filter(|name| {
                self.places
                    .contains_key(&((*name).to_owned(), digest.to_owned()))
            })
            .collect();
        sharers.sort_by_key(|name| self.steps(name).len());
        sharers
    }

    /// All steps, each piece of work once: its digest and state.
    #[must_use]
    pub fn distinct(&self) -> BTreeMap<&str, StepState> {
        let mut distinct = BTreeMap::new();
        for step in self.targets.values().flat_map(|t| &t.steps) {
            let state = distinct
                .entry(step.announced_digest())
                .or_insert(StepState::Announced);
            *state = step.state().max(*state);
        }
        distinct
    }

    fn set(
        &mut self,
        vertex: &Arc<Vertex>,
        state: StepState,
        at: Option<Timestamp>,
        duration: Option<Duration>,
    ) {
        let name = target_of(vertex);
        if vertex.step().is_none() && vertex.target.is_none() {
            return;
        }
        let target = self.targets.entry(name.to_owned()).or_default();
        target.note_time(state, at);
        target.note_running(vertex, state);
        match &vertex.kind {
            VertexKind::Base(position) => {
                target
                    .based
                    .insert((vertex.platform.clone(), position.stage.clone()));
            }
            VertexKind::Step(position) => {
                let index = target.index_of(vertex, position);
                self.places
                    .insert((name.to_owned(), vertex.digest.clone()), index);
                target.steps[index].report(&vertex.digest, state, duration);
                self.share(vertex, state, duration);
            }
            _ => {}
        }
    }

    /// What is finished for one target is finished for all; their own reports come a moment later.
    fn share(&mut self, vertex: &Vertex, state: StepState, duration: Option<Duration>) {
        if !matches!(state, StepState::Done | StepState::Cached) {
            return;
        }
        for (name, target) in &mut self.targets {
            let place = self.places.get(&(name.clone(), vertex.digest.clone()));
            if let Some(step) = place.and_then(|at| target.steps.get_mut(*at)) {
                step.finish_waiting(&vertex.digest, state, duration);
            }
        }
    }
}

/// Vertices without a target come from a bake of a single one that the caller did not name.
fn target_of(vertex: &Vertex) -> &str {
    vertex.target.as_deref().unwrap_or("build")
}

impl Step {
    fn report(&mut self, digest: &str, state: StepState, duration: Option<Duration>) {
        let at = self
            .reports
            .iter()
            .position(|r| r.digest == digest)
            .unwrap_or_else(|| {
                self.reports.push(Report {
                    digest: digest.to_owned(),
                    state,
                    duration: Duration::ZERO,
                });
                self.reports.len() - 1
            });
        let report = &mut self.reports[at];
        report.state = state;
        report.duration = duration.unwrap_or(report.duration);
    }

    fn finish_waiting(&mut self, digest: &str, state: StepState, duration: Option<Duration>) {
        let waiting = |r: &&mut Report| {
            r.digest == digest && matches!(r.state, StepState::Announced | StepState::Running)
        };
        if let Some(report) = self.reports.iter_mut().find(waiting) {
            report.state = state;
            report.duration = duration.unwrap_or(report.duration);
        }
    }
}

impl Target {
    fn index_of(&mut self, vertex: &Vertex, position: &Position) -> usize {
        let same = |step: &Step| {
            step.key.position == *position
                && step.key.platform == vertex.platform
                && step.key.text == vertex.text
        };
        self.steps.iter().position(same).unwrap_or_else(|| {
            let key = StepKey {
                platform: vertex.platform.clone(),
                position: position.clone(),
                text: vertex.text.clone(),
            };
            self.steps.push(Step {
                key,
                reports: Vec::new(),
            });
            self.steps.len() - 1
        })
    }

    fn note_time(&mut self, state: StepState, at: Option<Timestamp>) {
        let Some(at) = at else { return };
        self.first = Some(self.first.map_or(at, |first| first.min(at)));
        if state != StepState::Running {
            self.last = Some(self.last.map_or(at, |last| last.max(at)));
        }
    }

    fn note_running(&mut self, vertex: &Arc<Vertex>, state: StepState) {
        self.running
            .retain(|running| running.digest != vertex.digest);
        if state == StepState::Running {
            self.running.push(Arc::clone(vertex));
        }
    }

    fn find(&self, expected: &ExpectedStep) -> Option<&Step> {
        self.steps.iter().find(|step| {
            let position = &step.key.position;
            let from = u32::from(
                self.based
                    .contains(&(step.key.platform.clone(), position.stage.clone())),
            );
            let keyword = step.key.text.split_whitespace().next().unwrap_or_default();
            position.stage == expected.stage
                && position.index.saturating_sub(from) == expected.ordinal
                && keyword.eq_ignore_ascii_case(&expected.keyword)
        })
    }
}

#[cfg(test)]
mod tests;
